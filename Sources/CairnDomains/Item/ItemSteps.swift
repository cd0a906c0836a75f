/// The steps and timers of an item, counted from 0.
///
/// A state that is kept beside the next one shares what did not change: a change copies one chunk
/// and the list of chunks, so an item of thousands of steps does not copy them all for each.
public struct ItemSteps: RandomAccessCollection, Hashable, Sendable {
    private static let chunkCount = 32

    /// Full but for the last.
    private var chunks: [[ItemStep]] = []
    public private(set) var count = 0

    init() {}

    public var startIndex: Int { 0 }
    public var endIndex: Int { count }

    /// The step or timer at an index, which is one less than its number.
    public internal(set) subscript(position: Int) -> ItemStep {
        get { chunks[position / Self.chunkCount][position % Self.chunkCount] }
        set { chunks[position / Self.chunkCount][position % Self.chunkCount] = newValue }
    }

    mutating func append(_ step: ItemStep) {
        if count % Self.chunkCount == 0 { chunks.append([]) }
        chunks[chunks.count - 1].append(step)
        count += 1
    }
}
