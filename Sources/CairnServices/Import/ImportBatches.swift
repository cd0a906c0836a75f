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
    private var inFlight: (rows: [QueuedRow], task: Task<Answer, Never>)?
    private var tenants: [StreamID: String] = [:]
    private var requests: Set<UInt64> = []
    private var progress = ImportProgress()
    private var onProgress: (ImportProgress) -> Void = { _ in }
    private var onBadRow: (ImportError) -> Void = { _ in }
    private var input: InputBytes?
    private var earlierBytes = 0

    private typealias Answer = Result<[ImportOutcome], JournalError>

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
        if rows.count >= max(options.batchEventCount, 1) || byteCount >= Self.batchByteCountMax {
            try await send()
        }
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
        inFlight = (batch, task)
    }

    /// Waits for the batch that is on its way and counts what became of it.
    private func settle() async throws(ImportError) {
        guard let (batch, task) = inFlight else { return }
        inFlight = nil
        switch await task.value {
        case .failure(let error):
            hasStopped = true
            throw ImportError(
                source: batch.first.map { sources[$0.source] } ?? "",
                place: batch.first?.row.place,
                reason: .journal(error)
            )
        case .success(let outcomes):
            for (row, outcome) in zip(batch, outcomes) { try count(row, outcome) }
        }
        report()
    }

    /// Says how far the import is.
    func report() {
        progress.bytes = earlierBytes + (input?.fileOffset ?? 0)
        progress.events = summary.events + summary.duplicates
        onProgress(progress)
    }

    private func count(_ queued: QueuedRow, _ outcome: ImportOutcome) throws(ImportError) {
        let reason: ImportReason
        let row = queued.row
        switch outcome {
        case .appended(let receipt):
            if receipt.isDuplicate { summary.duplicates += 1 } else { summary.events += 1 }
            if requests.insert(OrdinalCounter.digest(of: row.request)).inserted {
                summary.requests += 1
            }
            if queued.knownTenant == nil {
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
    /// About how much memory the row takes.
    var byteCount: Int {
        512 + (event.metadata?.count ?? 0) + (event.errorMessage?.utf8.count ?? 0)
    }

    /// The stream and the id, checked against the journal's limits.
    func checkedNames() throws(RowFault) -> ImportNames {
        do {
            return ImportNames(
                stream: try PipelineEvent.streamID(request: request),
                id: try EventID("\(request)/\(key)")
            )
        } catch {
            throw RowFault(.limit(error))
        }
    }

    /// The event that a journal appends.
    func newEvent(id: EventID, recordedAt: Timestamp?) throws(RowFault) -> NewEvent {
        let content: [UInt8]
        do {
            content = try event.canonicalContent()
        } catch {
            throw RowFault(.malformedJSON(message: "metadata: \(error)"))
        }
        do {
            return try NewEvent(
                type: PipelineEvent.frameType,
                typeVersion: PipelineStep.version,
                id: id,
                occurredAt: event.createdAt,
                recordedAt: recordedAt,
                payload: event.encoded(),
                canonicalContent: content
            )
        } catch {
            throw RowFault(.limit(error))
        }
    }
}
