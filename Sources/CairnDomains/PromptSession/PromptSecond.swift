/// How much happened in one second of a prompt.
public struct PromptSecond: Hashable, Sendable {
    /// The second, counted from the beginning of the prompt: 0 is from 0 up to 1.
    public let second: Int64
    /// Events of each kind; those of which there are none are not in it.
    public let counts: [PromptActKind: Int64]

    package init(_ second: Int64, _ counts: [PromptActKind: Int64]) {
        self.second = second
        self.counts = counts
    }

    /// Events of all kinds.
    public var eventCount: Int64 { counts.values.reduce(0, &+) }

    /// The second that a prompt time lies in; those beyond the range of Int64 are in its last.
    package static func containing(_ time: PromptTime) -> Int64 {
        let second = time.seconds.rounded(.down)
        if let exact = Int64(exactly: second) { return exact }
        return second < 0 ? .min : .max
    }
}
