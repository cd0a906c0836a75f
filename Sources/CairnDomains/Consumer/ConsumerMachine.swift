public import CairnCore

/// The place that one who reads the journal is at: everything up to it is done.
///
/// The place is a fact among the others, in the stream `consumer/<name>`: it is as durable as what
/// it speaks of, and can be written in the same step as what came of the events before it. The
/// transition table is `Specs/Machines/Consumer.md`; `ConsumerTableTests` keeps the two equal.
public struct ConsumerMachine: StoredMachine {
    public static let streamKind = StreamKind("consumer")

    public struct State: Hashable, Sendable {
        public internal(set) var isOpen = false
        /// The last event that is done; zero before the first.
        public internal(set) var position = Position.zero
        /// Facts that came where they should not have (law 6).
        public internal(set) var anomalyCount: UInt64 = 0

        public init() {}
    }

    public enum Command: Hashable, Sendable {
        /// Be known from now on, with all events up to a position left out.
        case open(after: Position)
        /// Be done with the events from after a position up to another one.
        case advance(from: Position, to: Position)
    }

    public enum Event: Hashable, Sendable {
        case opened(after: Position, at: Timestamp)
        case advanced(to: Position, at: Timestamp)
    }

    public enum Rejection: Error, Hashable, Sendable {
        /// No consumer of that name is known.
        case notOpen
        /// It is somewhere else, so whoever says this has not seen what another has done.
        case elsewhere(at: Position)
        /// What is done stays done.
        case backwards(from: Position, to: Position)
    }

    public init() {}

    public var initial: State { State() }

    public func decide(
        _ command: Command,
        in state: State,
        context: TurnContext
    ) throws(Rejection) -> [Event] {
        switch command {
        case .open(let position):
            return state.isOpen ? [] : [.opened(after: position, at: context.now)]
        case .advance(let from, let to):
            guard state.isOpen else { throw .notOpen }
            guard from <= to else { throw .backwards(from: from, to: to) }
            if state.position == to { return [] }
            guard state.position == from else { throw .elsewhere(at: state.position) }
            return [.advanced(to: to, at: context.now)]
        }
    }

    public func evolve(_ state: inout State, by event: Event) {
        switch event {
        case .opened(let position, _):
            guard !state.isOpen else { return state.anomalyCount &+= 1 }
            state.isOpen = true
            state.position = max(state.position, position)
        case .advanced(let position, _):
            guard state.isOpen, position > state.position else {
                // What is done stays done, wherever the fact came from.
                state.position = max(state.position, position)
                return state.anomalyCount &+= 1
            }
            state.position = position
        }
    }
}

extension ConsumerMachine.Rejection: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notOpen: "the consumer is not known to the journal"
        case .elsewhere(let position):
            "the consumer is at position \(position): another one has gone on under its name"
        case .backwards(let from, let to):
            "a consumer does not go back, as from position \(from) to \(to)"
        }
    }
}
