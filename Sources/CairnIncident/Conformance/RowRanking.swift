/// Finds rows for the nodes of a graph by the longest path to each, along pairs that do not
/// contradict those before them.
struct RowRanking {
    private var successors: [[Int]]
    private var predecessorCounts: [Int]

    init(nodeCount: Int) {
        successors = Array(repeating: [], count: nodeCount)
        predecessorCounts = Array(repeating: 0, count: nodeCount)
    }

    /// Adds a pair, unless the second leads to the first already.
    ///
    /// - Complexity: Linear in what was added.
    mutating func add(_ before: Int, _ after: Int) {
        guard before != after, !successors[before].contains(after), !leads(from: after, to: before)
        else { return }
        successors[before].append(after)
        predecessorCounts[after] += 1
    }

    private func leads(from start: Int, to goal: Int) -> Bool {
        var isSeen = [Bool](repeating: false, count: successors.count)
        var open = [start]
        while let node = open.popLast() {
            if node == goal { return true }
            for next in successors[node] where !isSeen[next] {
                isSeen[next] = true
                open.append(next)
            }
        }
        return false
    }

    /// The row of each node, from 0.
    var ranks: [Int] {
        var ranks = [Int](repeating: 0, count: successors.count)
        var counts = predecessorCounts
        var open = successors.indices.filter { counts[$0] == 0 }
        while let node = open.popLast() {
            for next in successors[node] {
                ranks[next] = max(ranks[next], ranks[node] + 1)
                counts[next] -= 1
                if counts[next] == 0 { open.append(next) }
            }
        }
        return ranks
    }
}

/// Orders the items of each row so that few edges cross.
struct RowOrdering {
    private(set) var rows: [[Int]]
    private let items: [LayeredGraph.Item]
    private var places: [Int]

    init(rows: [[Int]], items: [LayeredGraph.Item]) {
        self.rows = rows
        self.items = items
        places = Array(repeating: 0, count: items.count)
        for row in rows { note(row) }
    }

    /// Sorts rows by the means of their neighbours' places, down and up, and keeps the best.
    mutating func sweep() {
        var best = rows
        var bestCount = crossingCount
        for round in 0..<24 where bestCount > 0 {
            let isDown = round % 2 == 0
            for row in isDown ? Array(rows.indices) : rows.indices.reversed() {
                sort(row, downwards: isDown)
            }
            let count = crossingCount
            if count < bestCount { (best, bestCount) = (rows, count) }
        }
        rows = best
        for row in rows { note(row) }
    }

    private mutating func note(_ row: [Int]) {
        for (place, item) in row.enumerated() { places[item] = place }
    }

    private mutating func sort(_ row: Int, downwards: Bool) {
        let keys = rows[row].map { item -> (mean: Double, place: Int, item: Int) in
            let near = downwards ? items[item].above : items[item].below
            let sum = near.reduce(0) { $0 + places[$1.item] }
            let mean = near.isEmpty ? Double(places[item]) : Double(sum) / Double(near.count)
            return (mean, places[item], item)
        }
        rows[row] = keys.sorted { ($0.mean, $0.place) < ($1.mean, $1.place) }.map(\.item)
        note(rows[row])
    }

    /// How many pairs of edges between neighbouring rows cross.
    private var crossingCount: Int {
        var count = 0
        for (upper, lower) in zip(rows, rows.dropFirst()) {
            // How many ends so far stand at each place below, summed up in a binary indexed tree.
            var tree = [Int](repeating: 0, count: lower.count + 1)
            var seenCount = 0
            for item in upper {
                let ends = items[item].below.map { places[$0.item] }.sorted()
                for end in ends { count += seenCount - Self.sum(tree, upTo: end + 1) }
                for end in ends {
                    var index = end + 1
                    while index < tree.count {
                        tree[index] += 1
                        index += index & -index
                    }
                    seenCount += 1
                }
            }
        }
        return count
    }

    private static func sum(_ tree: [Int], upTo index: Int) -> Int {
        var (sum, index) = (0, index)
        while index > 0 {
            sum += tree[index]
            index -= index & -index
        }
        return sum
    }
}
