public import CairnCore
public import CairnDomains
public import CairnJournal

/// A read-only sight of prompts and their sessions, up to one position.
public struct PromptView: Sendable {
    public let journal: any Journal
    /// The last position to see; nil for all.
    public let asOf: Position?

    /// Looks at a journal.
    ///
    /// - Parameters:
    ///   - journal: The journal.
    ///   - asOf: The last position to see; nil for all.
    public init(_ journal: any Journal, asOf: Position? = nil) {
        self.journal = journal
        self.asOf = asOf
    }

    /// One session with its events, in the order of their keys.
    ///
    /// - Returns: Nil where the view has no event of it.
    /// - Throws: ``IncidentError``.
    /// - Complexity: One read of the session's stream, and sorting it; memory for its events.
    public func session(
        _ session: PromptSessionID
    ) async throws(IncidentError) -> PromptSessionSight? {
        let machine = PromptSessionMachine()
        let stream = try named { () throws(LimitError) in
            try PromptSessionMachine.stream(of: session)
        }
        var state = machine.initial
        var lines: [PromptEventLine] = []
        var openedAt: Timestamp?
        var isKnown = false
        try await forEachFrame(of: stream) { header, frame throws(EventCodecError) in
            isKnown = true
            guard let fact = try machine.event(header, frame: frame) else { return }
            switch fact {
            case .opened(_, let at): openedAt = openedAt ?? at
            case .removed(let removal):
                guard removal.extent == .stream else { break }
                lines = []
                openedAt = nil
            case .happened(let event):
                lines.append(
                    PromptEventLine(
                        position: header.position,
                        recordedAt: header.recordedAt,
                        event: event,
                        flaw: state.flaw(of: event)
                    )
                )
            }
            machine.evolve(&state, by: fact)
        }
        guard isKnown else { return nil }
        lines.sort { $0.event.key < $1.event.key }
        return PromptSessionSight(
            session: session,
            openedAt: openedAt,
            state: state,
            standing: PromptTotals.standing(from: lines.filter(\.counts).map(\.event)),
            events: lines
        )
    }

    /// The sessions of a prompt, in the order in which they were opened.
    ///
    /// - Throws: ``IncidentError``.
    /// - Complexity: One read of the prompt's stream.
    public func sessions(
        ofPrompt prompt: String
    ) async throws(IncidentError) -> [PromptSessionLink] {
        guard !prompt.isEmpty else { return [] }
        let stream = try named { () throws(LimitError) in
            try PromptSessionLink.stream(ofPrompt: prompt)
        }
        return try await links(stream).filter { $0.owner.prompt.utf8.elementsEqual(prompt.utf8) }
    }

    /// The sessions of a user, in the order in which they were opened: what a streak is made of.
    ///
    /// - Throws: ``IncidentError``.
    /// - Complexity: One read of the user's stream.
    public func sessions(ofUser user: String) async throws(IncidentError) -> [PromptSessionLink] {
        guard !user.isEmpty else { return [] }
        let stream = try named { () throws(LimitError) in
            try PromptSessionLink.stream(ofUser: user)
        }
        return try await links(stream).filter { $0.owner.user.utf8.elementsEqual(user.utf8) }
    }

    /// When a user joined prompts, in the order in which the sessions were opened.
    ///
    /// - Parameter user: The user.
    /// - Returns: `created_at` of each join event that counts.
    /// - Throws: ``IncidentError``.
    /// - Complexity: All events of the user's sessions.
    public func joins(ofUser user: String) async throws(IncidentError) -> [Timestamp] {
        var joins: [Timestamp] = []
        for link in try await sessions(ofUser: user) {
            guard let sight = try await session(link.session) else { continue }
            for line in sight.events where line.counts && line.event.act == .join {
                joins.append(line.event.createdAt)
            }
        }
        return joins
    }

    /// What holds in a prompt at a moment, over all of its sessions, counted from their events.
    ///
    /// - Parameters:
    ///   - prompt: The prompt.
    ///   - time: The prompt time, inclusive.
    /// - Returns: What holds then.
    /// - Throws: ``IncidentError``.
    /// - Complexity: All events of the prompt's sessions.
    public func totals(
        ofPrompt prompt: String,
        at time: PromptTime
    ) async throws(IncidentError) -> PromptTotals {
        var totals = PromptTotals()
        for link in try await sessions(ofPrompt: prompt) {
            guard let sight = try await session(link.session) else { continue }
            let events = sight.events.filter(\.counts).map(\.event)
            totals.add(PromptTotals.standing(from: events, at: time))
        }
        return totals
    }

    /// How many events there are in each second of a stretch, counted from the events.
    ///
    /// - Parameters:
    ///   - prompt: The prompt.
    ///   - seconds: The first and the last second.
    /// - Returns: The seconds in which something happened, in their order.
    /// - Throws: ``IncidentError``.
    /// - Complexity: All events of the prompt's sessions.
    public func counts(
        ofPrompt prompt: String,
        in seconds: ClosedRange<Int64>
    ) async throws(IncidentError) -> [PromptSecond] {
        var counts: [Int64: [PromptActKind: Int64]] = [:]
        for link in try await sessions(ofPrompt: prompt) {
            guard let sight = try await session(link.session) else { continue }
            for line in sight.events where line.counts {
                let second = PromptSecond.containing(line.event.promptTime)
                guard seconds.contains(second) else { continue }
                counts[second, default: [:]][line.event.act.kind, default: 0] += 1
            }
        }
        return counts.sorted { $0.key < $1.key }.map { PromptSecond($0.key, $0.value) }
    }

