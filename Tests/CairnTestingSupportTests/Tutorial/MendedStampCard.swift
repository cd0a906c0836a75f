import Cairn
import CairnTesting
import CairnTestingSupport
import Testing

/// The card without its mistake, and its tests with what was kept of it.
enum Mended {
    struct StampCard: Machine {
        typealias Mistaken = CairnTestingSupportTests.StampCard
        typealias State = Mistaken.State
        typealias Command = Mistaken.Command
        typealias Event = Mistaken.Event
        typealias Rejection = Mistaken.Rejection

        let initial = State()

        func decide(
            _ command: Command,
            in state: State,
            context: TurnContext
        ) throws(Rejection) -> [Event] {
            try Mistaken().decide(command, in: state, context: context)
        }

        // begin: mended
        func evolve(_ state: inout State, by event: Event) {
            switch event {
            case .bought(let cups):
                state.stamps += cups
                state.bought += cups
            case .redeemed:
                state.stamps -= 5
                state.free += 1
            }
        }
        // end
    }

    // begin: traits
    @Suite(.corpus(), .runs(2_000)) struct StampCardTests {
        @Test func `no stamp is lost`() throws {
            let noneIsLost = Invariant<StampCard.State>("every fifth stamp is a free cup") {
                $0.stamps + 5 * $0.free == $0.bought
            }
            try check(
                "no stamp is lost",
                machine: StampCard(),
                commands: .stampCard,
                invariants: [noneIsLost]
            )
        }
    }
    // end
}

extension Mended.StampCardTests {
    private typealias StampCard = Mended.StampCard

    // begin: regression
    @Test("a case of: no stamp is lost")
    func regression_e8c8b39c() throws {
        // The same as a token: ARIBCAEBEQEBCAEBIQEBCAEJAQHbVJdd
        let known = Regression("no stamp is lost") { script in
            script.step("command", StampCard.Command.buy(cups: 2))
            script.step("command", StampCard.Command.buy(cups: 4))
            script.step("command", StampCard.Command.redeem)
        }
        try known.run { try `no stamp is lost`() }
    }
    // end

    // begin: law
    @Test func `a replay gives the state`() async {
        await expectHolds { try Laws.replayEqualsLive(StampCard(), commands: .stampCard) }
    }
    // end

    // begin: expectation
    @Test func `a card is never overdrawn`() async {
        await expectHolds("a card is never overdrawn") { draw in
            let commands = try draw(.array(of: .stampCard, count: 0...20), "commands")
            var state = StampCard().initial
            for command in commands {
                let context = TurnContext(now: .unixEpoch)
                let events = try? StampCard().decide(command, in: state, context: context)
                for event in events ?? [] { StampCard().evolve(&state, by: event) }
                #expect(state.stamps >= 0)
            }
        }
    }
    // end
}
