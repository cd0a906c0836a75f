public import CairnCore

/// A change of status that was refused, because the status was another one than expected: the
/// seventh call site of seed 003.
public struct AtomicUpdateConflict: Hashable, Sendable {
    /// What was asked for: the name of the command.
    public var operation: String
    /// The status from which it is possible; nil where nothing was expected to be there.
    public var expectedStatus: String?
    /// The status that was found; nil where there was nothing.
    public var actualStatus: String?
    /// The status that it would have led to.
    public var newStatus: String?
    /// Whose status it is.
    public var stream: StreamID?
    /// Why it was refused, in words: two holders may expect and find the same word.
    public var reason: String?

    public init(
        operation: String,
        expectedStatus: String?,
        actualStatus: String?,
        newStatus: String?,
        stream: StreamID? = nil,
        reason: String? = nil
    ) {
        self.operation = operation
        self.expectedStatus = expectedStatus
        self.actualStatus = actualStatus
        self.newStatus = newStatus
        self.stream = stream
        self.reason = reason
    }
}

/// A machine whose refusals may be conflicts about a status.
///
/// Those of its turns that are run by `StreamFold.turnTellingConflicts` record a conflict as the
/// system event `atomic_update.conflict`.
public protocol ConflictTelling: StoredMachine {
    /// What a refused command says of its conflict; nil where it was refused for another reason.
    ///
    /// The stream is left to whoever knows it.
    ///
    /// - Parameters:
    ///   - command: What was asked for.
    ///   - rejection: Why it was refused.
    ///   - state: What it found.
    /// - Returns: The conflict, in the words of the machine's statuses.
    func conflict(
        of command: Command,
        refusedFor rejection: Rejection,
        in state: State
    ) -> AtomicUpdateConflict?
}
