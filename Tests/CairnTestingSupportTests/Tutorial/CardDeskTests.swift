import CairnTesting
import Testing

// begin: run
/// A desk beside what it should say.
struct DeskRun {
    var desk = CardDesk()
    var model: [String: Int] = [:]
    var customers = Pool<String>()
}
// end

@Suite(.enabled(if: SampleRun.isThis)) struct CardDeskTests {
    // begin: rules
    static let buy = Rule<DeskRun>("buy") { run, draw in
        let customer = try draw.reuse(run.customers, or: .text(count: 1...8), "customer")
        let cups = try draw(.int(in: 1...4), "cups")
        run.customers.add(customer)
        run.model[customer, default: 0] += cups
        run.desk.buy(cups, for: customer)
    }

    static let give = Rule<DeskRun>("give", when: { !$0.customers.isEmpty }) { run, draw in
        let giver = try draw.pick(run.customers, "giver")
        let taker = try draw.pick(run.customers, "taker")
        let given = run.model.removeValue(forKey: giver) ?? 0
        run.model[taker, default: 0] += given
        run.desk.give(from: giver, to: taker)
        try draw.expect(run.desk.stamps(of: taker), equals: run.model[taker] ?? 0)
    }
    // end

    // begin: desk test
    @Test func `a desk is a dictionary`() throws {
        try check(
            "a desk is a dictionary",
            startingWith: DeskRun(),
            rules: [Self.buy, Self.give],
            settings: PropertySettings(seed: 1)
        )
    }
    // end

    // begin: desk exploration
    @Test func `a desk is a dictionary, whatever three steps do`() throws {
        try explore(
            "a desk is a dictionary",
            startingWith: DeskRun(),
            rules: [Self.buy, Self.give],
            seenAs: { $0.model },
            depthMax: 3,
            valueCountMax: 2
        )
    }
    // end
}
