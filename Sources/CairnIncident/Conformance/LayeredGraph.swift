/// Places the nodes of a graph in rows, so that most edges lead downwards.
///
/// As Sugiyama, Tagawa and Toda laid graphs out: rows by longest paths, then the order within rows
/// by barycentres, then places that keep edges straight. An edge that goes beyond the next row has
/// a place in each row between, and its label has one in the middle, so that no two things meet.
/// Nothing depends on chance.
///
/// - Complexity: For V nodes, E edges and R rows, O(E (V + E)) for the rows, and
///   O(E R log (E R)) for each of a fixed number of sweeps.
struct LayeredGraph {
    struct Node {
        let width: Double
        let height: Double
        /// What lies to the sides of the box, such as loops.
        var leftMargin = 0.0
        var rightMargin = 0.0
    }

    struct Edge {
        let from: Int
        let to: Int
        let labelWidth: Double
        let labelHeight: Double
        /// How much the edge should be straight, from 0 to 1.
        var weight = 0.0
    }

    struct Point: Equatable {
        var x: Double
        var y: Double
    }

    /// The way of an edge from where it begins to where it ends.
    struct Route {
        /// The ends at the boxes, and the places between; each is passed straight up or down.
        var points: [Point]
        /// How far above and below each point the way is straight.
        var reaches: [Double]
        let label: Point
    }

    /// A node, or the place of an edge in a row.
    struct Item {
        var left: Double
        var right: Double
        var height: Double
        var row: Int
        var x = 0.0
        /// The items of the rows above and below that edges lead to, with how hard they pull.
        var above: [(item: Int, pull: Double)] = []
        var below: [(item: Int, pull: Double)] = []
    }

    static let columnGap = 26.0
    static let rowGap = 30.0
    /// How often rows are settled, down and up by turns.
    private static let roundCount = 150

    private(set) var items: [Item] = []
    /// The items of each row from left to right; nodes stand in even rows, labels in odd ones.
    var rows: [[Int]] = []
    /// For each edge the items between its upper and its lower node.
    private var chains: [[Int]] = []
    private var labels: [Int] = []
    private let nodes: [Node]
    private let edges: [Edge]
    private var isUpwards: [Bool] = []
    private var rowTops: [Double] = []
    private var rowHeights: [Double] = []

    /// Lays a graph out.
    ///
    /// - Parameters:
    ///   - nodes: The nodes.
    ///   - edges: The edges between different nodes.
    ///   - order: Pairs of which the first should stand above the second, the most important
    ///     first; one that contradicts those before it is passed over.
    init(nodes: [Node], edges: [Edge], order: [(before: Int, after: Int)]) {
        self.nodes = nodes
        self.edges = edges
        var ranking = RowRanking(nodeCount: nodes.count)
        for pair in order + edges.map({ ($0.from, $0.to) }) { ranking.add(pair.before, pair.after) }
        let ranks = ranking.ranks
        items = nodes.indices.map { index in
            let half = nodes[index].width / 2
            return Item(
                left: half + nodes[index].leftMargin,
                right: half + nodes[index].rightMargin,
                height: nodes[index].height,
                row: ranks[index] * 2
            )
        }
        for edge in edges { addChain(edge) }
        rows = Array(repeating: [], count: (items.map(\.row).max() ?? 0) + 1)
        for index in items.indices { rows[items[index].row].append(index) }
        var ordering = RowOrdering(rows: rows, items: items)
        ordering.sweep()
        rows = ordering.rows
        place()
        for _ in 0..<4 { straighten() }
        moveToOrigin()
        stack()
    }

