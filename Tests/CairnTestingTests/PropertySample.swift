import Cairn
import CairnTesting

// begin
/// Tickets that are held for a while and then sold or let go.
struct BoxOffice: Machine {
    struct State: Hashable, Sendable { var free = 3, held = 0, sold = 0 }
    enum Command: Sendable { case hold(Int), sell(Int), letGo }
    enum Event: Hashable, Sendable { case held(Int), sold(Int), letGo }
    enum Rejection: Error { case notEnough }

    let initial = State()

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
        case .letGo: state.free += state.held
        }
    }
}

func checkBoxOffice() throws {
    let count = Generator.int(in: 1...3)
    let command = Generator<BoxOffice.Command>.one(
        of: count.map { .hold($0) },
        count.map { .sell($0) },
        .constant(.letGo)
    )
    let noneIsLost = Invariant<BoxOffice.State>("there are three tickets") {
        $0.free + $0.held + $0.sold == 3
    }
    try check(
        "tickets",
        machine: BoxOffice(),
        commands: command,
        invariants: [noneIsLost],
        settings: PropertySettings(seed: 1)
    )
}
// end
