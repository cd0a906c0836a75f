internal import CairnCore
internal import CairnDomains
internal import CairnEngine
public import CairnJournal

/// Brings logs of participants into a journal, so that doing it again adds nothing.
///
/// Every event has a uid that is made of what names it in its source, so that it is taken once.
/// Events that their session should not have are kept as anomalies; one behind the leave event is
/// told by the system event `prompt_session.event_ignored`, in the same turn. Rows are appended in
/// batches, one turn each; what was appended before an error stays, and the same import goes on from
/// there.
public struct PromptImporter: Sendable {
    /// Most rows of a turn.
    private static let batchRowCount = 512

    private let journal: any Journal
    private let prefix: String?
    private let skipsBadRows: Bool
    private let shouldStop: @Sendable () -> Bool

    /// Imports into a journal.
    ///
    /// - Parameters:
    ///   - journal: Where the events go.
    ///   - prefix: The name of the prompt of timed comments; nil for the file's stem.
    ///   - skipsBadRows: Whether rows that cannot be taken are set aside and counted.
    ///   - shouldStop: Asked before each batch; true ends the import with
    ///     ``ImportReason/stopped``. By default, whether the task was cancelled.
    public init(
        into journal: any Journal,
        prefix: String? = nil,
        skipsBadRows: Bool = false,
        shouldStop: @escaping @Sendable () -> Bool = { Task.isCancelled }
    ) {
        self.journal = journal
        self.prefix = prefix
        self.skipsBadRows = skipsBadRows
        self.shouldStop = shouldStop
    }

    /// Imports one file.
    ///
    /// - Parameters:
    ///   - path: The file, plain or packed with gzip; `-` is standard input.
    ///   - format: What it is.
    ///   - onProgress: Gets what was done so far, after each batch and before an error.
    ///   - onBadRow: Gets each row that is set aside.
    /// - Returns: What was done.
    /// - Throws: ``ImportError``: the first row that is none, or what makes the file or the journal
    ///   unusable. What stands before it is in the journal.
    /// - Complexity: One batch is held in memory, and what the format needs for each session; each
    ///   batch reads the sessions it adds to once.
    public func run(
        _ path: String,
        _ format: PromptLogFormat,
        onProgress: (PromptImportSummary) -> Void = { _ in },
        onBadRow: (ImportError) -> Void = { _ in }
    ) async throws(ImportError) -> PromptImportSummary {
        try await run([path], format, onProgress: onProgress, onBadRow: onBadRow)
    }

    /// Imports the files of one log, the oldest first: a session goes on from one to the next, and
    /// of lines that several of them have the first counts.
    ///
    /// - Parameters:
    ///   - paths: The files.
    ///   - format: What they are.
    ///   - onProgress: Gets what was done so far, after each batch and before an error.
    ///   - onBadRow: Gets each row that is set aside.
    /// - Returns: What was done.
    /// - Throws: ``ImportError``, as for one file.
    /// - Complexity: As for one file.
    public func run(
        _ paths: [String],
        _ format: PromptLogFormat,
        onProgress: (PromptImportSummary) -> Void = { _ in },
        onBadRow: (ImportError) -> Void = { _ in }
    ) async throws(ImportError) -> PromptImportSummary {
        var summary = PromptImportSummary()
        var sessions: Set<UInt64> = []
        var reader: (any PromptLogReader)?
        for path in paths {
            let input = try InputBytes(path: path)
            guard !input.beginning.isEmpty else { throw input.error(.empty) }
            var current = Self.reader(of: input, format, prefix, after: reader)
            reader = nil
            while let log = try next(&current, input) {
                if shouldStop() { throw input.error(.stopped, at: log.rows.first?.place) }
                let bad: [ImportError]
                if let first = log.rows.first {
                    let batch = try await append(log.rows, input, first.place)
                    summary.add(batch.summary)
                    bad = batch.refused.map { input.error($0.reason, at: $0.place) }
                    for row in log.rows { sessions.insert(row.session.name.stableDigest) }
                } else {
                    bad = []
                }
                summary.skipped += log.skipped
                summary.sessions = sessions.count
                if log.bad != nil, skipsBadRows { summary.badRows += 1 }
                for error in bad + [log.bad].compactMap(\.self) {
                    guard skipsBadRows else {
                        onProgress(summary)
                        throw error
                    }
                    onBadRow(error)
                }
                onProgress(summary)
            }
            reader = current
        }
        return summary
    }

    /// The reader of a file, which goes on with what an earlier one left open.
    private static func reader(
        of input: InputBytes,
        _ format: PromptLogFormat,
        _ prefix: String?,
        after earlier: (any PromptLogReader)?
    ) -> any PromptLogReader {
        let prompt = prefix ?? ImportInput(path: input.name).stem
        if var reader = earlier {
            reader.goOn(with: input, prompt: prompt)
            return reader
        }
        return switch format {
        case .timedComments: TimedCommentReader(input, prompt: prompt)
        case .edx: EdXReader(input)
        }
    }

