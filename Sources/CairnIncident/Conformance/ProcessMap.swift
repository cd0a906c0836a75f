/// What follows what, how often and after how long: the directly-follows graph of the requests.
public struct ProcessMap: Sendable {
    /// The name of the definition that the requests are held against; of a machine's streams,
    /// their kind.
    public let pipeline: String
    public let level: PathLevel
    /// Whether names that the definition does not list are as good as others.
    public let isOpen: Bool
    /// How many requests the map shows.
    public let requestCount: Int
    /// How many events they have.
    public let eventCount: Int
    /// The names that requests have events under: those of the definition first, in its order,
    /// and then others by their bytes.
    public let nodes: [Node]
    /// By the nodes that they lead from and to; those from the start come first, those to the end
    /// last among those of a node, and what is declared before what is not.
    public let edges: [Edge]
    /// How many edges were left out because too few requests take them.
    public let droppedEdgeCount: Int
    /// Pairs of nodes of which the definition says that the first comes before the second.
    let declaredOrder: [(before: Int, after: Int)]
    let wording: MapWording

    /// A stage, or an event type.
    public struct Node: Sendable {
        public let name: String
        /// Whether the definition lists it.
        public let isListed: Bool
        /// How many events there are under the name.
        public let eventCount: Int
        /// How many requests have one.
        public let requestCount: Int
        /// How often a request was there: steps in a row count as one where repeats are folded.
        public let visitCount: Int
        /// From the first event of a visit to its last; nil where each event is a visit.
        public let time: SpanTotals?
        /// The mean place of its first visit among the visits of a request, from 0.
        let meanPlace: Double
    }

    /// One step from a node to the next.
    public struct Edge: Sendable {
        /// A place in the nodes; nil for the start of a request.
        public let from: Int?
        /// A place in the nodes; nil for the end of a history.
        public let to: Int?
        /// Whether the definition allows what it leads to there; at the end of a history, whether
        /// the requests had ended.
        ///
        /// Two nodes have an edge for each where it is so some times and not at others.
        public let isDeclared: Bool
        /// How often it was taken.
        public let count: Int
        /// How many requests took it.
        public let requestCount: Int
        /// From the one event's `created_at` to the next one's; nil at the start and the end.
        public let time: SpanTotals?
    }

    /// The map without the edges that few requests take, and without the nodes that no edge is
    /// left of.
    ///
    /// - Parameter share: The least share of the requests that must take an edge, from 0 to 1.
    /// - Returns: The smaller map; ``droppedEdgeCount`` says how many edges are not in it.
    public func thinned(edgesAtLeast share: Double) -> ProcessMap {
        let least = share * Double(requestCount)
        let kept = edges.filter { Double($0.requestCount) >= least }
        let used = Set(kept.flatMap { [$0.from, $0.to].compactMap { $0 } })
        var places: [Int: Int] = [:]
        for index in nodes.indices where used.contains(index) { places[index] = places.count }
        return ProcessMap(
            pipeline: pipeline,
            level: level,
            isOpen: isOpen,
            requestCount: requestCount,
            eventCount: eventCount,
            nodes: nodes.indices.filter(used.contains).map { nodes[$0] },
            edges: kept.map { edge in
                Edge(
                    from: edge.from.flatMap { places[$0] },
                    to: edge.to.flatMap { places[$0] },
                    isDeclared: edge.isDeclared,
                    count: edge.count,
                    requestCount: edge.requestCount,
                    time: edge.time
                )
            },
            droppedEdgeCount: droppedEdgeCount + edges.count - kept.count,
            declaredOrder: declaredOrder.compactMap { pair in
                guard let before = places[pair.before], let after = places[pair.after] else {
                    return nil
                }
                return (before, after)
            },
            wording: wording
        )
    }
}

/// What a map calls those whose ways it shows, and what these are held against.
struct MapWording: Sendable {
    let walker: String
    let rules: String
    /// Whether there is something that they are held against.
    let isJudged: Bool

    static let ofPipelines = MapWording(walker: "request", rules: "definition", isJudged: true)

    static func ofMachine(_ path: EventPath?) -> MapWording {
        MapWording(walker: "stream", rules: "declared path", isJudged: path != nil)
    }
}
