internal import CairnCore
internal import HeapModule

/// Items of a run that wait, by when to look at them again.
struct JobWaits<Item: Sendable> {
    /// An item by its instant, in nanoseconds of the boot clock.
    private struct Wait: Comparable {
        let at: Int64
        let number: Int64

        static func < (left: Wait, right: Wait) -> Bool {
            (left.at, left.number) < (right.at, right.number)
        }
    }

    private var waits = Heap<Wait>()
    private var entries: [Int64: JobEntry<Item>] = [:]

    var count: Int { waits.count }

    /// When the first of them is over; nil where none waits.
    var first: Int64? { waits.min?.at }

    mutating func add(_ entry: JobEntry<Item>, until instant: Int64) {
        waits.insert(Wait(at: instant, number: entry.number))
        entries[entry.number] = entry
    }

    /// Takes an item whose wait is over.
    mutating func take(dueAt now: Int64) -> JobEntry<Item>? {
        while let first = waits.min, first.at <= now {
            waits.removeMin()
            if let entry = entries.removeValue(forKey: first.number) { return entry }
        }
        return nil
    }
}

/// The one wait of a run, for the first of its items that wait.
struct JobTimer {
    /// Tells it from those before it.
    let number: UInt64
    /// When it is over, in nanoseconds of the boot clock.
    let at: Int64
    let task: Task<Void, Never>
}
