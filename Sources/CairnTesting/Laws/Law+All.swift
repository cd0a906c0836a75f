extension Law {
    static let noGaps = Law(
        "1.1",
        "no gaps",
        "Positions and the sequences of each stream count 1, 2, 3, whoever writes and whatever is "
            + "refused, and what a receipt says stands there for ever."
    )
    static let oneWinner = Law(
        "1.2",
        "one winner",
        "Of several appends that expect the same sequence one is taken; the others hear what they "
            + "expected and what there is."
    )
    static let steadyTime = Law(
        "1.3",
        "steady time",
        "Recorded times never decrease, wherever the clock goes; when an event happened is data."
    )
    static let replayEqualsLive = Law(
        "2.1",
        "replay equals live",
        "Folding all stored events gives the state that was held while they were made."
    )
    static let incrementalFold = Law(
        "2.2",
        "incremental fold",
        "A fold in two parts, cut anywhere, is the fold in one."
    )
    static let checkpointEquivalence = Law(
        "2.3",
        "checkpoint equivalence",
        "A state that was written and read back after any event folds on to the same end."
    )
    static let determinism = Law(
        "2.4",
        "determinism",
        "The same commands lead to the same events and to a state of the same bytes, every time."
    )
    static let sameElsewhere = Law(
        "2.5",
        "same elsewhere",
        "Another process, on another machine and in another time zone, folds to the same bytes."
    )
    static let purity = Law(
        "2.6",
        "purity",
        "What is decided, evolved and to be done follows from the arguments alone."
    )
    static let crashEquivalence = Law(
        "3.1",
        "crash equivalence",
        "Under crashes, full disks and lost replies, whoever tries again under the same id ends "
            + "where a run without any trouble does; nothing acknowledged is lost."
    )
    static let repetition = Law(
        "4.1",
        "repetition",
        "A command that was accepted and comes again adds no event and changes nothing."
    )
    static let exactDedupe = Law(
        "4.2",
        "exact dedupe",
        "An event id with the same content gives the original receipt, with other content or in "
            + "another stream a conflict; without an id, equal events are several."
    )
    static let boundedGrowth = Law(
        "4.3",
        "bounded growth",
        "Duplicates, empty turns and refused turns add no byte to the journal, however many."
    )
    static let totalEvolve = Law(
        "6.1",
        "total evolve",
        "Any events fold in any order, none is dropped, and the state answers every command."
    )
    static let unknownEvents = Law(
        "6.2",
        "unknown events",
        "A stored event that is not known, newer or damaged stops the fold with a typed error; "
            + "only one that says so, or was erased, is passed over."
    )
    static let illegalCommands = Law(
        "6.3",
        "illegal commands",
        "A command outside the table is refused and leaves the state as it was, byte for byte; "
            + "one inside it is not refused."
    )
    static let transitionTable = Law(
        "6.4",
        "transition table",
        "Every turn is answered as the transition table says and leads to a standing that the "
            + "table of next standings has, and every cell is met or known to be out of reach."
    )
    static let commutingDeliveries = Law(
        "7.1",
        "commuting deliveries",
        "Every order and every repetition of callbacks gives one state."
    )
    static let discardedCheckpoints = Law(
        "8.1",
        "discarded checkpoints",
        "A checkpoint that is damaged or foreign is discarded, and never believed."
    )
    static let projectionRebuild = Law(
        "8.2",
        "projection rebuild",
        "Tables that were caught up in steps, from any stored mark, are those of one fold."
    )
    static let markBehindJournal = Law(
        "8.3",
        "mark behind journal",
        "No stored mark is ahead of the durable journal, and going on from one takes each event "
            + "once."
    )
    static let stableEncoding = Law(
        "11.1",
        "stable encoding",
        "An event that was written, read back and written again is the same bytes."
    )
    static let historyCompatibility = Law(
        "11.2",
        "history compatibility",
        "Histories that earlier versions stored are read and fold to the state they had."
    )
}

extension Laws {
    /// All laws that can be asked of a user's own machine, projection or journal, in order.
    public static let all: [Law] = [
        .noGaps, .oneWinner, .steadyTime, .replayEqualsLive, .incrementalFold,
        .checkpointEquivalence, .determinism, .sameElsewhere, .purity, .crashEquivalence,
        .repetition, .exactDedupe, .boundedGrowth, .totalEvolve, .unknownEvents, .illegalCommands,
        .transitionTable, .commutingDeliveries, .discardedCheckpoints, .projectionRebuild,
        .markBehindJournal, .stableEncoding, .historyCompatibility,
    ]
}