    private mutating func addChain(_ edge: Edge) {
        let isUpwards = items[edge.from].row > items[edge.to].row
        let (upper, lower) = isUpwards ? (edge.to, edge.from) : (edge.from, edge.to)
        let (first, last) = (items[upper].row + 1, items[lower].row - 1)
        let middle = (first + last) / 2
        let labelRow = middle % 2 == 1 ? middle : middle - 1
        var chain: [Int] = []
        for row in first...max(first, last) {
            let isLabel = row == max(first, labelRow)
            let half = isLabel ? edge.labelWidth / 2 : 3
            if isLabel { labels.append(items.count) }
            chain.append(items.count)
            items.append(
                Item(left: half, right: half, height: isLabel ? edge.labelHeight : 0, row: row)
            )
        }
        let all = [upper] + chain + [lower]
        for (above, below) in zip(all, all.dropFirst()) {
            let isInner = above != upper && below != lower
            let pull = isInner ? 8.0 : 1 + 5 * edge.weight
            items[above].below.append((below, pull))
            items[below].above.append((above, pull))
        }
        chains.append(chain)
        self.isUpwards.append(isUpwards)
    }

    /// Finds places in each row that are near to those of the items they are joined with.
    private mutating func place() {
        for row in rows {
            var x = 0.0
            for index in row {
                items[index].x = x + items[index].left
                x += items[index].left + items[index].right + Self.columnGap
            }
            for index in row { items[index].x -= x / 2 }
        }
        for round in 0..<Self.roundCount {
            let isDown = round % 2 == 0
            for row in isDown ? Array(rows.indices) : rows.indices.reversed() {
                settle(rows[row], downwards: isDown, both: round >= Self.roundCount / 3)
            }
        }
    }

    private mutating func moveToOrigin() {
        let left = items.map { $0.x - $0.left }.min() ?? 0
        for index in items.indices { items[index].x -= left }
    }

    /// Lets the places of an edge stand one under the other for as many rows as their neighbours
    /// leave room.
    ///
    /// Least squares share a bend out among all rows, and a line reads better with one.
    private mutating func straighten() {
        var neighbours = [(left: Int?, right: Int?)](repeating: (nil, nil), count: items.count)
        for row in rows {
            for (left, right) in zip(row, row.dropFirst()) {
                neighbours[left].right = right
                neighbours[right].left = left
            }
        }
        for chain in chains {
            var run: [Int] = []
            var room = -Double.infinity...Double.infinity
            for item in chain {
                let least = neighbours[item].left.map { left in
                    items[left].x + items[left].right + items[item].left + Self.columnGap
                }
                let most = neighbours[item].right.map { right in
                    items[right].x - items[right].left - items[item].right - Self.columnGap
                }
                let low = max(room.lowerBound, least ?? -.infinity)
                let high = min(room.upperBound, most ?? .infinity)
                if low <= high {
                    room = low...high
                } else {
                    align(run, in: room)
                    run = []
                    // A row without room to spare leaves its item where it is.
                    let low = least ?? -.infinity
                    room = low...max(low, most ?? .infinity)
                }
                run.append(item)
            }
            align(run, in: room)
        }
    }

    private mutating func align(_ run: [Int], in room: ClosedRange<Double>) {
        let sum = run.reduce(0) { $0 + items[$1].x }
        let mean = sum / Double(max(run.count, 1))
        let x = min(max(mean, room.lowerBound), room.upperBound)
        for item in run { items[item].x = x }
    }

