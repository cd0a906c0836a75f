public import CairnCore
public import CairnDomains
public import CairnJournal

/// Where services record what people should know, as the source's `system_event_service` did
/// (seed 003).
///
/// Each call is one turn and durable when it returns. A turn that records something else may
/// record a system event beside it, so that both are there or neither.
public struct SystemEvents: Sendable {
    /// Where the events stand.
    public let journal: any Journal
    /// What lists them.
    public let board: SystemEventBoard
    private let clock: ServiceClock

    /// Records into a journal.
    ///
    /// - Parameters:
    ///   - journal: Where the events go.
    ///   - clock: What `created_at` is taken from where the caller gives none.
    public init(journal: any Journal, clock: ServiceClock = .system) {
        self.journal = journal
        self.clock = clock
        board = SystemEventBoard(journal)
    }

    /// Records an event of normal operation.
    ///
    /// - Parameters:
    ///   - type: `event_type`, such as `template.fallback_used`.
    ///   - leadID: The lead it is about.
    ///   - payload: A JSON object, kept byte for byte but for a long `error`.
    /// - Returns: Where it stands.
    /// - Throws: ``SystemEventsError``, as all of these do.
    @discardableResult
    public func info(
        _ type: String,
        leadID: LeadID? = nil,
        payload: String? = nil
    ) async throws(SystemEventsError) -> Receipt {
        try await record(.info, type, leadID, payload)
    }

    /// Records something that went wrong and that the system can live with.
    @discardableResult
    public func warn(
        _ type: String,
        leadID: LeadID? = nil,
        payload: String? = nil
    ) async throws(SystemEventsError) -> Receipt {
        try await record(.warn, type, leadID, payload)
    }

    /// Records that something that was asked for did not happen.
    @discardableResult
    public func error(
        _ type: String,
        leadID: LeadID? = nil,
        payload: String? = nil
    ) async throws(SystemEventsError) -> Receipt {
        try await record(.error, type, leadID, payload)
    }

    /// Records an event, such as one of the places of the source:
    /// `record(.whatsAppSendFailure(to: number, errorType: type, error: text))`.
    ///
    /// The payload is kept byte for byte but for its `error`: a text there is cut as
    /// `SystemEventText.error(_:)` does, to 200 whole characters, whatever was thrown and at
    /// whatever level; a warning of the source has one, too.
    ///
    /// - Parameters:
    ///   - event: What happened.
    ///   - instant: `created_at`; nil for now.
    ///   - id: The caller's own id, for a call that may be repeated: the same event is taken once.
    /// - Returns: Where it stands; of a repetition, where the first one does.
    /// - Throws: ``SystemEventsError``. After `JournalError.outcomeUnknown` the event may be there
    ///   or not; repeating a call that names an id settles it.
    @discardableResult
    public func record(
        _ event: SystemEvent,
        at instant: Timestamp? = nil,
        id: EventID? = nil
    ) async throws(SystemEventsError) -> Receipt {
        do throws(JournalError) {
            var event = event
            event.payload = event.payload?.withErrorCut
            let instant = instant ?? clock.now()
            let new = try limited { () throws(LimitError) in
                try event.newEvent(at: instant, id: id)
            }
            return try await append([new])[0]
        } catch {
            throw .journal(error)
        }
    }

    /// Appends events that are ready, in one turn.
    func append(_ events: [NewEvent]) async throws(JournalError) -> [Receipt] {
        let stream = try limited { () throws(LimitError) in try SystemEvent.stream() }
        return try await journal.turn { scope throws(JournalError) in
            try scope.append(events, to: stream, expecting: .any)
        }
    }

    private func record(
        _ level: SystemEventLevel,
        _ type: String,
        _ leadID: LeadID?,
        _ payload: String?
    ) async throws(SystemEventsError) -> Receipt {
        let event: SystemEvent
        do throws(SystemEventError) {
            event = SystemEvent(
                level,
                try SystemEventType(type),
                leadID: leadID,
                payload: try payload.map { text throws(SystemEventError) in
                    try SystemEventPayload(text)
                }
            )
        } catch {
            throw .event(error)
        }
        return try await record(event)
    }
}

/// Why a system event was not recorded.
public enum SystemEventsError: Error, Hashable, Sendable {
    /// It cannot be one; nothing was written.
    case event(SystemEventError)
    /// The journal refuses it, or failed.
    case journal(JournalError)
}

extension SystemEventsError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .event(let error): error.description
        case .journal(let error): error.description
        }
    }
}

extension TurnScope {
    /// Appends a system event in this turn, beside what else it appends.
    ///
    /// - Parameters:
    ///   - event: What happened.
    ///   - id: Its id, where it may come again.
    ///   - recordedAt: When it was recorded, beside imported history; nil for now.
    /// - Throws: `JournalError`.
    func record(
        _ event: SystemEvent,
        id: EventID? = nil,
        recordedAt: Timestamp? = nil
    ) throws(JournalError) {
        let stream = try limited { () throws(LimitError) in try SystemEvent.stream() }
        let new = try limited { () throws(LimitError) in
            try event.newEvent(at: recordedAt ?? now, id: id, recordedAt: recordedAt)
        }
        try append([new], to: stream, expecting: .any)
    }

    /// Records that an event which was kept came after the leave event of its session; nothing
    /// where that is not what is wrong with it.
    ///
    /// - Parameters:
    ///   - event: The event, which this turn appended.
    ///   - session: Its session.
    ///   - flaw: What was wrong with it.
    ///   - recordedAt: When it was recorded, if that is not now.
    /// - Throws: `JournalError`.
    func recordIgnored(
        _ event: PromptEvent,
        of session: PromptSessionID,
        for flaw: PromptSessionFlaw?,
        recordedAt: Timestamp? = nil
    ) throws(JournalError) {
        guard case .ended(let leftAt) = flaw else { return }
        let type = SystemEventType.promptEventIgnored
        let id = try limited { () throws(LimitError) in
            try EventID("\(type.name)/\(event.uid.name)")
        }
        // Looked up, because an id that something else has must not drop a row that is kept.
        guard try receipt(of: id) == nil else { return }
        try record(
            .promptEventIgnored(event, of: session, leftAt: leftAt),
            id: id,
            recordedAt: recordedAt
        )
    }

    /// Records that a change of status was refused.
    func record(_ conflict: AtomicUpdateConflict, of stream: StreamID) throws(JournalError) {
        var conflict = conflict
        conflict.stream = stream
        try record(.atomicUpdateConflict(conflict))
    }
}
