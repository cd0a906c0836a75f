internal import CairnCore
internal import CairnDomains
internal import CairnJournal

/// One import of rows of one table.
final class TableRun<Target: TableTarget> {
    /// Most bytes of rows in one batch, unless a single row is larger.
    private let batchByteCountMax = 8 << 20

    private(set) var summary = TableImportSummary()

    private let target: Target
    private let journal: any Journal
    private let options: ImportOptions
    private let glance: InputGlance?
    private let report: TableReport
    private let order: ImportOrder
    private let recordsCreation: Bool
    private var sorter: TimeSorter
    private var batch = TableBatch<Target.Entry>()
    private var subjects: Set<UInt64> = []
    private var sources: [String] = []
    private var progress = ImportProgress()
    private var earlierBytes = 0

    init(
        _ target: Target,
        into journal: any Journal,
        _ options: ImportOptions,
        _ glance: InputGlance?,
        _ report: TableReport
    ) {
        self.target = target
        self.journal = journal
        self.options = options
        self.glance = glance
        self.report = report
        order = options.order ?? target.table.standardOrder
        recordsCreation = options.recordsCreation ?? (order == .time)
        sorter = TimeSorter(
            byteCountMax: options.sortByteCountMax,
            folder: options.temporaryFolder
        )
    }

    func run(_ inputs: [ImportInput]) async throws(ImportError) {
        progress.byteCount = InputFile.byteCount(ofAll: inputs.map(\.path))
        do {
            for input in inputs { try await read(input) }
        } catch {
            // A row before the one that stops the import may be bad as well, and is told first.
            // What waits to be sorted is not sent where the rest can be read once a row is mended
            // or passed over: it may belong before it. A journal that failed would fail again.
            if error.reason == .stopped || error.reason.isAboutOneRow {
                try await appendBatch()
            } else if !error.isOfJournal {
                try await finish()
            }
            throw error
        }
        try await finish()
    }

    private func read(_ input: ImportInput) async throws(ImportError) {
        let bytes = try InputGlance.open(input.path, seenBy: glance)
        defer { earlierBytes += bytes.fileOffset }
        guard let format = input.format ?? ImportFormat.detected(in: bytes.beginning) else {
            throw bytes.error(bytes.beginning.isEmpty ? .empty : .unknownFormat)
        }
        sources.append(input.path)
        var reader = try target.table.shape.reader(of: bytes, format)
        while let item = try reader.next() {
            if options.shouldStop() { throw bytes.error(.stopped) }
            switch item {
            case .bad(let error): try setAside(error)
            case .row(let row, let line):
                try await take(row, TableMark(source: sources.count - 1, line: line))
                progress.bytes = earlierBytes + bytes.fileOffset
            }
        }
    }

    private func take(_ row: TableRow, _ mark: TableMark) async throws(ImportError) {
        let entry: Target.Entry
        do throws(RowFault) {
            entry = try target.entry(row, recordsCreation: recordsCreation)
        } catch {
            return try setAside(self.error(error.reason, mark))
        }
        guard order == .time else { return try await add(entry, mark, row.bytes.count) }
        let record = row.encoded(source: mark.source, line: mark.line)
        try sorter.add(record, at: entry.orderKey)
    }

    private func add(
        _ entry: Target.Entry,
        _ mark: TableMark,
        _ byteCount: Int
    ) async throws(ImportError) {
        batch.add(entry, mark, byteCount: byteCount)
        let countMax = min(max(options.batchEventCount, 1), ImportOptions.batchEventCountMax)
        guard batch.entries.count >= countMax || batch.byteCount >= batchByteCountMax else {
            return
        }
        try await appendBatch()
    }

    private func error(_ reason: ImportReason, _ mark: TableMark) -> ImportError {
        ImportError(source: sources[mark.source], place: .line(mark.line), reason: reason)
    }

    /// Counts a bad row, or stops at it.
    private func setAside(_ error: ImportError) throws(ImportError) {
        guard options.skipsBadRows else { throw error }
        summary.badRows += 1
        report.onBadRow(error)
    }

    /// Appends what waits to be sorted, and then what is left.
    private func finish() async throws(ImportError) {
        while let record = try sorter.next() {
            let found: (row: TableRow, source: Int, line: Int)
            let entry: Target.Entry
            do {
                found = try TableRow.decode(record, target.table.shape)
                entry = try target.entry(found.row, recordsCreation: recordsCreation)
            } catch {
                // It was read as an entry before it was set aside.
                let damage = PipelineCodecError.truncated(offset: 0)
                throw ImportError(source: options.temporaryFolder, reason: .codec(damage))
            }
            let mark = TableMark(source: found.source, line: found.line)
            if options.shouldStop() {
                try await appendBatch()
                throw self.error(.stopped, mark)
            }
            try await add(entry, mark, record.count)
        }
        try await appendBatch()
        report.onProgress(progress)
    }

    /// Appends the rows that are ready, and counts what became of them.
    private func appendBatch() async throws(ImportError) {
        guard let first = batch.marks.first else { return }
        let (entries, marks) = (batch.entries, batch.marks)
        batch = TableBatch()
        let goesOn = options.skipsBadRows
        let target = target
        let outcomes: [TableOutcome]
        do throws(JournalError) {
            outcomes = try await journal.turn { scope throws(JournalError) in
                try target.append(entries, goesOn: goesOn, in: scope)
            }
        } catch {
            throw self.error(.journal(error), first)
        }
        for (index, outcome) in outcomes.enumerated() {
            switch outcome {
            case .refused(let reason): try setAside(error(reason, marks[index]))
            case .appended(let receipt, let flaw, let isOwnerless):
                count(entries[index], receipt)
                count(subjectOf: entries[index], isOwnerless: isOwnerless)
                summary.anomalies += flaw == nil ? 0 : 1
                if let flaw, !flaw.counts { summary.uncounted += 1 }
            case .known:
                summary.duplicates += 1
                count(subjectOf: entries[index], isOwnerless: false)
            }
        }
        progress.events = summary.events + summary.duplicates
        report.onProgress(progress)
    }

    private func count(_ entry: Target.Entry, _ receipt: Receipt) {
        if receipt.isDuplicate {
            summary.duplicates += 1
        } else {
            summary.events += 1
            let isShifted = recordsCreation && receipt.recordedAt != entry.createdAt
            summary.shiftedTimes += isShifted ? 1 : 0
            summary.unlinkedReferences += entry.lacksProvider ? 1 : 0
        }
    }

    private func count(subjectOf entry: Target.Entry, isOwnerless: Bool) {
        guard let subject = entry.subject else { return }
        guard subjects.insert(subject.stableDigest).inserted else { return }
        summary.subjects += 1
        summary.ownerless += isOwnerless ? 1 : 0
    }
}

/// Where a row stands.
struct TableMark: Sendable {
    let source: Int
    let line: Int
}

/// Rows that are ready and wait for their turn.
private struct TableBatch<Entry: TableEntry> {
    private(set) var entries: [Entry] = []
    private(set) var marks: [TableMark] = []
    private(set) var byteCount = 0

    mutating func add(_ entry: Entry, _ mark: TableMark, byteCount: Int) {
        entries.append(entry)
        marks.append(mark)
        self.byteCount += 512 + byteCount
    }
}

/// Whom an import tells how far it is.
struct TableReport {
    let onProgress: (ImportProgress) -> Void
    let onBadRow: (ImportError) -> Void
}
