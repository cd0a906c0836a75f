internal import CairnCore
internal import Synchronization

/// Draws the faults of one case: how many turns go well before the next, and what it is.
///
/// A turn that goes well costs no choice, so the simplest case has the fewest faults.
final class FaultSource: Sendable {
    private enum Next {
        case undecided
        case none
        case after(Int, Fault)
    }

    private struct State {
        var next = Next.undecided
        var faultCount = 0
    }

    private let plan: FaultPlan
    private let tape: Tape?
    private let state = Mutex(State())

    private static let distanceMax: Int128 = 1 << 20
    /// A day.
    private static let jumpMax: Int128 = 86_400_000_000_000

    init(_ plan: FaultPlan, tape: Tape?) {
        self.plan = plan
        self.tape = tape
    }

    /// What goes wrong with the turn that is about to begin; nil for nothing, which it is as well
    /// once nothing more can be drawn.
    func next() -> Fault? {
        guard let tape, !plan.faults.isEmpty else { return nil }
        return state.withLock { state in
            if case .undecided = state.next { state.next = (try? decide(tape, state)) ?? .none }
            guard case .after(let count, let fault) = state.next else { return nil }
            guard count <= 1 else {
                state.next = .after(count - 1, fault)
                return nil
            }
            state.next = .undecided
            state.faultCount += 1
            return fault
        }
    }

    private func decide(_ tape: Tape, _ state: State) throws(CaseStop) -> Next {
        guard state.faultCount < plan.countMax else { return .none }
        let suggestion: Int128? = tape.withRandom { random in
            guard !random.generator.isHit(1, outOf: 4) else { return 0 }
            return 1 + Int128(random.generator.below(1 << (1 + random.generator.below(5))))
        }
        let domain = IntegerDomain(lower: 0, upper: Self.distanceMax, origin: 0)
        let count = Int(try tape.choose(.integer(domain), suggestion: suggestion))
        guard count > 0 else { return .none }
        let faults = IntegerDomain(lower: 0, upper: Int128(plan.faults.count - 1), origin: 0)
        return .after(count, plan.faults[Int(try tape.choose(.integer(faults)))])
    }

    /// Sets the clock forward or back by a span that is drawn.
    func moveClock(_ fault: Fault) {
        let domain = IntegerDomain(lower: 1, upper: Self.jumpMax, origin: 1)
        guard let tape, let clock = plan.clock, let span = try? tape.choose(.integer(domain)) else {
            return
        }
        clock.advance(by: TimeSpan(nanoseconds: Int64(fault == .clockBack ? -span : span)))
    }

    /// Says in the report what went wrong.
    func note(_ fault: Fault, _ turnNumber: Int) {
        tape?.note { "fault: turn \(turnNumber): \(fault)" }
    }
}
