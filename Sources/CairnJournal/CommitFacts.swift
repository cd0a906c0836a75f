/// What one commit of a journal held, for whoever measures it.
public struct CommitFacts: Hashable, Sendable {
    /// Callers that the one flush answers.
    public let turnCount: Int
    public let eventCount: Int
    /// The size of the events' frames, in bytes.
    public let byteCount: Int
    /// How long the commit took, its flushes included, in nanoseconds.
    public let commitNanoseconds: Int64

    public init(turnCount: Int, eventCount: Int, byteCount: Int, commitNanoseconds: Int64) {
        self.turnCount = turnCount
        self.eventCount = eventCount
        self.byteCount = byteCount
        self.commitNanoseconds = commitNanoseconds
    }
}
