public import CairnCore

/// How a run treats the items that it meets: the part of its policy that is plain data.
///
/// With an item's events and its holder's lock it is all that ``ItemDecision`` follows from.
public struct ItemRule: Hashable, Sendable {
    /// When an item is sent under a key that is known.
    public var skip: SkipRule
    /// How often and how long an item is tried after failures that are known.
    public var attempts: AttemptPolicy
    /// What becomes of an item of which nobody knows whether it was sent.
    public var doubt: DoubtRule
    /// How often an attempt is gone on with before a person must look at it.
    public var bounds: ResumeBounds
    /// Whether the run works in steps; nil for whichever way an item was begun in.
    public var worksInSteps: Bool?

    /// Five attempts, parked when in doubt, in whichever way an item was begun in.
    public static let standard = ItemRule()

    public init(
        skip: SkipRule = .standard,
        attempts: AttemptPolicy = .standard,
        doubt: DoubtRule = .park,
        bounds: ResumeBounds = .standard,
        worksInSteps: Bool? = nil
    ) {
        self.skip = skip
        self.attempts = attempts
        self.doubt = doubt
        self.bounds = bounds
        self.worksInSteps = worksInSteps
    }
}

/// What becomes of an item of which nobody knows whether it was sent (law 5).
public enum DoubtRule: Hashable, Sendable {
    /// A person decides.
    case park
    /// It is sent again under the same provider key.
    case dedupByKey
    /// The provider is asked, once what may still be on its way has had that long to arrive.
    case ask(settle: TimeSpan)
    /// A report of the provider is waited for that long; then a person decides.
    case awaitCallback(until: TimeSpan)

    /// The rule in one word, as it stands in events.
    package var word: String {
        switch self {
        case .park: "park"
        case .dedupByKey: "dedup_by_key"
        case .ask: "ask"
        case .awaitCallback: "await_callback"
        }
    }
}
