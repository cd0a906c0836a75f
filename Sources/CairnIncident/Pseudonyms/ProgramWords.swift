internal import CairnCore

/// Words of a program that reflection finds in its values: the names of properties and of cases.
///
/// They are written in the source, so nothing that was recorded can be one of them. A case that
/// carries something is its name only: what it makes of itself may be made of what it carries.
struct ProgramWords: Sendable {
    private(set) var all: Set<ExactText> = []

    /// Learns the words in a value and in all its parts.
    mutating func learn(from value: Any) { learn(from: value, depth: 0) }

    private mutating func learn(from value: Any, depth: Int) {
        guard depth < JSONValue.depthMax, JSONValue.plain(value) == nil else { return }
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .optional, .collection, .set:
            for child in mirror.children { learn(from: child.value, depth: depth + 1) }
        case .dictionary:
            // Each child is a pair, whose labels are in no document.
            for child in mirror.children {
                for part in Mirror(reflecting: child.value).children {
                    learn(from: part.value, depth: depth + 1)
                }
            }
        default:
            // A mirror that was made by hand may have any text as a label.
            let isNamed = !(value is any CustomReflectable)
            if isNamed, mirror.displayStyle == .enum, mirror.children.isEmpty {
                add(String(describing: value))
                if let raw = (value as? any RawRepresentable)?.rawValue as? String { add(raw) }
            }
            learn(fromPartsOf: mirror, isNamed: isNamed, depth: depth)
        }
    }

    private mutating func learn(fromPartsOf mirror: Mirror, isNamed: Bool, depth: Int) {
        if let inherited = mirror.superclassMirror {
            learn(fromPartsOf: inherited, isNamed: isNamed, depth: depth)
        }
        for (place, child) in mirror.children.enumerated() {
            // Parts without names are called by their places in a document.
            let label = child.label.flatMap { $0.hasPrefix(".") ? nil : $0 }
            if isNamed { add(label ?? "\(place)") }
            learn(from: child.value, depth: depth + 1)
        }
    }

    private mutating func add(_ word: String) { all.insert(ExactText(word)) }
}
