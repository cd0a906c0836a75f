public import CairnCore

/// A machine whose streams can be looked into: how its stored events are read and folded, and a
/// form of its states and events that people and predicates read.
///
/// It is the reading half of a `StoredMachine`, so a machine of yours becomes one by naming the
/// kind of its streams. States and events are told as JSON by reflection unless the machine says
/// it better; one that reads events from JSON lets histories be changed by hand.
///
/// ```swift
/// extension BoxOffice: InspectableMachine {
///     var streamKind: StreamKind { StreamKind("tickets") }
/// }
/// ```
public protocol InspectableMachine: Sendable {
    associatedtype State: Hashable & Sendable
    associatedtype Event: Sendable
    /// What a predicate is asked of: a state with all that can be said of it.
    associatedtype Standing: FieldResolver = DocumentRecord

    /// The kind of the machine's streams: what stands before the slash in their names.
    var streamKind: StreamKind { get }

    /// The state of a stream before its first event.
    var initial: State { get }

    /// The stream of a key.
    ///
    /// - Throws: `LimitError` for a key that no stream can have.
    func stream(of key: String) throws(LimitError) -> StreamID

    /// Reads a stored event; nil for one that says it may be passed over, or that was erased.
    ///
    /// - Throws: `EventCodecError`, above all for what a newer program wrote (law 6).
    func event(_ header: EventHeader, frame: RawSpan) throws(EventCodecError) -> Event?

    /// Takes one stored event into the state.
    func evolve(_ state: inout State, by event: Event)

    /// Takes note of a stored event that is passed over.
    func passOver(_ state: inout State)

    /// Whether a stream in that state is to be seen at all, as it is not where all that it had was
    /// removed; always unless the machine says otherwise.
    func isSeen(_ state: State) -> Bool

    /// What a state says, as a JSON object: differences between states are told by its members.
    func document(of state: State) -> JSONValue

    /// What an event says, as a JSON object.
    func document(of event: Event) -> JSONValue

    /// What an event is called, in few words: of two histories, events of one name are taken as
    /// the same step.
    ///
    /// The case of an enumeration, of the event or of the first part of it that is one, unless
    /// the machine says it better.
    func name(of event: Event) -> String

    /// How an event stands on the page of a report: in which lane, and what it says of the work
    /// there.
    ///
    /// Unless the machine says it better, each name of events is a lane, no event says anything of
    /// work, and each happened when it was recorded.
    ///
    /// - Parameters:
    ///   - event: The event.
    ///   - occurredAt: When it happened, as the journal has it.
    /// - Returns: The row; what the event says besides is told by `document(of:)`.
    func reportRow(of event: Event, occurredAt: Timestamp) -> ReportRow

    /// The order in which events should come, by their names; nil, unless the machine declares
    /// one, for any order.
    var declaredPath: EventPath? { get }

    /// An event as `event(from:at:)` reads it, which is what changes are merged into; as
    /// `document(of:)` has it unless the machine tells people otherwise.
    func editableDocument(of event: Event) -> JSONValue

    /// Reads an event from such an object.
    ///
    /// - Parameters:
    ///   - document: What `editableDocument(of:)` writes of an event.
    ///   - instant: When it happened, where the object does not say.
    /// - Returns: The event.
    /// - Throws: ``EventDocumentError``; unless the machine reads events, it always does.
    func event(
        from document: JSONValue,
        at instant: Timestamp
    ) throws(EventDocumentError) -> Event

    /// Whether a text is a word of the program, and so everybody's: a currency, or the name of a
    /// member in a document that the machine writes itself.
    ///
    /// Such a text stays in a bundle and in a test, wherever it stands. The names of cases and of
    /// properties that reflection finds stay, too; no other text does unless the machine says so.
    func isWord(_ text: String) -> Bool

    /// A state as predicates see it.
    ///
    /// - Parameters:
    ///   - state: The state.
    ///   - stream: Whose it is.
    ///   - now: The instant that ages count from.
    /// - Returns: The state and all that can be asked of it.
    func standing(_ state: State, of stream: StreamID, now: Timestamp) -> Standing
}

extension InspectableMachine {
    public func stream(of key: String) throws(LimitError) -> StreamID {
        try StreamID(kind: streamKind, key: key)
    }

    public func isSeen(_ state: State) -> Bool { true }

    public func name(of event: Event) -> String { ReflectedName.of(event) }

    public func document(of state: State) -> JSONValue { JSONValue(reflecting: state) }

    public func document(of event: Event) -> JSONValue { JSONValue(reflecting: event) }

    public func reportRow(of event: Event, occurredAt: Timestamp) -> ReportRow {
        ReportRow(lane: name(of: event))
    }

    public var declaredPath: EventPath? { nil }

    public func editableDocument(of event: Event) -> JSONValue { document(of: event) }

    public func event(
        from document: JSONValue,
        at instant: Timestamp
    ) throws(EventDocumentError) -> Event {
        throw .notReadable
    }

    public func isWord(_ text: String) -> Bool { false }
}

extension InspectableMachine where Standing == DocumentRecord {
    public func standing(
        _ state: State,
        of stream: StreamID,
        now: Timestamp
    ) -> DocumentRecord {
        DocumentRecord(document(of: state))
    }
}

/// Why a JSON text is not an event of a machine.
public enum EventDocumentError: Error, Hashable, Sendable {
    /// The machine does not read events from JSON.
    case notReadable
    /// It is not a JSON object.
    case notAnObject
    case missing(member: String)
    case unknown(member: String)
    /// A member holds what it cannot hold.
    case wrongValue(member: String, expected: String)
}

extension EventDocumentError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notReadable: "this machine does not read events from JSON"
        case .notAnObject: "an event is a JSON object"
        case .missing(let member): "the event has no '\(member)'"
        case .unknown(let member): "an event has no member '\(member)'"
        case .wrongValue(let member, let expected): "'\(member)' must be \(expected)"
        }
    }
}
