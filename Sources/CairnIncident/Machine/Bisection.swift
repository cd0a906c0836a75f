public import CairnCore

/// Which event to look for: the first, or the last, that makes a predicate true or false.
///
/// What is asked of the state of one stream, or of how many streams of the machine it holds, is
/// asked after each event. An event is looked for when the answer behind it is the wanted one and
/// the answer before it is not. Before its first event, and where all that it had was removed, no
/// predicate holds of a stream.
///
/// Predicates are not lasting in general: what was true can be false again. So every event is
/// asked for, unless ``isLasting`` says that the wanted answer stays once it was given.
public struct BisectionQuery<Standing: FieldResolver>: Sendable {
    /// What must hold of a state.
    public var predicate: Predicate<Standing>
    /// The stream; nil for all of the machine's.
    public var stream: StreamID?
    /// Of how many streams it must hold.
    public var count: CountCondition
    /// Whether to look for an event that makes it true, and not for one that makes it false.
    public var wanted: Bool
    /// The first position to look at.
    public var start: Position
    /// Whether to look for the last such event, and not for the first.
    public var isLast: Bool
    /// Whether the wanted answer, once given, is given for ever after.
    ///
    /// Then it is found in as many folds as a halving takes; where that is not so, what is found
    /// is one of several.
    public var isLasting: Bool
    /// The instant that ages count from, at each event the same one.
    public var now: Timestamp

    public init(
        _ predicate: Predicate<Standing>,
        of stream: StreamID? = nil,
        count: CountCondition = .any,
        wanted: Bool = true,
        from start: Position = .first,
        isLast: Bool = false,
        isLasting: Bool = false,
        now: Timestamp
    ) {
        self.predicate = predicate
        self.stream = stream
        self.count = count
        self.wanted = wanted
        self.start = start
        self.isLast = isLast
        self.isLasting = isLasting
        self.now = now
    }
}

/// What a search for an event found, and what it cost.
public struct Bisection<Rules: InspectableMachine>: Sendable {
    /// The event; nil where there is none.
    public let finding: Finding?
    /// The last position that was looked at.
    public let end: Position
    /// Whether it held before the first position.
    public let heldBefore: Bool
    /// Whether it held after the last event that was looked at.
    public let heldAfter: Bool
    /// How many times events were folded from where a state was known.
    public let foldCount: Int
    /// How many events of the machine were folded, those counted again that were folded twice.
    public let eventCount: Int
    /// How many states the predicate was asked of.
    public let askedCount: Int

    /// The event that was looked for.
    public struct Finding: Sendable {
        public let stream: StreamID
        public let step: MachineStep<Rules.Event>
        /// The stream's state before it; nil where nothing of it was to be seen.
        public let before: Rules.State?
        /// The stream's state after it.
        public let after: Rules.State?
        /// Of how many streams the predicate held before it.
        public let countBefore: Int
        /// Of how many streams the predicate holds after it.
        public let countAfter: Int
    }
}
