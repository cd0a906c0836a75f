import Cairn
import CairnTesting

/// Visits to a practice: nearly all that stands in their events is a secret.
struct Practice: StoredMachine {
    enum Currency: String, Hashable, Sendable { case euro = "EUR", pound = "GBP" }

    enum Fact: Hashable, Sendable {
        case booked(patient: String, due: Timestamp)
        case noted(text: String, tags: [String: String])
        case charged(cents: Int, currency: Currency)
        case referred(to: String, visit: StreamID)
        case left
        case forgotten
    }

    struct Event: Hashable, Sendable {
        var fact: Fact
        var at: Timestamp
    }

    struct State: Hashable, Sendable {
        enum Standing: Hashable, Sendable { case open, over, forgotten }

        var standing = Standing.open
        var origin = "front desk"
        var patient: String?
        var due: Timestamp?
        var begun: Timestamp?
        var notes: [String] = []
        var tags: [String: Set<String>] = [:]
        var cents: [String: Int] = [:]
        var department: String?
        var referral: StreamID?
        var isUrgent = false
    }

    enum Rejection: Error { case never }

    let initial = State()
    /// Texts that are nobody's secret.
    var words: Set<String> = ["cardiology", "surgery"]
    /// Whether it reads what it does not know and may pass over as if it were broken.
    var isStrict = false

    func decide(
        _ event: Event,
        in state: State,
        context: TurnContext
    ) throws(Rejection) -> [Event] { [event] }

    func evolve(_ state: inout State, by event: Event) {
        if state.begun == nil { state.begun = event.at }
        switch event.fact {
        case .booked(let patient, let due):
            (state.patient, state.due) = (patient, due)
            state.standing = .open
        case .noted(let text, let tags):
            state.notes.append(text)
            for (name, value) in tags { state.tags[name, default: []].insert(value) }
            // As rules do that had better ask something else.
            if text.hasPrefix("urgent") { state.isUrgent = true }
        case .charged(let cents, let currency):
            state.cents[currency.rawValue, default: 0] += cents
        case .referred(let department, let visit):
            (state.department, state.referral) = (department, visit)
        case .left: state.standing = .over
        case .forgotten:
            state = initial
            state.standing = .forgotten
        }
    }

    func newEvent(_ event: Event) throws(LimitError) -> NewEvent {
        try NewEvent(
            type: "visit",
            occurredAt: event.at,
            codec: .json,
            payload: Array(editableDocument(of: event).description.utf8)
        )
    }

    func event(_ header: EventHeader, frame: RawSpan) throws(EventCodecError) -> Event? {
        let type = header.type(in: frame)
        guard type == "visit" else {
            if type == "ping" || !isStrict && header.flags.contains(.mayBeIgnored) { return nil }
            throw .unknownType(type)
        }
        guard let document = try? JSONValue.parse(frame.extracting(header.payloadRange)),
            let event = try? event(from: document, at: header.occurredAt)
        else { throw .malformed(type: type, reason: "it is no visit") }
        return event
    }
}

// begin bundle
extension Practice: InspectableMachine {
    var streamKind: StreamKind { StreamKind("visits") }

    func isSeen(_ state: State) -> Bool { state.standing != .forgotten }

    func isWord(_ text: String) -> Bool { words.contains(text) }

    func event(
        from document: JSONValue,
        at instant: Timestamp
    ) throws(EventDocumentError) -> Event {
        guard let fact = document["fact"] else { throw .missing(member: "fact") }
        return Event(fact: try Fact(fact), at: instant)
    }
}
// end bundle

extension Practice.Fact {
    /// Reads what a reflected document says.
    init(_ document: JSONValue) throws(EventDocumentError) {
        let members = PracticeMembers(document)
        if document == .string("left") {
            self = .left
        } else if document == .string("forgotten") {
            self = .forgotten
        } else if let booked = members["booked"] {
            self = .booked(patient: try booked.text("patient"), due: try booked.time("due"))
        } else if let noted = members["noted"] {
            self = .noted(text: try noted.text("text"), tags: try noted.texts("tags"))
        } else if let charged = members["charged"] {
            guard let currency = Practice.Currency(rawValue: try charged.text("currency")) else {
                throw .wrongValue(member: "currency", expected: "EUR or GBP")
            }
            self = .charged(cents: try charged.integer("cents"), currency: currency)
        } else if let referred = members["referred"] {
            let department = try referred.text("to")
            guard ["cardiology", "surgery"].contains(department) else {
                throw .wrongValue(member: "to", expected: "a department")
            }
            guard let visit = try? StreamID(referred.text("visit")) else {
                throw .wrongValue(member: "visit", expected: "a visit")
            }
            self = .referred(to: department, visit: visit)
        } else {
            throw .wrongValue(member: "fact", expected: "one of a visit")
        }
    }
}

