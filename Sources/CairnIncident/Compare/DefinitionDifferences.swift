internal import CairnCore
public import CairnDomains

extension PipelineDefinition {
    /// What another definition says otherwise, place by place: `stages.PARSING.deadline_seconds`.
    ///
    /// Stages and event types are told by their names. Where those that both have stand in another
    /// order, `stages` or `event_types` itself differs, with the names in their orders.
    public func differences(to other: PipelineDefinition) -> [Difference] {
        Difference.all(from: named, to: other.named)
            + Self.order("stages", stages.map(\.name), other.stages.map(\.name))
            + Self.order("event_types", eventTypes.map(\.name), other.eventTypes.map(\.name))
    }

    /// The definition's JSON with the lists of named things as objects.
    private var named: JSONValue {
        guard case .object(let members) = json else { return json }
        return .object(
            members.map { member in
                guard case .array(let things) = member.value else { return member }
                let named = things.compactMap { thing -> JSONMember? in
                    guard case .object(let parts) = thing, case .string(let name)? = thing["name"]
                    else { return nil }
                    return JSONMember(name, .object(parts.filter { $0.key != "name" }))
                }
                // A list of plain values is one thing that someone wrote.
                guard named.count == things.count else {
                    return JSONMember(member.key, .string("\(member.value)"))
                }
                return JSONMember(member.key, .object(named))
            }
        )
    }

    private static func order(_ list: String, _ old: [String], _ new: [String]) -> [Difference] {
        func common(_ names: [String], with others: [String]) -> [String] {
            let others = Set(others.map { ExactText($0) })
            return names.filter { others.contains(ExactText($0)) }
        }
        let (before, after) = (common(old, with: new), common(new, with: old))
        guard before.map({ ExactText($0) }) != after.map({ ExactText($0) }) else { return [] }
        return [
            Difference(
                path: JSONPath(parts: [list]),
                before: .array(before.map { .string($0) }),
                after: .array(after.map { .string($0) })
            )
        ]
    }
}
