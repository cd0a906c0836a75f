/// What a journal's writer saw of the views that other processes hold, for whoever measures it.
///
/// Only of views that are behind: those of the newest state keep nothing from being used again.
public struct ReaderFacts: Hashable, Sendable {
    public let viewCount: Int
    /// How long the oldest of them has been seen to be there, in nanoseconds; 0 for none.
    ///
    /// It may be older by the time between two looks.
    public let oldestNanoseconds: Int64

    public init(viewCount: Int, oldestNanoseconds: Int64) {
        self.viewCount = viewCount
        self.oldestNanoseconds = oldestNanoseconds
    }
}
