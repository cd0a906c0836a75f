/// How long failures may still be made simpler.
///
/// Time is nothing that a case may depend on, so it only ever ends what would otherwise go on.
struct ShrinkTime {
    /// Whether the clock is looked at before each case, and not by whoever runs the search.
    ///
    /// A copy of the process and the process itself have to run the same cases.
    var isOwn = true
    private let durationMax: Duration?
    private var deadline: ContinuousClock.Instant?
    private(set) var isOver = false

    init(durationMax: Duration?) {
        self.durationMax = durationMax
    }

    /// Whether the time has run out, whether or not anything was done about it.
    var isPast: Bool {
        deadline.map { ContinuousClock.now >= $0 } ?? false
    }

    /// Begins, with the first failure.
    mutating func begin() {
        guard deadline == nil, let durationMax else { return }
        deadline = ContinuousClock.now.advanced(by: min(durationMax, Self.longest))
    }

    /// Looks at the clock.
    mutating func look() {
        isOver = isOver || isPast
    }

    /// Looks at the clock before a case, where that is right.
    mutating func isLeft() -> Bool {
        if isOwn { look() }
        return !isOver
    }

    /// A century: as good as for ever, and an instant of the clock.
    private static let longest = Duration.seconds(3_155_760_000)
}
