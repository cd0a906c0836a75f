public import CairnCore

/// The touch log of one user: rows as they came, and the decisions to forget them.
///
/// Rows are never refused: a debug log takes what it is told (law 6). What a user's rows mean
/// together is for ``TouchTree`` to say.
public struct TouchMachine: StoredMachine {
    public static let streamKind = StreamKind("touch")

    /// How much of the log is there to be seen, truncations apart.
    public struct State: Hashable, Sendable {
        /// Rows since the log was last forgotten.
        public internal(set) var rowCount: UInt64 = 0
        /// Rows that were forgotten.
        public internal(set) var forgottenCount: UInt64 = 0
        public internal(set) var lastRemoval: Removal?

        public init() {}
    }

    /// What is asked of the log.
    public enum Command: Hashable, Sendable {
        case log(Touch)
        /// Leave out from now on what is there; nothing happens where nothing is.
        case forget(by: String?, reason: String?)
    }

    /// What happened to the log.
    public enum Event: Hashable, Sendable {
        case logged(Touch)
        case removed(Removal)
    }

    public init() {}

    /// The stream of a user's rows.
    public static func stream(of user: String) throws(LimitError) -> StreamID {
        try StreamID(kind: streamKind, longKey: user)
    }

    public var initial: State { State() }

    public func decide(
        _ command: Command,
        in state: State,
        context: TurnContext
    ) throws(Never) -> [Event] {
        switch command {
        case .log(let touch): [.logged(touch)]
        case .forget(let by, let reason):
            state.rowCount == 0
                ? [] : [.removed(Removal(.stream, at: context.now, by: by, reason: reason))]
        }
    }

    public func evolve(_ state: inout State, by event: Event) {
        switch event {
        case .logged: state.rowCount &+= 1
        case .removed(let removal):
            state.lastRemoval = removal
            // A truncation has no place in a user's own stream, and covers nothing from there.
            guard removal.extent == .stream else { return }
            state.forgottenCount &+= state.rowCount
            state.rowCount = 0
        }
    }
}
