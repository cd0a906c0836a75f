internal import CairnCore

/// A recorded history beside one that did not happen, both folded by machines in lockstep.
///
/// Nothing is decided anew: recorded events are facts, and `decide` is not called again. There
/// is no clock and no effect in it, nothing is sent and nothing is written.
///
/// ```swift
/// let view = MachineView(journal, machine)
/// let steps = try await view.steps(of: stream)
/// let overlay = Overlay([.drop(.sequence(SequenceNumber(rawValue: 3)))])
/// let answer = try WhatIf(steps, overlay, of: machine)
/// ```
public struct WhatIf<Rules: InspectableMachine>: Sendable {
    /// Names what is odd about an event that comes next.
    public typealias Oddities = @Sendable (Rules, Rules.Event, Rules.State) -> [String]

    /// One event, and what it comes to in both histories.
    public struct Line: Sendable {
        public let event: OverlaidEvent<Rules.Event>
        /// What was odd about it when it came.
        public let recordedAnomalies: [String]
        /// What would have been odd about it.
        public let anomalies: [String]
        /// Whether the states of the two histories differ after it, as documents.
        public fileprivate(set) var isDiffering: Bool

        /// Whether there is more to say about it than what came before it brought: it is changed,
        /// or odd in one history alone.
        public var isNotable: Bool {
            event.change != .kept || recordedAnomalies != anomalies
        }
    }

    /// How often something odd is met in each history, where that differs.
    public struct AnomalyChange: Hashable, Sendable {
        public let name: String
        public let recordedCount: Int
        public let count: Int
    }

    public let lines: [Line]
    /// The state in which the recorded history ends.
    public let recordedState: Rules.State
    /// The state in which the other one would.
    public let state: Rules.State
    /// Where the two states differ, as documents.
    public let differences: [Difference]
    /// Sorted by the bytes of their names.
    public let anomalyChanges: [AnomalyChange]
    private let start: WhatIfFold<Rules>

    /// Most states that are not equal whose documents are compared while both histories are
    /// folded; later ones, but for the last, differ because they are not equal.
    public static var comparedCountMax: Int { 200 }

    /// The index of the first event after which the states differ; nil where they never do.
    public var firstDifferingIndex: Int? { lines.firstIndex(where: \.isDiffering) }

    /// The index of the last event after which the states differ; nil where they never do.
    public var lastDifferingIndex: Int? { lines.lastIndex(where: \.isDiffering) }

    /// Whether anything differs after any event.
    public var differs: Bool {
        firstDifferingIndex != nil || !differences.isEmpty || !anomalyChanges.isEmpty
    }

    /// Folds both histories.
    ///
    /// - Parameters:
    ///   - steps: The whole recorded history of a stream, in its order.
    ///   - overlay: What is changed about it.
    ///   - machine: The rules of the recorded history.
    ///   - other: The rules of the other one; nil for the same.
    ///   - oddities: Who names anomalies; nobody by default.
    /// - Throws: ``OverlayError``.
    /// - Complexity: Two folds, with a comparison of both states after each event; documents of
    ///   at most ``comparedCountMax`` states that are not equal, however long they differ, and of
    ///   the last ones.
    public init(
        _ steps: [MachineStep<Rules.Event>],
        _ overlay: Overlay,
        of machine: Rules,
        by other: Rules? = nil,
        oddities: Oddities = { _, _, _ in [] }
    ) throws(OverlayError) {
        let other = other ?? machine
        start = WhatIfFold(machine: machine, other: other)
        var fold = start
        var anomalies = AnomalyCounts()
        var comparedCount = 0
        var lines = try overlay.applied(to: steps, of: other).map { event in
            let (before, after) = fold.oddities(of: event, oddities)
            anomalies.add(before, after)
            fold.take(event)
            return Line(
                event: event,
                recordedAnomalies: before,
                anomalies: after,
                isDiffering: fold.isDiffering(&comparedCount, upTo: Self.comparedCountMax)
            )
        }
        recordedState = fold.recorded
        state = fold.hypothetical
        differences = fold.recorded == fold.hypothetical ? [] : fold.differences
        if !lines.isEmpty { lines[lines.count - 1].isDiffering = !differences.isEmpty }
        self.lines = lines
        anomalyChanges = anomalies.changes.map(AnomalyChange.init)
    }