    /// Appends rows in one turn.
    private func append(
        _ rows: [PromptImportRow],
        _ input: InputBytes,
        _ place: ImportPlace
    ) async throws(ImportError) -> PromptImportBatch {
        let goesOn = skipsBadRows
        do throws(EngineError<PromptSessionRefusal>) {
            return try await journal.engineTurn {
                scope throws(EngineError<PromptSessionRefusal>) in
                var batch = PromptImportBatch()
                try batch.append(rows, goesOn: goesOn, in: scope)
                return batch
            }
        } catch {
            throw Self.error(error, input, place)
        }
    }

    private func next(
        _ reader: inout any PromptLogReader,
        _ input: InputBytes
    ) throws(ImportError) -> PromptLog? {
        do throws(ImportError) {
            return try reader.next(rowCount: Self.batchRowCount)
        } catch {
            // Ctrl-C ends the program that writes to a pipe as well: what it left is not broken.
            throw shouldStop() ? input.error(.stopped) : error
        }
    }

    private static func error(
        _ error: EngineError<PromptSessionRefusal>,
        _ input: InputBytes,
        _ place: ImportPlace
    ) -> ImportError {
        switch error {
        case .refused(let refusal): input.error(.promptSession(refusal), at: place)
        case .journal(let error): input.error(.journal(error), at: place)
        case .unreadable(let position, let reason):
            input.error(
                .journal(.corrupt(position: position, reason: reason.description)),
                at: place
            )
        }
    }
}

/// What became of the rows of one turn.
private struct PromptImportBatch: Sendable {
    private(set) var summary = PromptImportSummary()
    /// The rows that are not in the journal, and why.
    private(set) var refused: [(place: ImportPlace, reason: ImportReason)] = []

    /// Appends rows; one that is refused leaves the turn as it was.
    mutating func append(
        _ rows: [PromptImportRow],
        goesOn: Bool,
        in scope: any TurnScope
    ) throws(EngineError<PromptSessionRefusal>) {
        var known: [PromptSessionID: Folded<PromptSessionState>] = [:]
        for row in rows {
            do throws(EngineError<PromptSessionRefusal>) {
                try append(row, &known, in: scope)
            } catch {
                switch error {
                case .refused(let refusal): refused.append((row.place, .promptSession(refusal)))
                case .journal(let error) where error.isAboutRow:
                    refused.append((row.place, .refused(error)))
                case .journal, .unreadable: throw error
                }
                summary.badRows += 1
                if !goesOn { return }
            }
        }
    }

    private mutating func append(
        _ row: PromptImportRow,
        _ known: inout [PromptSessionID: Folded<PromptSessionState>],
        in scope: any TurnScope
    ) throws(EngineError<PromptSessionRefusal>) {
        let turn = PromptSessionTurn(session: row.session, owner: row.owner, event: row.event)
        let fold = try turn.fold()
        var folded = known[row.session] ?? fold.start
        try fold.catchUp(&folded, in: scope)
        let flaw = folded.state.flaw(of: row.event)
        let receipt = try turn.run(.keep(row.event), fold, on: &folded, in: scope)
        known[row.session] = folded
        guard !receipt.isDuplicate else {
            summary.duplicates += 1
            return
        }
        do throws(JournalError) {
            try scope.recordIgnored(row.event, of: row.session, for: flaw)
        } catch {
            throw .journal(error)
        }
        summary.events += 1
        if let flaw {
            summary.anomalies += 1
            summary.uncounted += flaw.counts ? 0 : 1
        }
    }
}

/// What an import of a log of participants did.
public struct PromptImportSummary: Hashable, Sendable {
    /// Prompt events that are in the journal now and were not before.
    public var events = 0
    /// Different sessions among the rows.
    public var sessions = 0
    /// Events that had been imported before.
    public var duplicates = 0
    /// New events that their session should not have.
    public var anomalies = 0
    /// New events behind the leave event of their session, which count in no total; each is told
    /// by a system event in the same turn.
    public var uncounted = 0
    /// Records that mean nothing to a prompt, or that an earlier file of the same log has.
    public var skipped = 0
    /// Records that were set aside.
    public var badRows = 0

    public init() {}

    /// Adds what another import, or another part of one, did.
    public mutating func add(_ other: PromptImportSummary) {
        events += other.events
        sessions += other.sessions
        duplicates += other.duplicates
        anomalies += other.anomalies
        uncounted += other.uncounted
        skipped += other.skipped
        badRows += other.badRows
    }
}