    /// Moves the items of a row to where they are pulled to, as far as their widths let them.
    ///
    /// The least sum of squares under the order of the row: items that would meet become one
    /// block, which stands at the mean of what its items want.
    private mutating func settle(_ row: [Int], downwards: Bool, both: Bool) {
        var blocks: [(place: Double, weight: Double, count: Int)] = []
        var offsets: [Double] = []
        var offset = 0.0
        for (index, item) in row.enumerated() {
            if index > 0 {
                offset += items[row[index - 1]].right + items[item].left + Self.columnGap
            }
            offsets.append(offset)
            let near =
                both
                ? items[item].above + items[item].below
                : downwards ? items[item].above : items[item].below
            let weight = near.reduce(0) { $0 + $1.pull }
            let wish =
                weight > 0
                ? near.reduce(0) { $0 + $1.pull * items[$1.item].x } / weight : items[item].x
            blocks.append((wish - offset, max(weight, 0.1), 1))
            while blocks.count > 1, blocks[blocks.count - 2].place > blocks[blocks.count - 1].place
            {
                let last = blocks.removeLast()
                let other = blocks.removeLast()
                let weight = last.weight + other.weight
                let place = (last.place * last.weight + other.place * other.weight) / weight
                blocks.append((place, weight, last.count + other.count))
            }
        }
        var next = 0
        for block in blocks {
            for _ in 0..<block.count {
                items[row[next]].x = block.place + offsets[next]
                next += 1
            }
        }
    }

    private mutating func stack() {
        var top = 0.0
        for row in rows {
            let height = row.map { items[$0].height }.max() ?? 0
            rowTops.append(top)
            rowHeights.append(height)
            top += height + Self.rowGap
        }
    }

    /// The size of the whole.
    var size: (width: Double, height: Double) {
        let width = items.map { $0.x + $0.right }.max() ?? 0
        return (width, (rowTops.last ?? 0) + (rowHeights.last ?? 0))
    }

    /// The middle of a node.
    func centre(of node: Int) -> Point { centre(ofItem: node) }

    private func centre(ofItem item: Int) -> Point {
        let row = items[item].row
        return Point(x: items[item].x, y: rowTops[row] + rowHeights[row] / 2)
    }
}

extension LayeredGraph {
    /// The ways of all edges.
    var routes: [Route] {
        let ports = ports
        return edges.indices.map { edge in
            let (upper, lower) =
                isUpwards[edge]
                ? (edges[edge].to, edges[edge].from) : (edges[edge].from, edges[edge].to)
            let top = centre(of: upper)
            let bottom = centre(of: lower)
            var points = [
                Point(x: top.x + ports.below[edge], y: top.y + nodes[upper].height / 2)
            ]
            var reaches = [0.0]
            for item in chains[edge] {
                points.append(centre(ofItem: item))
                reaches.append(rowHeights[items[item].row] / 2)
            }
            points.append(
                Point(x: bottom.x + ports.above[edge], y: bottom.y - nodes[lower].height / 2)
            )
            reaches.append(0)
            return Route(
                points: isUpwards[edge] ? points.reversed() : points,
                reaches: isUpwards[edge] ? reaches.reversed() : reaches,
                label: centre(ofItem: labels[edge])
            )
        }
    }

    /// Where edges leave the box above and meet the box below, from its middle: side by side in
    /// the order of where they come from and go to.
    private var ports: (below: [Double], above: [Double]) {
        var below = [Double](repeating: 0, count: edges.count)
        var above = below
        for node in nodes.indices {
            let out = edges.indices.filter {
                (isUpwards[$0] ? edges[$0].to : edges[$0].from) == node
            }
            let into = edges.indices.filter {
                (isUpwards[$0] ? edges[$0].from : edges[$0].to) == node
            }
            for (edge, x) in spread(out, over: node, by: { chains[$0].first }) { below[edge] = x }
            for (edge, x) in spread(into, over: node, by: { chains[$0].last }) { above[edge] = x }
        }
        return (below, above)
    }

    private func spread(
        _ edges: [Int],
        over node: Int,
        by item: (Int) -> Int?
    ) -> [(edge: Int, x: Double)] {
        let sorted = edges.sorted { left, right in
            let (one, other) = (item(left) ?? 0, item(right) ?? 0)
            return (items[one].x, one) < (items[other].x, other)
        }
        let room = nodes[node].width * 0.7
        let step = min(22, room / Double(max(sorted.count - 1, 1)))
        return sorted.enumerated().map { place, edge in
            (edge, (Double(place) - Double(sorted.count - 1) / 2) * step)
        }
    }
}
