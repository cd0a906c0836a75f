// begin: commands
import Cairn
import CairnTesting
import Testing

extension Generator where Value == StampCard.Command {
    static var stampCard: Self {
        let cups = Generator<Int>.int(in: 1...4)
        return one(of: cups.map { .buy(cups: $0) }, .constant(.redeem))
    }
}
// end

@Suite(.enabled(if: SampleRun.isThis))
// begin: test
struct StampCardTests {
    @Test func `no stamp is lost`() throws {
        let noneIsLost = Invariant<StampCard.State>("every fifth stamp is a free cup") {
            $0.stamps + 5 * $0.free == $0.bought
        }
        try check(
            "no stamp is lost",
            machine: StampCard(),
            commands: .stampCard,
            invariants: [noneIsLost],
            settings: PropertySettings(seed: 1)
        )
    }
}
// end
