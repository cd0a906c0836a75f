/// What may go wrong with a call of a ``FaultyJournal``.
public enum Fault: Hashable, Sendable, CaseIterable {
    /// The turn does nothing: the disk is full.
    case outOfSpace
    /// The turn does nothing: others are faster.
    case busy
    /// The turn does nothing, and its journal is poisoned until it is restarted.
    case inputOutput
    /// The turn is done, and its caller hears that nobody knows.
    case lostReply
    /// The turn does nothing, and its caller hears that nobody knows.
    case lostTurn
    /// The process ends before the turn has done anything.
    case crashBefore
    /// The process ends after the turn is durable and before its caller hears of it.
    case crashAfter
    /// The clock is set forward before the turn, by up to a day.
    case clockForward
    /// The clock is set back before the turn, by up to a day.
    case clockBack

    /// Whether it is the clock that goes wrong, and not the turn.
    var isOfClock: Bool { self == .clockForward || self == .clockBack }
}

/// Which faults there are in a case, and how many.
public struct FaultPlan: Sendable {
    /// What may go wrong; the first is simplest.
    public let faults: [Fault]
    /// How many faults a case has at most.
    public let countMax: Int
    /// The clock that the journal's recorded times come from; without one, none jumps.
    public let clock: ManualClock?

    public init(
        _ faults: [Fault] = Fault.allCases,
        countMax: Int = 3,
        clock: ManualClock? = nil
    ) {
        self.faults = faults.filter { clock != nil || !$0.isOfClock }
        self.countMax = max(0, countMax)
        self.clock = clock
    }

    /// No faults at all.
    public static let none = FaultPlan([], countMax: 0)
}
