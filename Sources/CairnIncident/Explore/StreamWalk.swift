public import CairnCore

/// The history of one stream, with the state before and after every event at hand.
///
/// States are kept for few events and folded from there for the others, so a long history takes
/// little more room than its events, and stepping backwards costs what stepping forwards does.
public struct StreamWalk<Rules: InspectableMachine>: Sendable {
    /// An event of the stream.
    public typealias Step = MachineStep<Rules.Event>

    public let stream: StreamID
    public let machine: Rules
    public let steps: [Step]
    /// What was odd about events when they came, by their indices; others were not.
    public let anomalies: [Int: [String]]
    /// How many events lie between two states that are kept.
    public let interval: Int
    /// The states before the events 0, `interval`, twice that and so on.
    private let kept: [Rules.State]

    /// Folds a history once.
    ///
    /// - Parameters:
    ///   - steps: All events of the stream, in their order.
    ///   - stream: Whose they are.
    ///   - machine: The rules.
    ///   - oddities: Who names anomalies; nobody by default.
    /// - Complexity: One fold; room for as many states as the square root of the events.
    public init(
        _ steps: [Step],
        of stream: StreamID,
        _ machine: Rules,
        oddities: WhatIf<Rules>.Oddities = { _, _, _ in [] }
    ) {
        let interval = max(16, Int(Double(steps.count).squareRoot()))
        var kept: [Rules.State] = []
        var anomalies: [Int: [String]] = [:]
        var state = machine.initial
        for (index, step) in steps.enumerated() {
            if index.isMultiple(of: interval) { kept.append(state) }
            if let event = step.event {
                let odd = oddities(machine, event, state)
                if !odd.isEmpty { anomalies[index] = odd }
            }
            Self.take(step, into: &state, machine)
        }
        self.stream = stream
        self.machine = machine
        self.steps = steps
        self.anomalies = anomalies
        self.interval = interval
        self.kept = kept
    }

    /// The state before an event, or after all of them.
    ///
    /// - Parameter index: The event's index; the count of events for the last state.
    /// - Returns: The state.
    /// - Complexity: A fold of at most ``interval`` events.
    public func state(before index: Int) -> Rules.State {
        guard !kept.isEmpty else { return machine.initial }
        let index = min(max(index, 0), steps.count)
        let place = min(index / interval, kept.count - 1)
        var state = kept[place]
        for step in steps[(place * interval)..<index] { Self.take(step, into: &state, machine) }
        return state
    }

    /// The document of the state after an event, and what the event changed in it.
    public func change(
        at index: Int
    ) -> (state: JSONValue, differences: [Difference]) {
        var state = state(before: index)
        let before = machine.document(of: state)
        Self.take(steps[index], into: &state, machine)
        let after = machine.document(of: state)
        return (after, Difference.all(from: before, to: after))
    }

    private static func take(_ step: Step, into state: inout Rules.State, _ machine: Rules) {
        if let event = step.event {
            machine.evolve(&state, by: event)
        } else {
            machine.passOver(&state)
        }
    }
}
