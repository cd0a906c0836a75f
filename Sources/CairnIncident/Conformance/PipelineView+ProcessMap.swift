public import CairnCore
internal import CairnDomains

extension PipelineView {
    /// What follows what in the requests, how often and after how long.
    ///
    /// An edge leads from an event to the one that follows it in the order of the request. It is
    /// undeclared where the event that it leads to shows a departure of the path which the machine
    /// finds.
    ///
    /// - Parameters:
    ///   - query: Which requests.
    ///   - level: What nodes are: stages or event types.
    ///   - foldsRepeats: Whether events in a row under one name count as one visit.
    ///   - now: The instant for a predicate's `time_in_state`.
    /// - Returns: The map, with all its edges.
    /// - Throws: ``IncidentError``.
    /// - Complexity: As ``departures(_:kinds:limit:now:)``, and 16 bytes for each event.
    public func processMap(
        _ query: ConformanceQuery = ConformanceQuery(),
        by level: PathLevel = .stage,
        foldsRepeats: Bool = false,
        now: Timestamp
    ) async throws(IncidentError) -> ProcessMap {
        let paths = try await paths(query, now: now)
        var builder = ProcessMapBuilder(foldsRepeats: foldsRepeats)
        paths.forEach { builder.take($0, by: level) }
        return builder.map(of: MapRules(definition, by: level), paths.declared.words.map(\.text))
    }
}

/// What a map knows of the names that it shows.
struct MapRules {
    let name: String
    let level: PathLevel
    let isOpen: Bool
    /// The names that are declared, in their order.
    let listed: [String]
    /// What is declared to come before what.
    let order: [(before: String, after: String)]
    let wording: MapWording

    init(_ definition: PipelineDefinition, by level: PathLevel) {
        name = definition.name
        self.level = level
        isOpen = definition.isOpen
        wording = .ofPipelines
        switch level {
        case .stage:
            listed = definition.stages.map(\.name)
            order = definition.stages.flatMap { stage in stage.follows.map { ($0, stage.name) } }
        case .type:
            listed = definition.eventTypes.map(\.name)
            order = definition.eventTypes.compactMap { type in
                type.startedBy.map { ($0, type.name) }
            }
        }
    }

    /// The rules of a machine whose streams are of a kind; without a path any name is as good as
    /// another.
    init(_ kind: StreamKind, _ path: EventPath?) {
        name = kind.name
        level = .type
        isOpen = path == nil
        listed = path?.names ?? []
        // Loops tell nothing of what is above and what is below.
        order = []
        wording = .ofMachine(path)
    }
}

/// Counts steps from one name to the next, request by request.
struct ProcessMapBuilder {
    private struct Pair: Hashable {
        let from: UInt32?
        let to: UInt32?
        let isDeclared: Bool
    }

    private struct Step {
        var count = 0
        var requestCount = 0
        var lastRequest = -1
        /// In nanoseconds.
        var times: [Int64] = []

        mutating func take(_ request: RequestPath, after time: TimeSpan?) {
            count += 1
            if lastRequest != request.index { requestCount += 1 }
            lastRequest = request.index
            if let time { times.append(time.nanoseconds) }
        }
    }

    private struct Place {
        var eventCount = 0
        var requestCount = 0
        var lastRequest = -1
        /// The sum of the places of the requests' first visits.
        var placeSum = 0
        /// How long each visit took, in nanoseconds.
        var times: [Int64] = []

        mutating func take(_ visit: PathVisit, at place: Int, of request: RequestPath) {
            eventCount += visit.last - visit.first + 1
            if lastRequest != request.index {
                requestCount += 1
                placeSum += place
            }
            lastRequest = request.index
            let steps = request.path.steps
            let time = steps[visit.last].createdAt.since(steps[visit.first].createdAt)
            times.append(time.nanoseconds)
        }
    }