    /// The events of a prompt in a stretch of prompt times, over all of its sessions, in the order
    /// of `(prompt_time, uid)`.
    ///
    /// - Parameters:
    ///   - prompt: The prompt.
    ///   - times: The first and the last prompt time.
    /// - Returns: The events that count, without what else their rows said.
    /// - Throws: ``IncidentError``.
    /// - Complexity: All events of the prompt's sessions; memory for those of one session and those
    ///   of the stretch.
    public func events(
        ofPrompt prompt: String,
        in times: ClosedRange<PromptTime>
    ) async throws(IncidentError) -> [PromptEvent] {
        var events: [PromptEvent] = []
        for link in try await sessions(ofPrompt: prompt) {
            guard let sight = try await session(link.session) else { continue }
            for line in sight.events where line.counts && times.contains(line.event.promptTime) {
                events.append(
                    PromptEvent(
                        uid: line.event.uid,
                        act: line.event.act,
                        promptTime: line.event.promptTime,
                        createdAt: line.event.createdAt
                    )
                )
            }
        }
        return events.sorted { $0.key < $1.key }
    }

    private func links(_ stream: StreamID) async throws(IncidentError) -> [PromptSessionLink] {
        var links: [PromptSessionLink] = []
        /// For each session that was removed, how many links stood before that.
        var removed: [PromptSessionID: Int] = [:]
        try await forEachFrame(of: stream) { header, frame throws(EventCodecError) in
            if let session = try PromptSessionLink.removedSession(header, frame: frame) {
                removed[session] = links.count
            } else if let link = try PromptSessionLink.read(header, frame: frame) {
                links.append(link)
            }
        }
        guard !removed.isEmpty else { return links }
        return links.enumerated()
            .filter { index, link in index >= removed[link.session] ?? 0 }
            .map(\.element)
    }

    /// Whether a session goes through a prompt, or went through it and was removed.
    ///
    /// - Throws: ``IncidentError``.
    /// - Complexity: Two reads of the prompt's stream.
    public func isKnown(prompt: String) async throws(IncidentError) -> Bool {
        if try await !sessions(ofPrompt: prompt).isEmpty { return true }
        return try await removedSessionCount(ofPrompt: prompt) > 0
    }

    /// How many sessions of a prompt were removed.
    ///
    /// - Throws: ``IncidentError``.
    /// - Complexity: One read of the prompt's stream.
    public func removedSessionCount(ofPrompt prompt: String) async throws(IncidentError) -> Int {
        guard !prompt.isEmpty else { return 0 }
        return try await removedSessionCount { () throws(LimitError) in
            try PromptSessionLink.stream(ofPrompt: prompt)
        }
    }

    /// How many sessions of a user were removed.
    ///
    /// - Throws: ``IncidentError``.
    /// - Complexity: One read of the user's stream.
    public func removedSessionCount(ofUser user: String) async throws(IncidentError) -> Int {
        guard !user.isEmpty else { return 0 }
        return try await removedSessionCount { () throws(LimitError) in
            try PromptSessionLink.stream(ofUser: user)
        }
    }

    private func removedSessionCount(
        _ list: () throws(LimitError) -> StreamID
    ) async throws(IncidentError) -> Int {
        let stream = try named(list)
        var removed: Set<PromptSessionID> = []
        try await forEachFrame(of: stream) { header, frame throws(EventCodecError) in
            if let session = try PromptSessionLink.removedSession(header, frame: frame) {
                removed.insert(session)
            }
        }
        return removed.count
    }

    private func forEachFrame(
        of stream: StreamID,
        _ body: (EventHeader, RawSpan) throws(EventCodecError) -> Void
    ) async throws(IncidentError) {
        var failure: IncidentError?
        do throws(JournalError) {
            try await journal.forEachEvent(of: stream, upTo: asOf) { header, frame in
                do throws(EventCodecError) {
                    try body(header, frame)
                    return .proceed
                } catch {
                    failure = .unreadable(position: header.position, error)
                    return .stop
                }
            }
        } catch {
            throw .journal(error)
        }
        if let failure { throw failure }
    }

    private func named(
        _ body: () throws(LimitError) -> StreamID
    ) throws(IncidentError) -> StreamID {
        do throws(LimitError) { return try body() } catch { throw .limit(error) }
    }
}

/// One session as it is shown; its state says what was removed of it.
public struct PromptSessionSight: Hashable, Sendable {
    public let session: PromptSessionID
    /// When the session was opened; nil where nobody said whose it is.
    public let openedAt: Timestamp?
    public let state: PromptSessionState
    /// Where it stands after all events that count.
    public let standing: PromptStanding
    /// In the order of their keys.
    public let events: [PromptEventLine]

    /// Whether there is anything of it that was not removed.
    public var isThere: Bool { openedAt != nil || !events.isEmpty || state.removal == nil }
}

/// One event of a session, and where it stands.
public struct PromptEventLine: Hashable, Sendable {
    public let position: Position
    public let recordedAt: Timestamp
    public let event: PromptEvent
    /// What was wrong with it when it was taken; nil for nothing.
    public let flaw: PromptSessionFlaw?

    /// Whether it counts in what holds at a moment.
    public var counts: Bool { flaw?.counts ?? true }
}
