/// What Swift knows a value by.
enum ReflectedName {
    /// The name of an enumeration's case; of a structure, that of its first part which is an
    /// enumeration, or else of its type.
    static func of(_ value: Any) -> String {
        let mirror = Mirror(reflecting: value)
        if mirror.displayStyle == .enum { return caseName(value, mirror) }
        for part in mirror.children {
            let inner = Mirror(reflecting: part.value)
            if inner.displayStyle == .enum { return caseName(part.value, inner) }
        }
        return String(describing: type(of: value))
    }

    private static func caseName(_ value: Any, _ mirror: Mirror) -> String {
        mirror.children.first?.label ?? String(describing: value)
    }
}
