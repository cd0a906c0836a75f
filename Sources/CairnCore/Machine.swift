/// Pure rules of one kind of stream: which events a command leads to, and what events mean.
///
/// Neither function may read a clock, a random source, a locale or anything else outside its
/// arguments, nor depend on hash order or add floating-point numbers: folding the same events
/// gives the same state on every machine, for ever (law 2). A machine is a value, so that one
/// whose rules are data, such as a pipeline read from a file, is one too.
public protocol Machine: Sendable {
    associatedtype State: Hashable & Sendable
    associatedtype Command: Sendable
    associatedtype Event: Sendable
    associatedtype Effect: Sendable = Never
    associatedtype Rejection: Error & Hashable & Sendable

    /// The state of a stream before its first event.
    var initial: State { get }

    /// Chooses the events that a command leads to in a state.
    ///
    /// An empty result means that what the command asks for already holds.
    ///
    /// - Throws: The reason for which the command is refused.
    func decide(
        _ command: Command,
        in state: State,
        context: TurnContext
    ) throws(Rejection) -> [Event]

    /// Takes one stored event into the state.
    ///
    /// Total: what should not have happened is kept as an anomaly in the state (law 6).
    func evolve(_ state: inout State, by event: Event)

    /// What is to be done in the outside world once the event is durable.
    func effects(of event: Event) -> [Effect]
}

extension Machine {
    public func effects(of event: Event) -> [Effect] { [] }

    /// Folds events into a state, from the start.
    public func replay(_ events: some Swift.Sequence<Event>) -> State {
        var state = initial
        for event in events { evolve(&state, by: event) }
        return state
    }
}

/// All that a decision may know beside the command and the state.
///
/// Whatever a decision takes from it stands in the events it chooses, so a replay needs none.
public struct TurnContext: Hashable, Sendable {
    /// The instant at which the turn runs, as the journal records it: it never goes back.
    public let now: Timestamp
    /// The instant by the clock alone, which may have been set back since the last event.
    ///
    /// For instants that are to be waited for: after a clock that was a year ahead, ``now`` stands
    /// still for that year.
    public let clockNow: Timestamp
    /// A number chosen for this turn, for jitter and the like.
    public let seed: UInt64
    /// The number of the lease under which the command is given; 0 where there is none.
    public let fence: UInt64

    public init(
        now: Timestamp,
        clockNow: Timestamp? = nil,
        seed: UInt64 = 0,
        fence: UInt64 = 0
    ) {
        self.now = now
        self.clockNow = clockNow ?? now
        self.seed = seed
        self.fence = fence
    }
}
