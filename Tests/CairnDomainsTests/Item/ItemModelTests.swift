import CairnCore
@testable import CairnDomains
import Testing

/// Law 5 by walking through every sequence of a few commands.
struct ItemModelTests {
    /// A small alphabet in which every rule about the right to send has a letter.
    static func commands(worksInSteps: Bool) -> [ItemCommand] {
        let request = ItemSamples.request(worksInSteps: worksInSteps)
        return [
            .begin(request, ItemSamples.hold(1), .unlessFailed),
            .begin(request, ItemSamples.hold(2), .standard),
        ] + rest
    }

    private static let rest: [ItemCommand] = [
        .resume(ItemSamples.hold(2), .dedup, bounds),
        .resume(ItemSamples.hold(2), .notSent, bounds),
        .resume(ItemSamples.hold(2), .steps, bounds),
        .resume(ItemSamples.hold(2), .attempt, bounds),
        .accept(ItemSamples.acceptance),
        .reject(.provider, isFinal: false, reason: "no", .standard),
        .reject(.sender, isFinal: true, reason: "no", .once),
        .reject(.provider, isFinal: true, reason: "no", .once),
        .reject(.steps, isFinal: false, reason: "no", .standard),
        .doubt(ItemDoubt(.error)), .doubt(ItemDoubt(.timeout)), .doubt(ItemDoubt(.step)),
        .planRetry(.standard),
        .noteLoss, .release,
        .settle(ItemSettlement(.sent, source: .ask, by: "policy")),
        .settle(ItemSettlement(.failed, source: .person, by: "ann")),
        .settle(ItemSettlement(.failedFinal, source: .lateReply, by: "provider")),
        .beginStep(ItemStepMark(number: 1, name: "pay")),
        .endStep(ItemStepEnd(number: 1, result: [])),
        .failStep(ItemStepFailure(number: 1, reason: "no")),
        .setTimer(ItemTimer(number: 1, name: "pay", until: .unixEpoch, bootEnd: ItemSamples.lease)),
        .receive(report(.sent, attempt: 1)), .receive(report(.softFailure, attempt: 1)),
        .receive(report(.hardFailure, attempt: 1)), .receive(report(.delivered, attempt: 1)),
        .receive(report(.note, attempt: 1)), .receive(report(.softFailure, attempt: 2)),
    ]
    private static let bounds = ResumeBounds(lossCountMax: 3, resendCountMax: 2)

    private static func report(_ meaning: CallbackMeaning, attempt: Int64) -> InteractionCallback {
        var callback = ItemSamples.callback(meaning)
        callback.reference = "unlinked"
        callback.providerKey = "k#\(attempt)"
        return callback
    }

    private struct Node: Hashable {
        var state = ItemState()
        var oracle = SendOracle()
    }

    @Test(arguments: [false, true])
    func `no sequence of five commands lets two send at once`(worksInSteps: Bool) {
        let commands = Self.commands(worksInSteps: worksInSteps)
        let machine = ItemMachine()
        var level: Set<Node> = [Node()]
        var (stateCount, stepCount, verdicts) = (1, 0, Set<String>())
        var faults: [String] = []
        for depth in 1...5 {
            var next: Set<Node> = []
            for node in level {
                // The right fence, the one before it and one that never was.
                let right = node.state.current?.fence.rawValue ?? 0
                for command in commands {
                    for fence in Self.fences(of: command, right) {
                        let context = TurnContext(now: ItemSamples.now, fence: fence)
                        stepCount += 1
                        guard
                            let events = try? machine.decide(
                                command,
                                in: node.state,
                                context: context
                            ), !events.isEmpty
                        else { continue }
                        var after = node
                        for event in events {
                            let fault = after.oracle.take(event.fact, from: command, fence: fence)
                            if let fault { faults.append("\(depth): \(fault): \(command)") }
                            machine.evolve(&after.state, by: event)
                        }
                        if let fault = after.oracle.disagreement(with: after.state) {
                            faults.append("\(depth): \(fault): \(command)")
                        }
                        verdicts.insert(after.state.verdict().word)
                        next.insert(after)
                    }
                }
                guard faults.count < 20 else { break }
            }
            stateCount += next.count
            level = next
        }
        #expect(faults.isEmpty, "\(faults.prefix(20).joined(separator: "\n"))")
        #expect(verdicts == Set(KeyVerdict.words).subtracting(["fresh", "conflict"]))
        #expect(stateCount > 3_000, "\(stateCount)")
        print("item model, in steps \(worksInSteps): \(stateCount) states, \(stepCount) steps")
    }

    private static func fences(of command: ItemCommand, _ right: UInt64) -> [UInt64] {
        switch command {
        case .begin, .receive, .note: [right]
        default: right < 2 ? [right] : [right, right - 1]
        }
    }
}
