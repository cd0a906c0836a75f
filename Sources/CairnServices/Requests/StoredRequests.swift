internal import CairnCore
internal import CairnDomains
internal import CairnEngine
internal import CairnIncident
internal import CairnJournal
internal import Synchronization

/// The checkpoints that are kept beside a journal, as whoever only reads finds them, and where
/// requests stood when that was last asked.
final class StoredRequests: RequestCheckpoints {
    /// Most requests that are kept in memory between questions, some kilobytes each.
    private static let keptCountMax = 16_384

    private let journal: any Journal
    private let interval: UInt64
    private let last = Mutex<Last?>(nil)
    private let ready = Mutex<Ready?>(nil)

    init(journal: any Journal, interval: UInt64 = RequestProjection.intervalMin) {
        self.journal = journal
        self.interval = interval
    }

    /// Where requests stood, and the event that stood there, by which the journal is known again.
    private struct Last {
        let standing: RequestStanding
        let removals: StreamRemovals
        let eventDigest: ContentDigest
    }

    /// Rules, and the tables of them: what makes them is dearer than many a question.
    private struct Ready {
        let rules: RequestProjection
        let table: ProjectionTable
    }

    func standing(
        upTo bound: Position,
        definition: PipelineDefinition,
        removals: StreamRemovals,
        withClosed: Bool
    ) async throws(IncidentError) -> RequestStanding? {
        try await stored(definition, removals) {
            stored,
            mark,
            ready,
            store throws(JournalError) in
            try stored.standing(upTo: bound, mark, ready.rules, ready.table, store, withClosed)
        }
    }

    func failures(
        _ query: FailureQuery,
        definition: PipelineDefinition,
        removals: StreamRemovals
    ) async throws(IncidentError) -> KeptFailures? {
        try await stored(definition, removals) { stored, mark, _, _ throws(JournalError) in
            KeptFailures(try stored.failures(query), upTo: min(mark.position, query.bound))
        }
    }

    func takeLast(
        upTo bound: Position,
        removals: StreamRemovals
    ) async throws(IncidentError) -> RequestStanding? {
        let taken = last.withLock { last -> Last? in
            guard let found = last, found.standing.position <= bound else { return nil }
            last = nil
            return found
        }
        guard let taken, taken.removals == removals,
            try await isOfJournal(taken.standing.position, taken.eventDigest)
        else { return nil }
        return taken.standing
    }

    func keepLast(_ standing: RequestStanding, removals: StreamRemovals) async {
        guard standing.fleet.count <= Self.keptCountMax,
            let digest = try? await journal.eventDigest(at: standing.position)
        else { return }
        let new = Last(standing: standing, removals: removals, eventDigest: digest)
        last.withLock { last in
            if last.map({ $0.standing.position <= standing.position }) ?? true { last = new }
        }
    }

    /// Asks the tables of some rules, all in one view: between two they may go on.
    ///
    /// - Returns: Nil where there are none of this journal. What cannot be read is not there.
    private func stored<Answer>(
        _ definition: PipelineDefinition,
        _ removals: StreamRemovals,
        _ ask: (
            any StoredProjection, ProjectionMark, Ready, any ProjectionStore
        ) throws(JournalError) -> Answer?
    ) async throws(IncidentError) -> Answer? {
        guard let store = journal.projectionStore else { return nil }
        let ready = ready(definition, removals)
        let found = try? store.read(ready.table) {
            stored throws(JournalError) -> (ProjectionMark, Answer)? in
            guard let mark = stored.mark else { return nil }
            return try ask(stored, mark, ready, store).map { (mark, $0) }
        }
        guard let (mark, answer) = found ?? nil else { return nil }
        return try await isOfJournal(mark.position, mark.eventDigest) ? answer : nil
    }

    private func ready(_ definition: PipelineDefinition, _ removals: StreamRemovals) -> Ready {
        if let known = ready.withLock({ $0 }), known.rules.removals == removals,
            known.rules.pipeline == definition
        {
            return known
        }
        let rules = RequestProjection(pipeline: definition, removals: removals, interval: interval)
        let new = Ready(rules: rules, table: LiveProjection(rules, of: journal).table)
        ready.withLock { $0 = new }
        return new
    }

    /// Whether the event at a position is the one that tables or requests went up to, and not that
    /// of another journal that stood in this one's place.
    private func isOfJournal(
        _ position: Position,
        _ eventDigest: ContentDigest
    ) async throws(IncidentError) -> Bool {
        do throws(JournalError) {
            return try await journal.eventDigest(at: position) == eventDigest
        } catch {
            throw .journal(error)
        }
    }
}

