internal import CairnCore
internal import CairnDomains

/// A definition made ready for judging histories whose words are numbers.
struct DeclaredPath {
    let machine: PipelineMachine
    /// What each word means, by its number.
    let words: [Word]
    /// Whether the definition says how requests end.
    let namesEnds: Bool
    /// The stage without which a stage cannot be reached; nil for none.
    private let gates: [Int?]
    private let stageCount: Int

    /// What a word means as the name of a stage, and as an event type.
    struct Word {
        let text: String
        /// The stage of that name, by its place in the definition.
        let stage: Int?
        let deadline: TimeSpan?
        let type: PipelineDefinition.EventType?
    }

    /// How long a request may rest where its stage declares no deadline, as the stuck list has it.
    static let restMax = TimeSpan.seconds(900)

    init(_ definition: PipelineDefinition, words texts: [String]) {
        machine = PipelineMachine(definition)
        let stages = Dictionary(
            definition.stages.enumerated().map { (ExactText($1.name), $0) },
            uniquingKeysWith: { first, _ in first }
        )
        let types = Dictionary(
            definition.eventTypes.map { (ExactText($0.name), $0) },
            uniquingKeysWith: { first, _ in first }
        )
        words = texts.map { text in
            let stage = stages[ExactText(text)]
            return Word(
                text: text,
                stage: stage,
                deadline: stage.flatMap { definition.stages[$0].deadline },
                type: types[ExactText(text)]
            )
        }
        namesEnds = definition.eventTypes.contains { $0.isTerminal }
        stageCount = definition.stages.count
        let follows = definition.stages.map { stage in
            stage.follows.compactMap { stages[ExactText($0)] }
        }
        gates = DominatorTree(predecessors: follows).parents
    }

    /// The stages that every declared way to a stage goes through, the nearest first.
    func gates(of stage: Int) -> [Int] {
        var found: [Int] = []
        var next = gates[stage]
        while let gate = next {
            found.append(gate)
            next = gates[gate]
        }
        return found
    }

    /// What a step's status says; where it is a word of the source's own, what its type implies.
    func status(of step: PathStep) -> PipelineStatus.Code {
        guard step.status == .other else { return step.status }
        return words[Int(step.eventType)].type?.status.code ?? .other
    }

    /// The event of a step, as far as the machine looks at it for what is odd.
    func event(of step: PathStep) -> PipelineEvent {
        let status: PipelineStatus =
            switch step.status {
            case .started: .started
            case .completed: .completed
            case .failed: .failed
            case .skipped: .skipped
            case .retryScheduled: .retryScheduled
            case .other: .other("")
            }
        var event = PipelineEvent(
            tenant: words[Int(step.tenant)].text,
            stage: words[Int(step.stage)].text,
            eventType: words[Int(step.eventType)].text,
            status: status,
            createdAt: step.createdAt
        )
        event.sequenceNumber = step.isNumbered ? step.order.number : nil
        event.attempt = step.attempt
        event.isRetryable = step.isRetryable
        return event
    }
}

/// For each node of a graph, the nearest one that every way to it goes through.
///
/// Ways begin at nodes without predecessors. After Cooper, Harvey and Kennedy, who go over the
/// nodes in reverse postorder until nothing changes.
///
/// - Complexity: Linear for graphs without cycles, and quadratic at worst.
struct DominatorTree {
    /// Nil for nodes that ways can begin at or that have no such node, and for nodes that no way
    /// leads to.
    private(set) var parents: [Int?]

    init(predecessors: [[Int]]) {
        let count = predecessors.count
        // One more node stands before all that ways begin at.
        let root = count
        var successors = [[Int]](repeating: [], count: count + 1)
        for (node, before) in predecessors.enumerated() {
            for other in before { successors[other].append(node) }
            if before.isEmpty { successors[root].append(node) }
        }
        let order = Self.reversePostorder(from: root, successors)
        var rank = [Int?](repeating: nil, count: count + 1)
        for (place, node) in order.enumerated() { rank[node] = place }
        // By places in the order, which are smaller the nearer a node is to the root.
        var gates = [Int?](repeating: nil, count: order.count)
        gates[0] = 0
        var isChanged = true
        while isChanged {
            isChanged = false
            for place in order.indices.dropFirst() {
                let before = predecessors[order[place]]
                var gate: Int?
                for other in before.isEmpty ? [root] : before {
                    guard let known = rank[other], gates[known] != nil else { continue }
                    gate = gate.map { Self.common($0, known, gates) } ?? known
                }
                guard gate != gates[place] else { continue }
                gates[place] = gate
                isChanged = true
            }
        }
        parents = (0..<count).map { node in
            guard let place = rank[node], let gate = gates[place], gate > 0 else { return nil }
            return order[gate]
        }
    }

    private static func common(_ left: Int, _ right: Int, _ gates: [Int?]) -> Int {
        var (left, right) = (left, right)
        while left != right {
            if left > right { left = gates[left] ?? 0 } else { right = gates[right] ?? 0 }
        }
        return left
    }

    private static func reversePostorder(from root: Int, _ successors: [[Int]]) -> [Int] {
        var order: [Int] = []
        var isSeen = [Bool](repeating: false, count: successors.count)
        var open = [(node: root, next: 0)]
        isSeen[root] = true
        while let (node, next) = open.last {
            guard next < successors[node].count else {
                order.append(node)
                open.removeLast()
                continue
            }
            open[open.count - 1].next += 1
            let other = successors[node][next]
            guard !isSeen[other] else { continue }
            isSeen[other] = true
            open.append((other, 0))
        }
        return order.reversed()
    }
}
