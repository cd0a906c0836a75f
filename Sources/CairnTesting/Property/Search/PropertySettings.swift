/// How long a property is looked at, and from where.
///
/// The standard ones suit a test that runs with every build; say what is to be different:
///
/// ```swift
/// let settings = PropertySettings(caseCountMax: 10_000, corpus: .beside())
/// ```
public struct PropertySettings: Hashable, Sendable {
    /// How many cases have to pass.
    public var caseCountMax: Int
    /// Decides every random choice; nil for another one each time, which a report names.
    public var seed: UInt64?
    /// How often the property may run to make a failure simpler.
    public var shrinkExecutionCountMax: Int
    /// How long all failures together may be made simpler and looked at for values that do not
    /// matter; nil for as long as that takes.
    ///
    /// A report says where the time ran out. What it shows then depends on the machine and its
    /// load, not on the seed alone; its token repeats it all the same.
    public var shrinkDurationMax: Duration?
    /// Of how many different failures, at most, a report tells.
    public var failureCountMax: Int
    /// How many choices a case may make; one that needs more is discarded.
    public var choiceCountMax: Int
    /// Whether some cases go on from where earlier ones came to something new: a state of a machine,
    /// or what a property says that it came to; and whether, of a few commands to a machine, they
    /// give the one that leads to where fewest cases were.
    public var isGuided: Bool
    /// Where failures of the past are kept, to be run first; nil for nowhere.
    public var corpus: Corpus?
    /// Whether a case that traps ends the process, or is a failure.
    public var isolation: Isolation

    public init(
        caseCountMax: Int = 500,
        seed: UInt64? = nil,
        shrinkExecutionCountMax: Int = 5_000,
        shrinkDurationMax: Duration? = .seconds(300),
        failureCountMax: Int = 4,
        choiceCountMax: Int = 8_192,
        isGuided: Bool = true,
        corpus: Corpus? = nil,
        isolation: Isolation = .none
    ) {
        self.caseCountMax = caseCountMax
        self.seed = seed
        self.shrinkExecutionCountMax = shrinkExecutionCountMax
        self.shrinkDurationMax = shrinkDurationMax
        self.failureCountMax = failureCountMax
        self.choiceCountMax = choiceCountMax
        self.isGuided = isGuided
        self.corpus = corpus
        self.isolation = isolation
    }
}

/// What a search that found nothing wrong has looked at.
public struct PropertySummary: Hashable, Sendable {
    public let seed: UInt64
    /// Cases that passed.
    public let passedCount: Int
    /// Cases that counted for nothing.
    public let discardedCount: Int
}
