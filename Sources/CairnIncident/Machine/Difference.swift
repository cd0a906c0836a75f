public import CairnCore

/// One place at which two JSON values differ.
public struct Difference: Hashable, Sendable {
    /// The keys and indices that lead to it, outermost first; none where the whole values differ.
    public let path: JSONPath
    /// What the first value has there; nil where it has nothing.
    public let before: JSONValue?
    /// What the second value has there; nil where it has nothing.
    public let after: JSONValue?

    public init(path: JSONPath, before: JSONValue?, after: JSONValue?) {
        self.path = path
        self.before = before
        self.after = after
    }

    /// Finds all places at which two values differ.
    ///
    /// Objects are compared member by member and arrays element by element; anything else as a
    /// whole. The places are in the order of the first value, those that only the second one has
    /// after their neighbours in it.
    ///
    /// - Complexity: Proportional to both values.
    public static func all(from before: JSONValue, to after: JSONValue) -> [Difference] {
        var found: [Difference] = []
        collect(before, after, at: [], into: &found)
        return found
    }

    private static func collect(
        _ before: JSONValue?,
        _ after: JSONValue?,
        at path: [String],
        into found: inout [Difference]
    ) {
        switch (before, after) {
        case (.object(let old)?, .object(let new)?):
            var others = Dictionary(
                new.map { (ExactText($0.key), $0.value) },
                uniquingKeysWith: { _, last in last }
            )
            for member in old {
                let other = others.removeValue(forKey: ExactText(member.key))
                collect(member.value, other, at: path + [member.key], into: &found)
            }
            for member in new where others.removeValue(forKey: ExactText(member.key)) != nil {
                collect(nil, member.value, at: path + [member.key], into: &found)
            }
        case (.array(let old)?, .array(let new)?):
            for place in 0..<max(old.count, new.count) {
                collect(
                    place < old.count ? old[place] : nil,
                    place < new.count ? new[place] : nil,
                    at: path + ["\(place)"],
                    into: &found
                )
            }
        default:
            guard before != after else { return }
            found.append(Difference(path: JSONPath(parts: path), before: before, after: after))
        }
    }
}
