internal import CairnCore
internal import CairnDomains
internal import CairnJournal

/// Gathers rows into turns: one is on its way to the disk while the next is gathered.
///
/// Never two, because a stream's events keep their order only if turns are given one by one.
final class ImportBatches {
    /// Most bytes of rows in one turn, unless a single row is larger.
    static let batchByteCountMax = 8 << 20
    /// Most requests whose tenant is remembered.
    static let knownTenantCountMax = 65_536

    var summary = ImportSummary()
    /// The inputs' names, which rows refer to by their index.
    var sources: [String] = []
    /// Whether a row or the journal stopped the import, so that nothing may follow.
    private(set) var hasStopped = false
    /// Whether the next batches take their recorded times from `created_at`.
    var recordsCreation = false

    private let options: ImportOptions
    private let turn: PipelineImporter.TurnRunner
    private var rows: [QueuedRow] = []
    private var byteCount = 0
    private var inFlight: Flight?
    private var tenants: [StreamID: String] = [:]
    private var requests: Set<UInt64> = []
    private var progress = ImportProgress()
    private var onProgress: (ImportProgress) -> Void = { _ in }
    private var onBadRow: (ImportError) -> Void = { _ in }
    private var input: InputBytes?
    private var earlierBytes = 0

    private typealias Answer = Result<[ImportOutcome], JournalError>

    /// A batch on its way to the disk.
    private struct Flight {
        let rows: [QueuedRow]
        let recordsCreation: Bool
        let task: Task<Answer, Never>
    }

    init(_ options: ImportOptions, turn: @escaping PipelineImporter.TurnRunner) {
        self.options = options
        self.turn = turn
    }

    func begin(
        byteCount: Int?,
        onProgress: @escaping (ImportProgress) -> Void,
        onBadRow: @escaping (ImportError) -> Void
    ) {
        rows = []
        hasStopped = false
        progress.byteCount = byteCount
        self.onProgress = onProgress
        self.onBadRow = onBadRow
    }

    /// Reports the bytes of an input from now on.
    func follow(_ next: InputBytes) {
        if let input { earlierBytes += input.fileOffset }
        input = next
    }

    /// Counts a bad row, or stops at it.
    func setAside(_ error: ImportError) throws(ImportError) {
        guard options.skipsBadRows else { throw error }
        summary.badRows += 1
        onBadRow(error)
    }

    /// Adds a row to the batch, and sends the batch if it is full.
    func add(_ row: ImportRow, source: Int) async throws(ImportError) {
        try stopIfAsked(at: row, source: source)
        let names: ImportNames
        do {
            names = try row.checkedNames()
        } catch {
            let place = row.place
            return try setAside(
                ImportError(source: sources[source], place: place, reason: error.reason)
            )
        }
        rows.append(
            QueuedRow(row: row, names: names, knownTenant: tenants[names.stream], source: source)
        )
        byteCount += row.byteCount
        let countMax = min(max(options.batchEventCount, 1), ImportOptions.batchEventCountMax)
        if rows.count >= countMax || byteCount >= Self.batchByteCountMax { try await send() }
    }

    /// Ends the import before a row if whoever started it wants that.
    func stopIfAsked(at row: ImportRow, source: Int) throws(ImportError) {
        if options.shouldStop() { throw stop(at: row, source: source) }
    }

    private func stop(at row: ImportRow, source: Int) -> ImportError {
        hasStopped = true
        return ImportError(source: sources[source], place: row.place, reason: .stopped)
    }

    /// Sends what is left and waits until all of it is durable.
    func flush() async throws(ImportError) {
        if !rows.isEmpty { try await send() }
        try await settle()
    }

    private func send() async throws(ImportError) {
        let batch = rows
        rows = []
        byteCount = 0
        try await settle()
        start(batch)
    }

