public import CairnCore

extension JSONValue {
    /// Tells a value as JSON by what Swift knows of its parts.
    ///
    /// A structure is an object of its stored properties, in their order; one that wraps a raw
    /// value, or an enumeration with raw texts, is that value; an absent optional is null; any
    /// other case of an enumeration is its name, or an object with its name and what it carries;
    /// instants are RFC 3339, spans of time are seconds; bytes are a text where they are one in
    /// UTF-8, and hexadecimal where not. Dictionaries and sets are sorted by the bytes of their
    /// keys' JSON, so that the same value always has the same text (law 2). Beyond 32 levels, and
    /// where nothing is known of its parts, a value is its description.
    ///
    /// - Complexity: Slow, as reflection is: for looking at single states, not for folding.
    public init(reflecting value: Any) {
        self = Self.reflect(value, depth: 0)
    }

    static let depthMax = 32

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
            if let raw = (value as? any RawRepresentable)?.rawValue as? String {
                return .string(raw)
            }
            guard let child = mirror.children.first else {
                return .string(String(describing: value))
            }
            return .object([JSONMember(child.label ?? "", reflected(child.value))])
        default:
            if let wrapped = value as? any RawRepresentable { return reflected(wrapped.rawValue) }
            let members = members(of: mirror, reflected)
            return members.isEmpty ? .string(String(describing: value)) : .object(members)
        }
    }

    /// What JSON, or its readers, have a form of their own for.
    static func plain(_ value: Any) -> JSONValue? {
        switch value {
        case let value as JSONValue: value
        case let value as Bool: .bool(value)
        case let value as any BinaryInteger: .number(String(describing: value))
        case let value as Double: number(value)
        case let value as Float: number(Double(value))
        case let value as String: .string(value)
        case let value as any StringProtocol: .string(String(value))
        case let value as any RangeReplaceableCollection<UInt8>: bytes(Array(value))
        case let value as Timestamp: .string(value.rfc3339)
        case let value as TimeSpan: .number(value.secondsText)
        case let value as Position: .number(String(value.rawValue))
        case let value as SequenceNumber: .number(String(value.rawValue))
        case let value as StreamID: .string(value.description)
        default: nil
        }
    }

    private static func bytes(_ bytes: [UInt8]) -> JSONValue {
        if let text = String(validating: bytes, as: UTF8.self) { return .string(text) }
        let digits = Array("0123456789abcdef")
        return .string(String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }))
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
            // The parts of a tuple without names are called .0, .1 and so on.
            let label = child.label.flatMap { $0.hasPrefix(".") ? nil : $0 } ?? "\(place)"
            inherited.append(JSONMember(label, reflected(child.value)))
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