    let foldsRepeats: Bool
    private var steps: [Pair: Step] = [:]
    private var places: [UInt32: Place] = [:]
    private var requestCount = 0
    private var eventCount = 0

    init(foldsRepeats: Bool) { self.foldsRepeats = foldsRepeats }

    mutating func take(_ request: RequestPath, by level: PathLevel) {
        let path = request.path
        requestCount += 1
        eventCount += path.steps.count
        let visits = path.visits(by: level, foldingRepeats: foldsRepeats)
        var previous: PathVisit?
        for (place, visit) in visits.enumerated() {
            let isUndeclared = (visit.first...visit.last).contains { path.undeclared[$0] }
            let time = previous.map { previous in
                path.steps[visit.first].createdAt.since(path.steps[previous.last].createdAt)
            }
            let pair = Pair(from: previous?.word, to: visit.word, isDeclared: !isUndeclared)
            steps[pair, default: Step()].take(request, after: time)
            places[visit.word, default: Place()].take(visit, at: place, of: request)
            previous = visit
        }
        let hasEnded = path.isTerminal || !path.hasDeclaredEnd
        steps[Pair(from: previous?.word, to: nil, isDeclared: hasEnded), default: Step()]
            .take(request, after: nil)
    }

    func map(of rules: MapRules, _ words: [String]) -> ProcessMap {
        let ranks = Dictionary(
            rules.listed.enumerated().map { (ExactText($1), $0) },
            uniquingKeysWith: { first, _ in first }
        )
        func rank(_ word: UInt32) -> Int? { ranks[ExactText(words[Int(word)])] }
        let order = places.keys.sorted { left, right in
            switch (rank(left), rank(right)) {
            case (let left?, let right?): left < right
            case (_?, nil): true
            case (nil, _?): false
            case (nil, nil): words[Int(left)].hasBytes(before: words[Int(right)])
            }
        }
        let numbers = Dictionary(
            order.enumerated().map { ($1, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        let nodes = order.compactMap { word -> ProcessMap.Node? in
            guard let place = places[word] else { return nil }
            return ProcessMap.Node(
                name: words[Int(word)],
                isListed: rank(word) != nil,
                eventCount: place.eventCount,
                requestCount: place.requestCount,
                visitCount: place.times.count,
                time: foldsRepeats ? SpanTotals(place.times) : nil,
                meanPlace: Double(place.placeSum) / Double(place.requestCount)
            )
        }
        return ProcessMap(
            pipeline: rules.name,
            level: rules.level,
            isOpen: rules.isOpen,
            requestCount: requestCount,
            eventCount: eventCount,
            nodes: nodes,
            edges: edges(numbers),
            droppedEdgeCount: 0,
            declaredOrder: Self.declaredOrder(of: nodes.map(\.name), rules),
            wording: rules.wording
        )
    }

    private func edges(_ numbers: [UInt32: Int]) -> [ProcessMap.Edge] {
        let edges = steps.map { pair, step in
            ProcessMap.Edge(
                from: pair.from.flatMap { numbers[$0] },
                to: pair.to.flatMap { numbers[$0] },
                isDeclared: pair.isDeclared,
                count: step.count,
                requestCount: step.requestCount,
                time: SpanTotals(step.times)
            )
        }
        return edges.sorted { left, right in
            (left.from ?? -1, left.to ?? .max, left.isDeclared ? 0 : 1)
                < (right.from ?? -1, right.to ?? .max, right.isDeclared ? 0 : 1)
        }
    }

    /// What is declared of the order of those names that occur.
    private static func declaredOrder(
        of names: [String],
        _ rules: MapRules
    ) -> [(before: Int, after: Int)] {
        let places = Dictionary(
            names.enumerated().map { (ExactText($1), $0) },
            uniquingKeysWith: { first, _ in first }
        )
        return rules.order.compactMap { before, after in
            guard let before = places[ExactText(before)], let after = places[ExactText(after)],
                before != after
            else { return nil }
            return (before, after)
        }
    }
}