    private func start(_ batch: [QueuedRow]) {
        let goesOn = options.skipsBadRows
        let recordsCreation = recordsCreation
        let turn = turn
        let task = Task {
            let rows = batch.map { PreparedRow($0, recordsCreation: recordsCreation) }
            let body = ImportTurn(rows: rows, goesOn: goesOn)
            do throws(JournalError) {
                return Answer.success(
                    try await turn { scope throws(JournalError) in try body.run(in: scope) }
                )
            } catch {
                return Answer.failure(error)
            }
        }
        inFlight = Flight(rows: batch, recordsCreation: recordsCreation, task: task)
    }

    /// Waits for the batch that is on its way and counts what became of it.
    func settle() async throws(ImportError) {
        while let flight = inFlight {
            inFlight = nil
            switch await flight.task.value {
            case .failure(let error):
                hasStopped = true
                throw ImportError(
                    source: flight.rows.first.map { sources[$0.source] } ?? "",
                    place: flight.rows.first?.row.place,
                    reason: .journal(error)
                )
            case .success(let outcomes):
                for (row, outcome) in zip(flight.rows, outcomes) {
                    try count(row, outcome, recordsCreation: flight.recordsCreation)
                }
                // What one turn had no room for goes into the next.
                let rest = flight.rows.dropFirst(outcomes.count)
                if let row = rest.first {
                    guard !outcomes.isEmpty else { throw stop(at: row.row, source: row.source) }
                    start(Array(rest))
                }
            }
            report()
        }
    }

    /// Says how far the import is.
    func report() {
        progress.bytes = earlierBytes + (input?.fileOffset ?? 0)
        progress.events = summary.events + summary.duplicates
        onProgress(progress)
    }

    private func count(
        _ queued: QueuedRow,
        _ outcome: ImportOutcome,
        recordsCreation: Bool
    ) throws(ImportError) {
        let reason: ImportReason
        let row = queued.row
        switch outcome {
        case .appended(let receipt):
            if receipt.isDuplicate {
                summary.duplicates += 1
            } else {
                summary.events += 1
                let isShifted = recordsCreation && receipt.recordedAt != row.event.createdAt
                if isShifted { summary.shiftedTimes += 1 }
            }
            if requests.insert(row.request.stableDigest).inserted {
                summary.requests += 1
            }
            // One that was there before may be removed, and then it is nobody's tenant.
            if queued.knownTenant == nil, !receipt.isDuplicate {
                if tenants.count == Self.knownTenantCountMax {
                    tenants.removeAll(keepingCapacity: true)
                }
                tenants[queued.names.stream] = row.event.tenant
            }
            return
        case .refused(let error): reason = .refused(error)
        case .unreadable(let error): reason = .codec(error)
        case .invalid(let fault): reason = fault
        case .otherTenant(let known):
            reason = .otherTenant(request: row.request, known: known, given: row.event.tenant)
        }
        hasStopped = !options.skipsBadRows
        try setAside(ImportError(source: sources[queued.source], place: row.place, reason: reason))
    }
}

extension ImportRow {
    /// At least as many bytes as the event's payload has, and about what the row takes in memory.
    var byteCount: Int {
        var count = 512 + request.utf8.count + (event.metadata?.count ?? 0)
        for text in [event.tenant, event.stage, event.eventType, event.status.word] {
            count += text.utf8.count
        }
        for text in [
            event.externalReference, event.errorCode, event.errorMessage, event.workerID,
            event.serviceName,
        ] {
            count += text?.utf8.count ?? 0
        }
        return count
    }

    /// The stream and the id, checked against the journal's limits.
    func checkedNames() throws(RowFault) -> ImportNames {
        do {
            return ImportNames(
                stream: try PipelineEvent.streamID(request: request),
                id: try key.eventID(request: request)
            )
        } catch {
            throw RowFault(.limit(error))
        }
    }

    /// The event that a journal appends.
    func newEvent(id: EventID, recordedAt: Timestamp?) throws(RowFault) -> NewEvent {
        do {
            return try event.newEvent(id: id, recordedAt: recordedAt)
        } catch {
            switch error {
            case .metadata(let error):
                throw RowFault(.malformedJSON(message: "metadata: \(error)"))
            case .limit(let error): throw RowFault(.limit(error))
            }
        }
    }
}
