public import CairnCore

extension JSONValue {
    /// Tells a value as JSON by what Swift knows of its parts.
    ///
    /// A structure is an object of its stored properties, in their order; an absent optional is
    /// null; a case of an enumeration is its name, or an object with its name and what it
    /// carries; instants are RFC 3339, spans of time are seconds. Dictionaries and sets are
    /// sorted by the bytes of their keys' JSON, so that the same value always has the same text
    /// (law 2). Beyond 32 levels a value is its description.
    ///
    /// - Complexity: Slow, as reflection is: for looking at single states, not for folding.
    public init(reflecting value: Any) {
        self = Self.reflect(value, depth: 0)
    }

    private static let depthMax = 32

    private static func reflect(_ value: Any, depth: Int) -> JSONValue {
        if let plain = plain(value) { return plain }
        let mirror = Mirror(reflecting: value)
        guard depth < depthMax else { return .string(String(describing: value)) }
        func reflected(_ part: Any) -> JSONValue { reflect(part, depth: depth + 1) }
        switch mirror.displayStyle {
        case .optional: return mirror.children.first.map { reflected($0.value) } ?? .null
        case .collection: return .array(mirror.children.map { reflected($0.value) })
        case .set:
            let elements = mirror.children.map { reflected($0.value) }
            return .array(elements.sorted { $0.description.hasBytes(before: $1.description) })
        case .dictionary: return .object(members(ofDictionary: mirror, reflected))
        case .enum:
            guard let child = mirror.children.first else {
                return .string(String(describing: value))
            }
            return .object([JSONMember(child.label ?? "", reflected(child.value))])
        case .tuple, .struct, .class: return .object(members(of: mirror, reflected))
        default:
            return mirror.children.isEmpty
                ? .string(String(describing: value)) : .object(members(of: mirror, reflected))
        }
    }

    /// What JSON, or its readers, have a form of their own for.
    private static func plain(_ value: Any) -> JSONValue? {
        switch value {
        case let value as JSONValue: value
        case let value as Bool: .bool(value)
        case let value as any BinaryInteger: .number(String(describing: value))
        case let value as Double: number(value)
        case let value as Float: number(Double(value))
        case let value as String: .string(value)
        case let value as Timestamp: .string(value.rfc3339)
        case let value as TimeSpan: .number(value.secondsText)
        case let value as Position: .number(String(value.rawValue))
        case let value as SequenceNumber: .number(String(value.rawValue))
        default: nil
        }
    }

    private static func number(_ value: Double) -> JSONValue {
        value.isFinite ? .number("\(value)") : .string("\(value)")
    }

    private static func members(
        of mirror: Mirror,
        _ reflected: (Any) -> JSONValue
    ) -> [JSONMember] {
        var inherited = mirror.superclassMirror.map { members(of: $0, reflected) } ?? []
        for (place, child) in mirror.children.enumerated() {
            inherited.append(JSONMember(child.label ?? "\(place)", reflected(child.value)))
        }
        return inherited
    }

    private static func members(
        ofDictionary mirror: Mirror,
        _ reflected: (Any) -> JSONValue
    ) -> [JSONMember] {
        let members = mirror.children.compactMap { child -> JSONMember? in
            let pair = Mirror(reflecting: child.value).children.map { reflected($0.value) }
            guard pair.count == 2 else { return nil }
            if case .string(let key) = pair[0] { return JSONMember(key, pair[1]) }
            return JSONMember(pair[0].description, pair[1])
        }
        return members.sorted { $0.key.hasBytes(before: $1.key) }
    }
}
