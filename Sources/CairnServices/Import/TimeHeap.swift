/// A binary heap over the next keys of sorted runs: the earliest first, equal ones by run.
struct TimeHeap {
    private var nodes: [(key: TimeKey, run: Int)] = []

    /// Adds the next key of a run.
    mutating func insert(_ key: TimeKey, _ run: Int) {
        nodes.append((key, run))
        var child = nodes.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard nodes[child] < nodes[parent] else { return }
            nodes.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes the earliest.
    mutating func popFirst() -> (key: TimeKey, run: Int)? {
        guard let first = nodes.first, let last = nodes.popLast() else { return nil }
        guard !nodes.isEmpty else { return first }
        nodes[0] = last
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < nodes.count else { return first }
            if child + 1 < nodes.count, nodes[child + 1] < nodes[child] { child += 1 }
            guard nodes[child] < nodes[parent] else { return first }
            nodes.swapAt(child, parent)
            parent = child
        }
    }
}
