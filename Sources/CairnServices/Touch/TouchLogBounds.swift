public import CairnCore

/// How much a To Log queue holds, and how patient it is.
public struct TouchLogBounds: Hashable, Sendable {
    /// Most rows in memory, those on their way to the journal included.
    public var itemCountMax = 65_536
    /// Most bytes of rows in memory, about.
    public var byteCountMax = 32 << 20
    /// Most rows of one turn.
    public var batchCountMax = 1_000
    /// About the most bytes of one turn; a single row may have more.
    public var batchByteCountMax = 4 << 20
    /// How often the queue is looked at; a row is no later than that, unless the journal is slow.
    public var interval = TimeSpan.milliseconds(100)
    /// How often a turn is tried again while the journal fails; then its rows are dropped, and
    /// until the journal works again each further turn is tried once.
    public var retryCountMax = 5
    /// How long to wait before the first of them; each wait is twice the one before it.
    public var retryWait = TimeSpan.milliseconds(100)

    public init() {}
}
