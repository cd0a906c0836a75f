internal import CairnDomains
internal import CoreMetrics

/// What is counted of a To Log queue, through swift-metrics; by its drainer and never by senders.
struct TouchLogMetrics: Sendable {
    /// `cairn_touches_appended`: rows that were appended.
    private let appended = Counter(label: "cairn_touches_appended")
    /// `cairn_touch_queue_length`: rows that wait or are on their way.
    private let length = Gauge(label: "cairn_touch_queue_length")
    /// `cairn_touches_dropped` by `reason`.
    private let full = Self.dropped("full")
    private let failed = Self.dropped("failed")
    private let refused = Self.dropped("refused")
    private let late = Self.dropped("late")

    private static func dropped(_ reason: String) -> Counter {
        Counter(label: "cairn_touches_dropped", dimensions: [("reason", reason)])
    }

    /// Counts what happened between two looks at a queue.
    func record(from before: TouchCounts, to after: TouchCounts, length: Int) {
        func count(_ counter: Counter, _ number: KeyPath<TouchCounts, UInt64>) {
            let difference = after[keyPath: number] &- before[keyPath: number]
            if difference > 0 { counter.increment(by: Int64(clamping: difference)) }
        }
        count(appended, \.appended)
        count(full, \.dropped.full)
        count(failed, \.dropped.failed)
        count(refused, \.dropped.refused)
        count(late, \.dropped.late)
        self.length.record(length)
    }
}
