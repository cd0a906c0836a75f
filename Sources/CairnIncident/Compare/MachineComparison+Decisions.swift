public import CairnCore

/// A command on which two machines decide differently.
public struct DecisionDifference<Command: Sendable>: Sendable {
    public let stream: StreamID
    public let command: Command
    /// What the old machine decides, as JSON.
    public let before: JSONValue
    /// What the new machine decides, as JSON.
    public let after: JSONValue
}

extension MachineComparison {
    /// Puts commands to both machines where their streams stand at the end of the view.
    ///
    /// Nothing is appended, and no effect is performed: what is compared is what would be decided.
    /// `JSONValue.init(decisionOf:on:in:context:)` tells a machine's decision.
    ///
    /// - Parameters:
    ///   - commands: The commands that may be given to a stream in a state of the old machine.
    ///   - old: What the old machine decides on one of them.
    ///   - new: What the new machine decides on it.
    /// - Returns: The commands on which they differ, in the order in which streams began.
    /// - Throws: ``IncidentError``.
    /// - Complexity: As ``report()``, and each command decided twice.
    public func decisions<Command: Sendable>(
        on commands: (Old.State) -> [Command],
        by old: (Command, Old.State) -> JSONValue,
        and new: (Command, New.State) -> JSONValue
    ) async throws(IncidentError) -> [DecisionDifference<Command>] {
        typealias Found = (number: StreamNumber, command: Command, before: JSONValue, JSONValue)
        var found: [Found] = []
        var comparison = self
        comparison.exampleCountMax = 0
        _ = try await comparison.report { number, oldState, newState in
            for command in commands(oldState) {
                let (before, after) = (old(command, oldState), new(command, newState))
                if before != after { found.append((number, command, before, after)) }
            }
        }
        // Commands of one stream stay in their order.
        let order = found.indices.sorted { (found[$0].number, $0) < (found[$1].number, $1) }
        var differences: [DecisionDifference<Command>] = []
        for (number, command, before, after) in order.map({ found[$0] }) {
            differences.append(
                DecisionDifference(
                    stream: try await streamID(of: number),
                    command: command,
                    before: before,
                    after: after
                )
            )
        }
        return differences
    }
}

extension JSONValue {
    /// What a machine decides: an object with its events, or with why it refuses.
    public init<Rules: Machine>(
        decisionOf machine: Rules,
        on command: Rules.Command,
        in state: Rules.State,
        context: TurnContext
    ) {
        do throws(Rules.Rejection) {
            let events = try machine.decide(command, in: state, context: context)
            let told = events.map { JSONValue(reflecting: $0) }
            self = .object([JSONMember("events", .array(told))])
        } catch {
            self = .object([JSONMember("rejected", JSONValue(reflecting: error))])
        }
    }
}
