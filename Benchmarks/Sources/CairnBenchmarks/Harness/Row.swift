/// One question, asked of several sides in turn.
struct Row {
    let name: String
    let metric: Metric
    /// A second figure of the same runs that the table tells beside the first.
    var also: Metric?
    /// Name of the side the others are shown against when no goal names another one.
    let baseline: String
    /// The hash every run of every side must return.
    let expectedHash: UInt64
    /// Runs each side once before the measured repeats, so that all of them read a warm cache.
    var warmsUp = false
    /// Whether a side can run only once, because that changes what it is asked of.
    var runsOnce = false
    var goals: [Goal] = []
    var sides: [Side]
    /// What the reader of the figures must know, in a line each below the table.
    var notes: [String] = []
}

extension Row {
    /// The row without the sides that are not named.
    func limited(to names: [String]) -> Row {
        var row = self
        row.sides = sides.filter { names.contains($0.name) }
        row.goals = goals.filter { goal in goal.baseline.map(names.contains) ?? true }
        return row
    }
}

/// One participant of a row.
struct Side {
    let name: String
    /// Performs one repeat and returns what it measured.
    let run: (Bench) async throws -> Outcome

    init(_ name: String, _ run: @escaping (Bench) async throws -> Outcome) {
        self.name = name
        self.run = run
    }
}

/// What a side of a row should reach.
struct Goal {
    enum Rule {
        /// The figure divided by that of the named side.
        case ratioAtLeast(Double, of: String)
        case ratioAtMost(Double, of: String)
        /// The figure itself, in the unit of the row.
        case valueAtMost(Double)
    }

    let side: String
    let rule: Rule

    init(_ side: String, _ rule: Rule) {
        self.side = side
        self.rule = rule
    }

    /// The side the rule compares with, if any.
    var baseline: String? {
        switch rule {
        case .ratioAtLeast(_, let baseline), .ratioAtMost(_, let baseline): baseline
        case .valueAtMost: nil
        }
    }

    var text: String {
        switch rule {
        case .ratioAtLeast(let limit, _): ">= \(limit.figureText)x"
        case .ratioAtMost(let limit, _): "<= \(limit.figureText)x"
        case .valueAtMost(let limit): "<= \(limit.figureText)"
        }
    }

    func isMet(value: Double, ratio: Double) -> Bool {
        switch rule {
        case .ratioAtLeast(let limit, _): ratio >= limit
        case .ratioAtMost(let limit, _): ratio <= limit
        case .valueAtMost(let limit): value <= limit
        }
    }
}
