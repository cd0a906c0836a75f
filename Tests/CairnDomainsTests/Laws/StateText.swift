import CairnCore

/// A state as text by its values alone, in an order that no hash decides: the same in every
/// process, and whatever the properties are called.
enum StateText {
    static func bytes(_ value: Any) -> [UInt8] { Array(text(value).utf8) }

    private static func text(_ value: Any) -> String {
        // Beside its name it has a hash, which no two processes share.
        if let stream = value as? StreamID { return stream.name }
        let mirror = Mirror(reflecting: value)
        let parts = mirror.children.map { child in
            // The names of cases say what a state is, those of properties only where it stands.
            let name = mirror.displayStyle == .enum ? child.label ?? "" : ""
            return name + text(child.value)
        }
        switch mirror.displayStyle {
        case .set, .dictionary: return "{\(parts.sorted().joined(separator: ","))}"
        case .optional: return parts.first.map { "?\($0)" } ?? "-"
        default: return parts.isEmpty ? "\(value)" : "(\(parts.joined(separator: ",")))"
        }
    }
}
