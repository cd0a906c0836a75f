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
        /// The members of the state's document in which the two histories differ after it.
        public let differing: [String]
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

    /// The first event after which the states differ; nil where they never do.
    public var firstDiffering: Line? { lines.first { !$0.differing.isEmpty } }

    /// Whether anything differs after any event.
    public var differs: Bool {
        firstDiffering != nil || !differences.isEmpty || !anomalyChanges.isEmpty
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
    /// - Complexity: Two folds, and two documents of states after each event from which on the
    ///   states differ.
    public init(
        _ steps: [MachineStep<Rules.Event>],
        _ overlay: Overlay,
        of machine: Rules,
        by other: Rules? = nil,
        oddities: Oddities = { _, _, _ in [] }
    ) throws(OverlayError) {
        let other = other ?? machine
        var fold = Fold(machine: machine, other: other)
        var lines: [Line] = []
        for event in try overlay.applied(to: steps, of: other) {
            lines.append(fold.take(event, oddities))
        }
        self.lines = lines
        recordedState = fold.recorded
        state = fold.hypothetical
        differences = fold.differences
        anomalyChanges = fold.anomalyChanges
    }

    /// Both states on their way.
    private struct Fold {
        let machine: Rules
        let other: Rules
        var recorded: Rules.State
        var hypothetical: Rules.State
        private var anomalyCounts: [ExactText: (recorded: Int, hypothetical: Int)] = [:]

        init(machine: Rules, other: Rules) {
            self.machine = machine
            self.other = other
            recorded = machine.initial
            hypothetical = other.initial
        }

        mutating func take(
            _ event: OverlaidEvent<Rules.Event>,
            _ oddities: Oddities
        ) -> Line {
            var recordedAnomalies: [String] = []
            var anomalies: [String] = []
            if event.change != .inserted {
                if let past = event.recordedEvent {
                    recordedAnomalies = oddities(machine, past, recorded)
                    machine.evolve(&recorded, by: past)
                } else {
                    machine.passOver(&recorded)
                }
            }
            if event.change != .dropped {
                if let next = event.event {
                    anomalies = oddities(other, next, hypothetical)
                    other.evolve(&hypothetical, by: next)
                } else {
                    other.passOver(&hypothetical)
                }
            }
            for name in recordedAnomalies {
                anomalyCounts[ExactText(name), default: (0, 0)].recorded += 1
            }
            for name in anomalies {
                anomalyCounts[ExactText(name), default: (0, 0)].hypothetical += 1
            }
            return Line(
                event: event,
                recordedAnomalies: recordedAnomalies,
                anomalies: anomalies,
                differing: differingMembers
            )
        }

        var differences: [Difference] {
            recorded == hypothetical
                ? []
                : Difference.all(
                    from: machine.document(of: recorded),
                    to: other.document(of: hypothetical)
                )
        }

        /// The members of the documents that differ, each once, in their order.
        private var differingMembers: [String] {
            var names: [String] = []
            for difference in differences {
                let name = difference.path.parts.first ?? ""
                if names.last?.hasSameBytes(as: name) != true { names.append(name) }
            }
            return names
        }

        var anomalyChanges: [AnomalyChange] {
            anomalyCounts
                .filter { $0.value.recorded != $0.value.hypothetical }
                .map { name, counts in
                    AnomalyChange(
                        name: name.text,
                        recordedCount: counts.recorded,
                        count: counts.hypothetical
                    )
                }
                .sorted { $0.name.hasBytes(before: $1.name) }
        }
    }
}
