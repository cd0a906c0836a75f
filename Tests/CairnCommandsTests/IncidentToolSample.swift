import Cairn
import CairnCommands
import CairnTesting

/// Tickets that are held for a while and then sold or let go.
struct TicketDesk: StoredMachine {
    struct State: Hashable, Sendable { var free = 3, held = 0, sold = 0 }
    enum Command: Sendable { case hold(Int), sell(Int), letGo }
    enum Event: Hashable, Sendable { case held(Int), sold(Int), letGo }
    enum Rejection: Error { case notEnough }

    let initial = State()
    /// Whether it forgets that tickets which are let go are held no more.
    var forgets = true

    func decide(
        _ command: Command,
        in state: State,
        context: TurnContext
    ) throws(Rejection) -> [Event] {
        switch command {
        case .hold(let count) where count <= state.free: [.held(count)]
        case .sell(let count) where count <= state.held: [.sold(count)]
        case .letGo: [.letGo]
        case .hold, .sell: throw .notEnough
        }
    }

    func evolve(_ state: inout State, by event: Event) {
        switch event {
        case .held(let count): (state.free, state.held) = (state.free - count, state.held + count)
        case .sold(let count): (state.held, state.sold) = (state.held - count, state.sold + count)
        case .letGo:
            state.free += state.held
            if !forgets { state.held = 0 }
        }
    }

    func newEvent(_ event: Event) throws(LimitError) -> NewEvent {
        let (type, count) =
            switch event {
            case .held(let count): ("tickets.held", count)
            case .sold(let count): ("tickets.sold", count)
            case .letGo: ("tickets.let_go", 0)
            }
        return try NewEvent(
            type: type,
            occurredAt: .unixEpoch,
            codec: .json,
            payload: Array("\(count)".utf8)
        )
    }

    func event(_ header: EventHeader, frame: RawSpan) throws(EventCodecError) -> Event? {
        let type = header.type(in: frame)
        let payload = frame.extracting(header.payloadRange)
        guard case .number(let text)? = try? JSONValue.parse(payload), let count = Int(text) else {
            throw .malformed(type: type, reason: "it is no number")
        }
        return switch type {
        case "tickets.held": .held(count)
        case "tickets.sold": .sold(count)
        case "tickets.let_go": .letGo
        default: throw .unknownType(type)
        }
    }
}

// begin
extension TicketDesk: InspectableMachine {
    var streamKind: StreamKind { StreamKind("tickets") }
}

func incident(_ arguments: [String]) async -> Int32 {
    let tool = IncidentTool(TicketDesk(), name: "tickets incident")
    return await tool.run(arguments)
}
// end

// begin compare
func deployCheck(_ arguments: [String]) async -> Int32 {
    let tool = IncidentTool(TicketDesk(), name: "tickets incident")
        .comparing(TicketDesk(), to: TicketDesk(forgets: false)) { comparison in
            comparison.isInFlight = { old, new in old.free > 0 || new.free > 0 }
        }
    return await tool.run(arguments)
}
// end compare

extension TicketDesk {
    /// A journal of two concerts, the second of which goes wrong.
    static func journal(at path: String) async throws {
        let clock = ManualClock(at: try Timestamp(rfc3339: "2026-03-01T18:00:00Z"))
        var configuration = LMDBJournal.Configuration()
        configuration.clock = { clock.now }
        let journal = try LMDBJournal(path: path, configuration: configuration)
        let events: [(String, Event)] = [
            ("mozart", .held(2)), ("mahler", .held(2)), ("mozart", .sold(2)), ("mahler", .letGo),
            ("mahler", .held(3)), ("mahler", .sold(3)),
        ]
        for (concert, event) in events {
            let stream = try TicketDesk().stream(of: concert)
            try await journal.append(try TicketDesk().newEvent(event), to: stream)
            clock.advance(by: .seconds(60))
        }
        journal.close()
    }
}
