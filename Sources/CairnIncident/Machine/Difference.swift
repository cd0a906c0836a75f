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

    /// Whether there is none after all: both values have the same there.
    public var isNone: Bool { before == after }

    /// Finds all places at which two values differ.
    ///
    /// Objects are compared member by member and arrays element by element; anything else as a
    /// whole. Of members that repeat the last one counts, as it does for those who read JSON. The
    /// places are in the order of the first value, those that only the second one has after their
    /// neighbours in it.
    ///
    /// - Parameters:
    ///   - before: The first value.
    ///   - after: The second value.
    ///   - includesSame: Whether to name the places at which both have the same, too.
    /// - Returns: The places; none where the values mean the same JSON.
    /// - Complexity: Proportional to both values.
    public static func all(
        from before: JSONValue,
        to after: JSONValue,
        includesSame: Bool = false
    ) -> [Difference] {
        var search = DifferenceSearch(includesSame: includesSame)
        search.collect(before, after, at: [])
        return search.found
    }
}

private struct DifferenceSearch {
    let includesSame: Bool
    var found: [Difference] = []

    mutating func collect(_ before: JSONValue?, _ after: JSONValue?, at path: [String]) {
        switch (before, after) {
        case (.object(let old)?, .object(let new)?) where !(old.isEmpty && new.isEmpty):
            let (old, new) = (Self.last(of: old), Self.last(of: new))
            var others = Dictionary(
                new.map { (ExactText($0.key), $0.value) },
                uniquingKeysWith: { _, last in last }
            )
            for member in old {
                let other = others.removeValue(forKey: ExactText(member.key))
                collect(member.value, other, at: path + [member.key])
            }
            for member in new where others.removeValue(forKey: ExactText(member.key)) != nil {
                collect(nil, member.value, at: path + [member.key])
            }
        case (.array(let old)?, .array(let new)?) where !(old.isEmpty && new.isEmpty):
            for place in 0..<max(old.count, new.count) {
                collect(
                    place < old.count ? old[place] : nil,
                    place < new.count ? new[place] : nil,
                    at: path + ["\(place)"]
                )
            }
        default:
            guard includesSame || before != after else { return }
            found.append(Difference(path: JSONPath(parts: path), before: before, after: after))
        }
    }

    /// The members that count, each key once and where it stands first.
    private static func last(of members: [JSONMember]) -> [JSONMember] {
        var places: [ExactText: Int] = [:]
        var kept: [JSONMember] = []
        for member in members {
            if let place = places[ExactText(member.key)] {
                kept[place] = member
            } else {
                places[ExactText(member.key)] = kept.count
                kept.append(member)
            }
        }
        return kept
    }
}
