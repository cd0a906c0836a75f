import Benchmark
import Cairn
import CairnTesting

/// The property harness: commands drawn and given to a machine, its invariant and replays checked.
enum PropertyLoops {
    private static let caseCount = 20
    private static let stepCountMax = Loop.callsPerSample / caseCount

    static func register() {
        Loop("property: up to 50 commands a case, 20 cases", .oneCall)
            .measure(on: BoxOfficeCheck.init) { benchmark, subject in
                let summary = try benchmark.clocked {
                    try check(
                        "none is lost",
                        machine: BoxOffice(),
                        commands: subject.commands,
                        invariants: [subject.noneIsLost],
                        stepCountMax: stepCountMax,
                        settings: PropertySettings(caseCountMax: caseCount, seed: 1)
                    )
                }
                return Comparison(summary.passedCount, caseCount)
            }
    }
}

private final class BoxOfficeCheck {
    let commands = Generator<BoxOffice.Command>.one(
        of: Generator.int(in: 1...3).map { .hold($0) },
        Generator.int(in: 1...3).map { .sell($0) },
        .constant(.letGo)
    )
    let noneIsLost = Invariant<BoxOffice.State>("there are three tickets") {
        $0.free + $0.held + $0.sold == 3
    }
}

/// Tickets that are held for a while and then sold or let go.
private struct BoxOffice: Machine {
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
        case .letGo: (state.free, state.held) = (state.free + state.held, 0)
        }
    }
}
