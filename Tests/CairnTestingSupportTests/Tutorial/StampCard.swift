// begin: machine
import Cairn

/// A customer's card in a coffee shop: every fifth stamp pays for a cup.
struct StampCard: Machine {
    struct State: Hashable, Sendable { var stamps = 0, bought = 0, free = 0 }
    enum Command: Hashable, Sendable { case buy(cups: Int), redeem }
    enum Event: Hashable, Sendable { case bought(cups: Int), redeemed }
    enum Rejection: Error { case notEnoughStamps }

    let initial = State()

    func decide(
        _ command: Command,
        in state: State,
        context: TurnContext
    ) throws(Rejection) -> [Event] {
        switch command {
        case .buy(let cups): [.bought(cups: cups)]
        case .redeem where state.stamps >= 5: [.redeemed]
        case .redeem: throw .notEnoughStamps
        }
    }

    func evolve(_ state: inout State, by event: Event) {
        switch event {
        case .bought(let cups):
            state.stamps += cups
            state.bought += cups
        case .redeemed:
            state.stamps = 0
            state.free += 1
        }
    }
}
// end
