import Cairn
import CairnCommands
import CairnTesting

/// Parcels that are driven to someone's door, once or more often.
struct Courier: StoredMachine {
    struct State: Hashable, Sendable {
        var place = "depot"
        var drives = 0
        var misses: [Miss] = []
    }

    struct Miss: Hashable, Sendable {
        let reason: String
        let drive: Int
    }

    enum Fact: Hashable, Sendable {
        case collected
        case driven(Int)
        case missed(Int, reason: String, again: Timestamp?)
        case delivered(Int)
        case returned
    }

    struct Event: Hashable, Sendable {
        let fact: Fact
        let at: Timestamp
    }

    enum Rejection: Error { case isOver }

    let initial = State()

    func decide(
        _ command: Fact,
        in state: State,
        context: TurnContext
    ) throws(Rejection) -> [Event] {
        guard state.place != "door" else { throw .isOver }
        return [Event(fact: command, at: context.now)]
    }

    func evolve(_ state: inout State, by event: Event) {
        switch event.fact {
        case .collected, .returned: state.place = "depot"
        case .driven(let drive): (state.place, state.drives) = ("van", drive)
        case .missed(let drive, let reason, _):
            state.misses.append(Miss(reason: reason, drive: drive))
        case .delivered: state.place = "door"
        }
    }

    func newEvent(_ event: Event) throws(LimitError) -> NewEvent {
        let (type, words): (String, [String]) =
            switch event.fact {
            case .collected: ("collected", [])
            case .driven(let drive): ("driven", ["\(drive)"])
            case .missed(let drive, let reason, let again):
                ("missed", ["\(drive)", reason] + (again.map { [$0.rfc3339] } ?? []))
            case .delivered(let drive): ("delivered", ["\(drive)"])
            case .returned: ("returned", [])
            }
        return try NewEvent(
            type: "parcel.\(type)",
            occurredAt: event.at,
            codec: .json,
            payload: Array(words.joined(separator: "|").utf8)
        )
    }

    func event(_ header: EventHeader, frame: RawSpan) throws(EventCodecError) -> Event? {
        let payload = String(decoding: frame.extracting(header.payloadRange).array(), as: UTF8.self)
        let words = payload.split(separator: "|").map(String.init)
        let drive = words.first.flatMap { Int($0) } ?? 0
        let type = header.type(in: frame)
        let fact: Fact
        switch type {
        case "parcel.collected": fact = .collected
        case "parcel.driven": fact = .driven(drive)
        case "parcel.missed" where words.count > 1:
            let again = words.count > 2 ? try? Timestamp(rfc3339: words[2]) : nil
            fact = .missed(drive, reason: words[1], again: again)
        case "parcel.delivered": fact = .delivered(drive)
        case "parcel.returned": fact = .returned
        default: throw .unknownType(type)
        }
        return Event(fact: fact, at: header.occurredAt)
    }
}

// begin
extension Courier: InspectableMachine {
    var streamKind: StreamKind { StreamKind("parcels") }

    var declaredPath: EventPath? {
        EventPath(
            from: ["collected"],
            [
                "collected": ["driven"],
                "driven": ["missed", "delivered"],
                "missed": ["driven", "returned"],
            ],
            to: ["delivered", "returned"]
        )
    }

    func reportRow(of event: Event, occurredAt: Timestamp) -> ReportRow {
        var row = ReportRow(lane: "delivery", happenedAt: occurredAt)
        switch event.fact {
        case .collected: (row.lane, row.status) = ("depot", .completed)
        case .driven(let drive): (row.status, row.attempt) = (.started, Int64(drive))
        case .missed(let drive, let reason, let again):
            (row.status, row.attempt) = (.failed, Int64(drive))
            (row.errorCode, row.nextRetryAt) = (reason, again)
        case .delivered(let drive): (row.status, row.attempt) = (.completed, Int64(drive))
        case .returned: (row.lane, row.status) = ("depot", .skipped)
        }
        return row
    }
}
// end

extension Courier {
    static func time(_ text: String) throws -> Timestamp {
        try Timestamp(rfc3339: "2026-03-02T\(text)Z")
    }

    /// A journal of a morning.
    ///
    /// One parcel arrives at once, one at the second drive, one waits for its address, and one is
    /// at the door without a drive. Each event is recorded a second after it happened.
    static func journal(at path: String) async throws {
        let clock = ManualClock(at: try time("08:00:00"))
        var configuration = LMDBJournal.Configuration()
        configuration.clock = { clock.now }
        let journal = try LMDBJournal(path: path, configuration: configuration)
        let missedAt = try time("11:00:00")
        let facts: [(String, String, Fact)] = [
            ("09:00", "P-1", .collected), ("09:05", "P-2", .collected),
            ("09:06", "P-3", .collected), ("09:07", "P-4", .collected),
            ("09:10", "P-1", .driven(1)), ("09:20", "P-2", .driven(1)),
            ("09:30", "P-3", .driven(1)), ("09:40", "P-1", .delivered(1)),
            ("09:50", "P-2", .missed(1, reason: "nobody home", again: missedAt)),
            ("10:00", "P-3", .missed(1, reason: "wrong address", again: nil)),
            ("10:10", "P-4", .delivered(1)), ("11:00", "P-2", .driven(2)),
            ("11:20", "P-2", .delivered(2)),
        ]
        for (minute, parcel, fact) in facts {
            let event = Event(fact: fact, at: try time("\(minute):00"))
            clock.advance(by: event.at.adding(.seconds(1)).since(clock.now))
            let stream = try Courier().stream(of: parcel)
            try await journal.append(try Courier().newEvent(event), to: stream)
        }
        journal.close()
    }
}
