internal import CairnDomains
public import CairnJournal

/// Brings rows of tables and logs into a journal, so that doing it again adds nothing.
///
/// Each event goes to the stream `pipeline/<pagw_id>` under the id `<pagw_id>/<sequence_no>`, or
/// `<pagw_id>/#<ordinal>` where the row has no number, or under the row's own `event_id`. Rows are appended in batches, one turn
/// each, while the next batch is read. What was appended before an error stays; importing the
/// same input again goes on from there.
///
/// Memory is bounded by the row limit, two batches and the sorting buffer of the options, plus at
/// most 72 bytes for each different request, to count requests and number their events.
public final class PipelineImporter {
    /// Runs one batch in a turn of the journal and returns once it is durable.
    public typealias TurnRunner =
        @Sendable (@escaping @Sendable (any TurnScope) throws(JournalError) -> [ImportOutcome])
        async throws(JournalError) -> [ImportOutcome]

    /// What was done so far; also valid after an error.
    public var summary: ImportSummary { batches.summary }

    /// What was looked at before; it is read from there.
    public var glance: InputGlance?

    /// How many rows are set aside for sorting between two reports.
    private static let reportEventCount = 10_000

    private let options: ImportOptions
    private let batches: ImportBatches
    private var sorter: TimeSorter
    private var sources: [String] = []
    private var sortedCount = 0

    /// Imports into a journal.
    public convenience init(into journal: any Journal, options: ImportOptions = ImportOptions()) {
        self.init(options: options) { body async throws(JournalError) in
            try await journal.turn(body)
        }
    }

    /// Imports through a closure, for example one that chooses the recorded time of each turn.
    public init(options: ImportOptions = ImportOptions(), turn: @escaping TurnRunner) {
        self.options = options
        batches = ImportBatches(options, turn: turn)
        sorter = TimeSorter(
            byteCountMax: options.sortByteCountMax,
            folder: options.temporaryFolder
        )
    }

    /// Imports inputs one after another; neighbours that are ordered by time are merged.
    ///
    /// - Parameters:
    ///   - inputs: What to read.
    ///   - onProgress: Called after each batch.
    ///   - onBadRow: Gets each row that is set aside, if the options say so.
    /// - Throws: ``ImportError``: the first bad row, or what makes an input or the journal
    ///   unusable. Everything before it is in the journal; of rows that are to be sorted none is,
    ///   where a bad row stops their inputs, and those that were read where an input is damaged
    ///   from there on. After ``ImportReason/stopped`` those rows are that were on their way to the
    ///   journal.
    public func run(
        _ inputs: [ImportInput],
        onProgress: @escaping (ImportProgress) -> Void = { _ in },
        onBadRow: @escaping (ImportError) -> Void = { _ in }
    ) async throws(ImportError) {
        let start = ContinuousClock.now
        // What a run that was stopped left to be sorted belongs to that run.
        sorter = TimeSorter(
            byteCountMax: options.sortByteCountMax,
            folder: options.temporaryFolder
        )
        batches.begin(
            byteCount: InputFile.byteCount(ofAll: inputs.map(\.path)),
            onProgress: onProgress,
            onBadRow: onBadRow
        )
        defer { batches.summary.seconds += Self.seconds(since: start) }
        do {
            try await readAll(inputs)
        } catch {
            // What is on its way is counted.
            if error.reason == .stopped { try await batches.settle() }
            throw error
        }
    }

    private func readAll(_ inputs: [ImportInput]) async throws(ImportError) {
        do {
            for input in inputs { try await read(input) }
        } catch {
            // A row before this one may be what stops the import, and then it is what is told.
            guard !batches.hasStopped else { throw error }
            if error.reason.isAboutOneRow {
                // What waits to be sorted is not sent: rows that were not read may belong before
                // it, and they can be, once the bad one is mended or passed over.
                try await batches.flush()
            } else {
                try await finish()
            }
            throw error
        }
        try await finish()
    }

    private func read(_ input: ImportInput) async throws(ImportError) {
        let bytes = try InputGlance.open(input.path, seenBy: glance)
        batches.follow(bytes)
        sources.append(input.path)
        batches.sources = sources
        let source = sources.count - 1
        guard let format = input.format ?? ImportFormat.detected(in: bytes.beginning) else {
            throw bytes.error(bytes.beginning.isEmpty ? .empty : .unknownFormat)
        }
        let isSorted = (options.order ?? format.standardOrder) == .time
        if !isSorted {
            try await drainSorter()
            try await batches.flush()
            batches.recordsCreation = options.recordsCreation ?? false
        }
        var reader = try reader(of: bytes, format, stem: input.stem)
        while let item = try reader.next() {
            switch item {
            case .bad(let error): try batches.setAside(error)
            case .row(let row) where isSorted: try sort(row, source)
            case .row(let row): try await batches.add(row, source: source)
            }
        }
    }

    private func reader(
        of bytes: InputBytes,
        _ format: ImportFormat,
        stem: String
    ) throws(ImportError) -> any ImportReader {
        let tenant = options.tenant
        switch format {
        case .jsonl: return JSONLinesReader(bytes, tenant: tenant)
        case .csv: return try CSVReader(bytes, tenant: tenant)
        case .xes:
            return XESReader(bytes, prefix: options.prefix ?? stem, tenant: tenant ?? stem)
        case .temporal:
            return try TemporalReader(
                bytes,
                prefix: options.prefix ?? stem,
                tenant: tenant ?? "temporal"
            )
        }
    }

    private func sort(_ row: ImportRow, _ source: Int) throws(ImportError) {
        try batches.stopIfAsked(at: row, source: source)
        // A row that no journal takes is found now, in the input's order, and not when sorted.
        do throws(RowFault) {
            _ = try row.checkedNames()
        } catch {
            let error = ImportError(
                source: sources[source],
                place: row.place,
                reason: error.reason
            )
            return try batches.setAside(error)
        }
        let key = TimeKey(time: row.event.createdAt)
        try sorter.add(ImportRecord.encode(row, source: source), at: key)
        sortedCount += 1
        if sortedCount.isMultiple(of: Self.reportEventCount) { batches.report() }
    }

    private func drainSorter() async throws(ImportError) {
        guard !sorter.isEmpty else { return }
        try await batches.flush()
        batches.recordsCreation = options.recordsCreation ?? true
        while let record = try sorter.next() {
            let row: (ImportRow, source: Int)
            do {
                row = try ImportRecord.decode(record)
            } catch {
                throw ImportError(source: options.temporaryFolder, reason: .codec(error))
            }
            try await batches.add(row.0, source: row.source)
        }
    }

    private func finish() async throws(ImportError) {
        try await drainSorter()
        try await batches.flush()
    }

    private static func seconds(since start: ContinuousClock.Instant) -> Double {
        let parts = (ContinuousClock.now - start).components
        return Double(parts.seconds) + Double(parts.attoseconds) / 1e18
    }
}
