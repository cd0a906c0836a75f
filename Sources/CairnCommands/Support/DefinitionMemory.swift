internal import CairnCore
internal import CairnJournal
internal import CairnServices
internal import Synchronization

/// Has a journal remember a pipeline definition right before the first row of an import that is
/// new, in the same turn.
///
/// A definition holds from its position on, so it comes before the rows. Recorded times never
/// decrease, so it has that of the first row: with the time of now, rows of the past that are to
/// be recorded as of then would all be recorded as of now. No crash leaves the one without the
/// other, and an import that is repeated finds it there.
final class DefinitionMemory: Sendable {
    private let definition: [UInt8]
    private let stream: StreamID
    private let isPending: Mutex<Bool>

    /// Prepares to remember a definition, unless it is the one in force.
    init(_ definition: [UInt8], in journal: ImportJournal) async throws(CommandFailure) {
        self.definition = definition
        do { stream = try StreamID(PipelineFile.streamName) } catch {
            throw CommandFailure(.limit(error), path: journal.path)
        }
        guard let existing = journal.existing else {
            isPending = Mutex(true)
            return
        }
        let remembered = try await PipelineFile.remembered(by: existing, upTo: nil)
        isPending = Mutex(remembered != definition)
    }

    /// Runs a turn of the import, and remembers the definition with its first new row.
    func turn(
        in journal: any Journal,
        _ body: @escaping @Sendable (any TurnScope) throws(JournalError) -> [ImportOutcome]
    ) async throws(JournalError) -> [ImportOutcome] {
        guard isPending.withLock({ $0 }) else { return try await journal.turn(body) }
        let (definition, stream) = (definition, stream)
        let (outcomes, isRemembered) = try await journal.turn { scope throws(JournalError) in
            let remembering = RememberingScope(scope, definition, stream)
            let outcomes = try body(remembering)
            return (outcomes, remembering.isDone)
        }
        if isRemembered { isPending.withLock { $0 = false } }
        return outcomes
    }

    /// Remembers the definition after an import in which no row was new, as of now.
    func finish(in journal: any Journal) async throws(JournalError) {
        guard isPending.withLock({ $0 }) else { return }
        try await journal.append(PipelineFile.event(of: definition), to: stream)
        isPending.withLock { $0 = false }
    }

    /// The open batch, with the definition put before the first event that is new.
    private final class RememberingScope: TurnScope {
        private let base: any TurnScope
        private let definition: [UInt8]
        private let stream: StreamID
        private(set) var isDone = false

        init(_ base: any TurnScope, _ definition: [UInt8], _ stream: StreamID) {
            self.base = base
            self.definition = definition
            self.stream = stream
        }

        func append(
            _ events: [NewEvent],
            to stream: StreamID,
            expecting expected: ExpectedSequence
        ) throws(JournalError) -> [Receipt] {
            if !isDone, let first = events.first, try isNew(first) {
                let event = try PipelineFile.event(
                    of: definition,
                    recordedAt: first.recordedAt
                )
                try base.append([event], to: self.stream, expecting: .any)
                isDone = true
            }
            return try base.append(events, to: stream, expecting: expected)
        }

        private func isNew(_ event: NewEvent) throws(JournalError) -> Bool {
            guard let id = event.id else { return true }
            return try base.receipt(of: id) == nil
        }

        var now: Timestamp { base.now }
        var clockNow: Timestamp { base.clockNow }

        func lastSequence(of stream: StreamID) throws(JournalError) -> SequenceNumber {
            try base.lastSequence(of: stream)
        }

        func receipt(of id: EventID) throws(JournalError) -> Receipt? { try base.receipt(of: id) }

        func forEachEvent(
            of stream: StreamID,
            from sequence: SequenceNumber,
            _ body: (EventHeader, RawSpan) -> PageFlow
        ) throws(JournalError) {
            try base.forEachEvent(of: stream, from: sequence, body)
        }
    }
}
