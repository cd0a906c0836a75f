/// Chooses which of the jobs that are ready runs next.
///
/// What is drawn is how long to keep to the order of arrival, and what to do then: a departure
/// costs choices and keeping to the order costs none, so the simplest case has the fewest.
struct JobOrder {
    /// What is to be done with the oldest of the jobs that are ready.
    enum Turn: Equatable {
        case run
        /// It is held back until nothing else is ready.
        case delay
        /// Another one runs first.
        case letPass(Int)
    }

    private enum Plan {
        case undecided
        case orderly
        /// Departs from the order at the last of so many decisions.
        case departing(after: Int)
    }

    private let kind: Schedule.Kind
    private let tape: Tape
    private var plan = Plan.undecided
    private var departureCount = 0
    /// How far apart departures are: close in some cases, far in others.
    private let distance: Int
    /// How likely each departure is the last, in sixteenths; some cases have many, some one.
    private let lastness: Int

    private static let distanceMax: Int128 = 1 << 20

    init(_ kind: Schedule.Kind, tape: Tape) {
        self.kind = kind
        self.tape = tape
        distance = tape.withRandom { 1 << $0.generator.below(8) } ?? 1
        lastness = tape.withRandom { $0.generator.pick([1, 4, 8, 16]) } ?? 16
    }

    /// Decides where at least two jobs are ready.
    ///
    /// - Throws: ``CaseStop`` once nothing more can be drawn.
    mutating func next(readyCount: Int) throws(CaseStop) -> Turn {
        if case .undecided = plan { plan = try nextPlan() }
        guard case .departing(let count) = plan else { return .run }
        guard count <= 1 else {
            plan = .departing(after: count - 1)
            return .run
        }
        plan = .undecided
        departureCount += 1
        switch kind {
        case .any:
            let suggestion: Int128? = tape.withRandom { random in
                random.generator.isHit(1, outOf: 2)
                    ? 0 : Int128(random.generator.below(readyCount))
            }
            let domain = IntegerDomain(lower: 0, upper: Int128(readyCount - 1), origin: 0)
            let place = Int(try tape.choose(.integer(domain), suggestion: suggestion))
            // Of all departures a delay is the simplest: it lasts, so that one may be enough.
            return place == 0 ? .delay : .letPass(place)
        case .delays: return .delay
        }
    }

    private func nextPlan() throws(CaseStop) -> Plan {
        if case .delays(let countMax) = kind, departureCount >= countMax { return .orderly }
        let suggestion: Int128? = tape.withRandom { random in
            let isOver = random.generator.isHit(departureCount > 0 ? lastness : 1, outOf: 16)
            return isOver ? 0 : 1 + Int128(random.generator.below(distance))
        }
        let domain = IntegerDomain(lower: 0, upper: Self.distanceMax, origin: 0)
        let count = Int(try tape.choose(.integer(domain), suggestion: suggestion))
        return count == 0 ? .orderly : .departing(after: count)
    }
}