extension StoredProjection {
    fileprivate func standing(
        upTo bound: Position,
        _ mark: ProjectionMark,
        _ rules: RequestProjection,
        _ table: ProjectionTable,
        _ store: any ProjectionStore,
        _ withClosed: Bool
    ) throws(JournalError) -> RequestStanding? {
        guard let (fleet, position) = try checkpoint(upTo: bound, mark, rules) else { return nil }
        let isCheckpoint = position < mark.position
        var closed: ClosedRequests?
        if withClosed { closed = try requestsDoneWith(at: position, rules) }
        return RequestStanding(fleet, at: position, closed: closed) { stream in
            try? store.read(table) { stored throws(JournalError) in
                // Tables that were begun anew may not be as far; and those that went on tell no more
                // how requests were left where they ended, only at checkpoints.
                guard let new = stored.mark,
                    isCheckpoint ? new.position >= position : new == mark
                else { return nil }
                return try stored.request(stream, doneWithAt: position, rules)
            }
        }
    }

    /// The open requests at the last position, not beyond a bound, at which they are kept.
    private func checkpoint(
        upTo bound: Position,
        _ mark: ProjectionMark,
        _ rules: RequestProjection
    ) throws(JournalError) -> (PipelineFleet, Position)? {
        if mark.position <= bound {
            var found: (PipelineFleet, Position)?
            let key = [RequestProjection.Tag.open]
            _ = try withValue(of: key.span.bytes) { bytes in
                if case .open(let fleets, _)? = try? rules.readValue(bytes) {
                    found = fleets.first.map { ($0, mark.position) }
                }
            }
            return found
        }
        var found: (PipelineFleet, Position)?
        var start = ByteWriter(capacity: 9)
        rules.write(.checkpoint(bound), to: &start)
        try forEach(
            inPrefix: RequestProjection.checkpointPrefix,
            from: start.finish(),
            .backwards
        ) { name, content in
            var fleet = PipelineFleet(rules.pipeline)
            if case .checkpoint(let position)? = try? rules.readKey(name),
                case .checkpoint(let bytes)? = try? rules.readValue(content),
                (try? fleet.put(bytes.span.bytes)) != nil
            {
                found = (fleet, position)
            }
            return .stop
        }
        return found
    }

    /// The requests that were done with at a position, as they were left.
    private func requestsDoneWith(
        at position: Position,
        _ rules: RequestProjection
    ) throws(JournalError) -> ClosedRequests {
        var found = ClosedRequests()
        var isReadable = true
        try forEach(inPrefix: RequestProjection.closedPrefix, from: nil, .forwards) {
            name,
            content in
            guard case .closed(let stream)? = try? rules.readKey(name),
                case .closed(let from, let bytes)? = try? rules.readValue(content)
            else {
                isReadable = false
                return .stop
            }
            // A stream is numbered by where it begins.
            guard stream.firstPosition <= position else { return .stop }
            if from <= position { found.add(stream, bytes.span.bytes) }
            return .proceed
        }
        try forEach(inPrefix: RequestProjection.formerPrefix, from: nil, .forwards) {
            name,
            content in
            guard case .former(let stream, let from)? = try? rules.readKey(name),
                case .former(let until, let bytes)? = try? rules.readValue(content)
            else {
                isReadable = false
                return .stop
            }
            if from <= position, position < until { found.add(stream, bytes.span.bytes) }
            return .proceed
        }
        guard isReadable else { throw Self.unreadable }
        return found
    }

    /// A request that was done with at a position, as it was left; empty for none.
    fileprivate func request(
        _ stream: StreamNumber,
        doneWithAt position: Position,
        _ rules: RequestProjection
    ) throws(JournalError) -> [UInt8] {
        var found: [UInt8] = []
        var key = ByteWriter(capacity: 17)
        rules.write(.closed(stream), to: &key)
        _ = try withValue(of: key.bytes.span.bytes) { content in
            if case .closed(let from, let bytes)? = try? rules.readValue(content),
                from <= position
            {
                found = bytes
            }
        }
        guard found.isEmpty else { return found }
        key.removeAll()
        rules.write(.former(stream, position), to: &key)
        try forEach(
            inPrefix: RequestProjection.formerPrefix(stream),
            from: key.finish(),
            .backwards
        ) { _, content in
            if case .former(let until, let bytes)? = try? rules.readValue(content),
                position < until
            {
                found = bytes
            }
            return .stop
        }
        return found
    }

    static var unreadable: JournalError {
        .damaged(path: "the projection's tables", reason: "an entry cannot be read")
    }
}