    /// The events that are worth a look: those that say more than what came before them, as many
    /// as a limit allows, and besides the first and the last after which the states differ.
    ///
    /// - Parameter limit: Most of the former.
    /// - Returns: Their indices in ``lines``, in their order, and how many the limit left out.
    /// - Complexity: The events.
    public func notable(limit: Int) -> (indices: [Int], leftOutCount: Int) {
        let all = lines.indices.filter { lines[$0].isNotable }
        let ends = [firstDifferingIndex, lastDifferingIndex].compactMap(\.self)
        let indices = Set(all.prefix(max(limit, 0)) + ends)
        return (indices.sorted(), all.count { !indices.contains($0) })
    }

    /// The members of the states' documents in which the two histories differ after some events.
    ///
    /// - Parameter indices: The events' indices in ``lines``, in their order.
    /// - Returns: The members for each index, each once, in the order of the documents.
    /// - Complexity: Two folds up to the last of the events, and two documents for each.
    public func differingMembers(after indices: [Int]) -> [[String]] {
        var fold = start
        var next = 0
        return indices.map { index in
            while next <= index, next < lines.count {
                fold.take(lines[next].event)
                next += 1
            }
            guard lines.indices.contains(index), lines[index].isDiffering else { return [] }
            return fold.differences.members
        }
    }
}

/// Both states on their way.
private struct WhatIfFold<Rules: InspectableMachine>: Sendable {
    let machine: Rules
    let other: Rules
    private(set) var recorded: Rules.State
    private(set) var hypothetical: Rules.State

    init(machine: Rules, other: Rules) {
        self.machine = machine
        self.other = other
        recorded = machine.initial
        hypothetical = other.initial
    }

    mutating func take(_ event: OverlaidEvent<Rules.Event>) {
        if event.change.isRecorded {
            Self.take(event.recordedEvent, into: &recorded, by: machine)
        }
        if event.change.isHypothetical { Self.take(event.event, into: &hypothetical, by: other) }
    }

    private static func take(
        _ event: Rules.Event?,
        into state: inout Rules.State,
        by rules: Rules
    ) {
        if let event {
            rules.evolve(&state, by: event)
        } else {
            rules.passOver(&state)
        }
    }

    /// What is odd about an event that comes next, in each history.
    func oddities(
        of event: OverlaidEvent<Rules.Event>,
        _ named: WhatIf<Rules>.Oddities
    ) -> (recorded: [String], hypothetical: [String]) {
        let past = event.recordedEvent.map { named(machine, $0, recorded) } ?? []
        guard event.change.isHypothetical, let next = event.event else { return (past, []) }
        return (past, named(other, next, hypothetical))
    }

    /// Whether the states differ as documents, which are made while a count of them lasts.
    func isDiffering(_ comparedCount: inout Int, upTo comparedCountMax: Int) -> Bool {
        guard recorded != hypothetical else { return false }
        guard comparedCount < comparedCountMax else { return true }
        comparedCount += 1
        return !differences.isEmpty
    }

    var differences: [Difference] {
        Difference.all(
            from: machine.document(of: recorded),
            to: other.document(of: hypothetical)
        )
    }
}

extension [Difference] {
    /// The members of the documents that differ, each once, in their order.
    fileprivate var members: [String] {
        var names: [String] = []
        for difference in self {
            let name = difference.path.parts.first ?? ""
            if names.last?.hasSameBytes(as: name) != true { names.append(name) }
        }
        return names
    }
}

/// How often something odd is met in each history.
private struct AnomalyCounts {
    private var counts: [ExactText: (recorded: Int, hypothetical: Int)] = [:]

    mutating func add(_ recorded: [String], _ hypothetical: [String]) {
        for name in recorded { counts[ExactText(name), default: (0, 0)].recorded += 1 }
        for name in hypothetical { counts[ExactText(name), default: (0, 0)].hypothetical += 1 }
    }

    /// Those that differ, sorted by the bytes of their names.
    var changes: [(name: String, recordedCount: Int, count: Int)] {
        counts
            .filter { $0.value.recorded != $0.value.hypothetical }
            .map { ($0.key.text, $0.value.recorded, $0.value.hypothetical) }
            .sorted { $0.0.hasBytes(before: $1.0) }
    }
}
