internal import CairnCore
internal import CairnDomains
internal import CairnJournal

/// Gathers rows into turns: one is on its way to the disk while the next is gathered.
///
/// Never two, because a stream's events keep their order only if turns are given one by one.
final class ImportBatches {
    /// Most payload bytes of one turn, unless a single event is larger.
    static let batchByteCountMax = 8 << 20
    /// Most requests whose tenant is remembered.
    static let knownTenantCountMax = 65_536

    var summary = ImportSummary()
    /// The inputs' names, which rows refer to by their index.
    var sources: [String] = []
    /// Whether a row or the journal stopped the import, so that nothing may follow.
    private(set) var hasStopped = false

    private let options: ImportOptions
    private let turn: PipelineImporter.TurnRunner
    private var rows: [PreparedRow] = []
    private var byteCount = 0
    private var inFlight: (rows: [PreparedRow], task: Task<Answer, Never>)?
    private var tenants: [StreamID: String] = [:]
    private var requests: Set<UInt64> = []
    private var progress = ImportProgress()
    private var onProgress: (ImportProgress) -> Void = { _ in }
    private var onBadRow: (ImportError) -> Void = { _ in }
    private var input: InputBytes?
    private var earlierBytes = 0
    private var earlierByteCount: Int? = 0

    private typealias Answer = Result<[ImportOutcome], JournalError>

    init(_ options: ImportOptions, turn: @escaping PipelineImporter.TurnRunner) {
        self.options = options
        self.turn = turn
    }

    func begin(
        onProgress: @escaping (ImportProgress) -> Void,
        onBadRow: @escaping (ImportError) -> Void
    ) {
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
        do throws(RowFault) {
            let names = try row.checkedNames()
            let event = try row.newEvent(id: names.id)
            byteCount += event.payload.count
            rows.append(
                PreparedRow(
                    stream: names.stream,
                    event: event,
                    request: row.request,
                    tenant: row.event.tenant,
                    knownTenant: tenants[names.stream],
                    place: row.place,
                    source: source
                )
            )
        } catch {
            let reason = error.reason
            try setAside(
                ImportError(source: sources[source], place: row.place, reason: reason)
            )
        }
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
        let body = ImportTurn(rows: batch, goesOn: options.skipsBadRows)
        let turn = turn
        let task = Task {
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
                place: batch.first?.place,
                reason: .journal(error)
            )
        case .success(let outcomes):
            for (row, outcome) in zip(batch, outcomes) { try count(row, outcome) }
        }
        progress.bytes = earlierBytes + (input?.fileOffset ?? 0)
        progress.events = summary.events + summary.duplicates
        onProgress(progress)
    }

    private func count(_ row: PreparedRow, _ outcome: ImportOutcome) throws(ImportError) {
        let reason: ImportReason
        switch outcome {
        case .appended(let receipt):
            if receipt.isDuplicate { summary.duplicates += 1 } else { summary.events += 1 }
            if requests.insert(OrdinalCounter.digest(of: row.request)).inserted {
                summary.requests += 1
            }
            if row.knownTenant == nil {
                if tenants.count == Self.knownTenantCountMax {
                    tenants.removeAll(keepingCapacity: true)
                }
                tenants[row.stream] = row.tenant
            }
            return
        case .refused(let error): reason = .refused(error)
        case .unreadable(let error): reason = .codec(error)
        case .otherTenant(let known):
            reason = .otherTenant(request: row.request, known: known, given: row.tenant)
        }
        hasStopped = !options.skipsBadRows
        try setAside(ImportError(source: sources[row.source], place: row.place, reason: reason))
    }
}

extension ImportRow {
    /// The stream and the id, checked against the journal's limits.
    func checkedNames() throws(RowFault) -> (stream: StreamID, id: EventID) {
        do {
            return (
                try PipelineEvent.streamID(request: request),
                try EventID("\(request)/\(key)")
            )
        } catch {
            throw RowFault(.limit(error))
        }
    }

    /// The event that a journal appends.
    func newEvent(id: EventID) throws(RowFault) -> NewEvent {
        do {
            return try event.newEvent(id: id)
        } catch {
            switch error {
            case .limit(let limit): throw RowFault(.limit(limit))
            case .metadata(let json):
                throw RowFault(.malformedJSON(message: "metadata: \(json)"))
            }
        }
    }
}
