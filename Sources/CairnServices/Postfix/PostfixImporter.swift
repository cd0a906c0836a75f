public import CairnCore
internal import CairnDomains
public import CairnJournal

/// Brings the logs of Postfix into a journal as rows of the touch log, so that doing it again adds
/// nothing.
///
/// A message is an attempt, its recipients are the addresses, and each delivery is an outcome;
/// what a content filter gives back is still the same message, and a notice about another message
/// is none. The uid of a row is made from the line that it comes from: a line is imported once,
/// also when the rest of its log is imported later. Logs of one server are given oldest first, in
/// one import, where a message may go on in the next file.
///
/// Memory is bounded by the longest line, two bounds of messages on their way, and one batch.
public final class PostfixImporter {
    /// What was done so far; also valid after an error.
    public private(set) var summary = ImportSummary()
    /// What the lines said; also valid after an error.
    public var counts: PostfixCounts { messages.counts(lines: lineCount) }
    /// Whether messages began that only lines to come decide; nothing of them is in the journal.
    public var hasUndecided: Bool { messages.hasUndecided }

    private let journal: any Journal
    private let options: ImportOptions
    private let rows = PostfixRows()
    private var messages: PostfixMessages
    private var clock: SyslogClock
    private var sources: [String] = []
    private var progress = ImportProgress()
    private var earlierBytes = 0
    private var lineCount = 0
    /// Whether no file had a single byte.
    private var isEmpty = true

    /// Imports into a journal.
    ///
    /// - Parameters:
    ///   - journal: Where the rows go.
    ///   - options: How bad lines are met, how large batches are, and what stops the import.
    ///   - year: The year of the first line, where its time names none; by default the last one
    ///     in which no file begins in the future.
    ///   - now: The instant that tells what lies in the future.
    public init(
        into journal: any Journal,
        options: ImportOptions = ImportOptions(),
        year: Int? = nil,
        now: Timestamp
    ) {
        self.journal = journal
        self.options = options
        clock = SyslogClock(year: year, now: now)
        let rows = rows
        messages = PostfixMessages { rows.waiting.append($0) }
    }

    /// Imports files one after another; a message may go on from one to the next.
    ///
    /// - Parameters:
    ///   - paths: Plain files or such as are packed with gzip; `-` is standard input.
    ///   - onProgress: Called after each batch.
    ///   - onBadLine: Gets each line that is set aside, if the options say so.
    /// - Throws: ``ImportError``: the first bad line, or what makes a file or the journal unusable.
    ///   What the lines before it led to is in the journal, as far as it was decided.
    public func run(
        _ paths: [String],
        onProgress: @escaping (ImportProgress) -> Void = { _ in },
        onBadLine: @escaping (ImportError) -> Void = { _ in }
    ) async throws(ImportError) {
        let start = ContinuousClock.now
        defer { summary.seconds += (ContinuousClock.now - start) / .seconds(1) }
        let sizes = paths.map(InputFile.byteCount)
        progress.byteCount = sizes.contains(nil) ? nil : sizes.reduce(0) { $0 + ($1 ?? 0) }
        do throws(ImportError) {
            for path in paths {
                try await read(path, onProgress: onProgress, onBadLine: onBadLine)
            }
            // A log that was rotated a moment ago may be empty beside the one before it.
            if isEmpty, let path = paths.first { throw ImportError(source: path, reason: .empty) }
            messages.finish()
        } catch {
            // A failing journal would only fail again.
            if case .journal = error.reason { throw error }
            try await appendAll(onBadLine)
            throw error
        }
        try await appendAll(onBadLine)
        onProgress(progress)
    }

    private func read(
        _ path: String,
        onProgress: (ImportProgress) -> Void,
        onBadLine: (ImportError) -> Void
    ) async throws(ImportError) {
        let input = try InputBytes(path: path)
        if !input.beginning.isEmpty { isEmpty = false }
        sources.append(path)
        var reader = PostfixReader(input, source: sources.count - 1)
        clock.beginFile()
        defer {
            lineCount += reader.lineCount
            earlierBytes += input.fileOffset
        }
        while let item = try reader.next(&clock) {
            if options.shouldStop() { throw input.error(.stopped) }
            switch item {
            case .other: continue
            case .bad(let error): try setAside(error, onBadLine)
            case .found(let found):
                messages.take(
                    found.line,
                    host: found.host,
                    queueID: found.queueID,
                    at: found.mark
                )
            }
            guard rows.waiting.count >= batchCount else { continue }
            try await append(onBadLine)
            progress.bytes = earlierBytes + input.fileOffset
            onProgress(progress)
        }
    }

    private var batchCount: Int {
        min(max(options.batchEventCount, 1), ImportOptions.batchEventCountMax)
    }

    private func setAside(
        _ error: ImportError,
        _ onBadLine: (ImportError) -> Void
    ) throws(ImportError) {
        guard options.skipsBadRows else { throw error }
        summary.badRows += 1
        onBadLine(error)
    }

    private func appendAll(_ onBadLine: (ImportError) -> Void) async throws(ImportError) {
        while !rows.waiting.isEmpty { try await append(onBadLine) }
    }

    /// Appends what was decided, and counts what became of it.
    private func append(_ onBadLine: (ImportError) -> Void) async throws(ImportError) {
        let batch = Array(rows.waiting.prefix(batchCount))
        rows.waiting.removeFirst(batch.count)
        let turn = PostfixTurn(batch)
        let outcomes: [PostfixTurn.Outcome]
        do throws(JournalError) {
            outcomes = try await journal.turn { scope throws(JournalError) in
                try turn.run(in: scope)
            }
        } catch {
            let line = batch.first?.line
            throw ImportError(
                source: line.map { sources[$0.source] } ?? "",
                place: line.map { .line($0.number) },
                reason: .journal(error)
            )
        }
        for (row, outcome) in zip(batch, outcomes) {
            switch outcome {
            case .appended(let isShifted):
                summary.events += 1
                if isShifted { summary.shiftedTimes += 1 }
            case .duplicate: summary.duplicates += 1
            case .refused(let error):
                try setAside(
                    ImportError(
                        source: sources[row.line.source],
                        place: .line(row.line.number),
                        reason: .refused(error)
                    ),
                    onBadLine
                )
            }
        }
        progress.events = summary.events + summary.duplicates
    }
}

/// Rows that were decided and are not appended yet.
private final class PostfixRows {
    var waiting: [PostfixRow] = []
}
