public import CairnCore

/// The truncations of one kind of streams, one after another.
///
/// A truncation is never refused: it covers what stands before it, so one that repeats another
/// still covers what came between them.
public struct TruncationMachine: StoredMachine {
    /// How often, and how far.
    public struct State: Hashable, Sendable {
        public internal(set) var count: UInt64 = 0
        public internal(set) var last: Removal?

        public init() {}
    }

    /// What is asked of the log of one kind of streams.
    public enum Command: Hashable, Sendable {
        /// Leave out from now on what happened before an instant.
        case truncate(before: Timestamp, by: String?, reason: String?)
    }

    public init() {}

    public var initial: State { State() }

    public func decide(
        _ command: Command,
        in state: State,
        context: TurnContext
    ) throws(Never) -> [Removal] {
        switch command {
        case .truncate(let before, let by, let reason):
            [Removal(.before(before), at: context.now, by: by, reason: reason)]
        }
    }

    public func evolve(_ state: inout State, by event: Removal) {
        state.count &+= 1
        state.last = event
    }

    public func event(_ header: EventHeader, frame: RawSpan) throws(EventCodecError) -> Removal? {
        // How far it reached is gone with its payload, and with it what it covers.
        if header.flags.contains(.isErased) { return nil }
        if let removal = try Removal.stored(header, frame: frame) { return removal }
        // Removals of whole streams are listed beside the truncations.
        _ = try ListedRemoval.read(header, frame: frame)
        return nil
    }

    public func newEvent(_ event: Removal) throws(LimitError) -> NewEvent { try event.newEvent() }
}
