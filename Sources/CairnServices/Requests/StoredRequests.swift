internal import CairnCore
internal import CairnDomains
internal import CairnEngine
internal import CairnIncident
internal import CairnJournal

/// The checkpoints that are kept beside a journal, as whoever only reads finds them.
struct StoredRequests: RequestCheckpoints {
    let journal: any Journal
    var interval = RequestProjection.intervalMin

    func standing(
        upTo bound: Position,
        definition: PipelineDefinition,
        removals: StreamRemovals,
        withClosed: Bool
    ) async throws(IncidentError) -> RequestStanding? {
        guard let store = journal.projectionStore else { return nil }
        let rules = RequestProjection(
            pipeline: definition,
            removals: removals,
            interval: interval
        )
        let table = LiveProjection(rules, of: journal).table
        // All in one view: between two the tables may go on. What cannot be read is not there.
        let kept = try? store.read(table) {
            stored throws(JournalError) -> (ProjectionMark, RequestStanding)? in
            guard let mark = stored.mark else { return nil }
            return try stored.standing(upTo: bound, mark, rules, table, store, withClosed)
                .map { (mark, $0) }
        }
        guard let (mark, standing) = kept ?? nil else { return nil }
        return try await isOfJournal(mark) ? standing : nil
    }

    /// Whether tables are this journal's, and not those of another one that stood in its place.
    private func isOfJournal(_ mark: ProjectionMark) async throws(IncidentError) -> Bool {
        do throws(JournalError) {
            return try await journal.eventDigest(at: mark.position) == mark.eventDigest
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

    private static var unreadable: JournalError {
        .damaged(path: "the projection's tables", reason: "an entry cannot be read")
    }
}