/// Members of an object, each as what it has to be.
struct PracticeMembers {
    private let object: JSONValue

    init(_ object: JSONValue) { self.object = object }

    subscript(name: String) -> PracticeMembers? { object[name].map { PracticeMembers($0) } }

    func text(_ name: String) throws(EventDocumentError) -> String {
        guard case .string(let text)? = object[name] else {
            throw .wrongValue(member: name, expected: "a text")
        }
        return text
    }

    func time(_ name: String) throws(EventDocumentError) -> Timestamp {
        guard let time = try? Timestamp(rfc3339: try text(name)) else {
            throw .wrongValue(member: name, expected: "a time")
        }
        return time
    }

    func integer(_ name: String) throws(EventDocumentError) -> Int {
        guard case .number(let text)? = object[name], let integer = Int(text) else {
            throw .wrongValue(member: name, expected: "a whole number")
        }
        return integer
    }

    func texts(_ name: String) throws(EventDocumentError) -> [String: String] {
        guard case .object(let members)? = object[name] else {
            throw .wrongValue(member: name, expected: "an object")
        }
        var texts: [String: String] = [:]
        for member in members {
            guard case .string(let text) = member.value else {
                throw .wrongValue(member: name, expected: "texts by their names")
            }
            texts[member.key] = text
        }
        return texts
    }
}

extension Practice {
    static let mark = "Zq7Xk"
    /// All texts that nobody else is to see, as they stand in the journal.
    static let secrets = [
        "patient", "note", "tag", "value", "other", "visit", "referral", "id", "ping", "pingID",
        "dup",
    ].map { secret($0) }
    static let number = 987_654_321_012
    static let start = Timestamp(nanoseconds: 1_700_000_000_123_456_789)
    static let visit = secret("visit")
    static let referral = secret("referral")

    static func secret(_ field: String) -> String { "\(mark)-\(field)" }

    /// What happens in a journal of two visits, each with the visit that it belongs to.
    static func day() throws -> [(String, Fact)] {
        let due = start.adding(.seconds(86_400))
        let other = try StreamID(kind: StreamKind("visits"), key: referral)
        return [
            (visit, .booked(patient: secret("patient"), due: due)),
            (visit, .noted(text: secret("note"), tags: [secret("tag"): secret("value")])),
            (referral, .booked(patient: secret("patient"), due: due)),
            // The key of a visit is the same text wherever it stands.
            (visit, .noted(text: visit, tags: [secret("tag"): secret("other"), "b": "EUR"])),
            (visit, .charged(cents: number, currency: .euro)),
            (visit, .charged(cents: 1_250, currency: .pound)),
            (visit, .referred(to: "cardiology", visit: other)),
            (referral, .noted(text: secret("dup"), tags: [:])),
            (visit, .left),
        ]
    }

    /// Writes a journal of visits, a minute after one another.
    @discardableResult
    static func journal(
        at path: String,
        _ events: [(String, Fact)],
        id: String? = nil
    ) async throws -> LMDBJournal {
        let clock = ManualClock(at: start)
        var configuration = LMDBJournal.Configuration()
        configuration.clock = { clock.now }
        let journal = try LMDBJournal(path: path, configuration: configuration)
        let practice = Practice()
        for (index, (visit, fact)) in events.enumerated() {
            clock.advance(by: .seconds(60))
            var event = try practice.newEvent(Event(fact: fact, at: clock.now))
            if index == 0, let id {
                event = try NewEvent(
                    type: event.type,
                    id: try EventID(id),
                    occurredAt: event.occurredAt,
                    codec: event.codec,
                    payload: event.payload
                )
            }
            try await journal.append(event, to: try practice.stream(of: visit))
        }
        return journal
    }

    /// An event that a practice may pass over.
    static func ping(_ type: String = "ping") throws -> NewEvent {
        try NewEvent(
            type: type,
            id: try EventID(secret("pingID")),
            occurredAt: start,
            mayBeIgnored: true,
            payload: Array(secret("ping").utf8)
        )
    }
}
