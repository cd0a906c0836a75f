/// A JSON value, with numbers as the text they were written in and members in their order.
///
/// Two values are equal when they mean the same JSON: members in any order, `1.0` and `1`
/// alike. Texts are compared by their bytes, so two spellings of one accented letter differ.
public enum JSONValue: Sendable {
    case null
    case bool(Bool)
    /// A number as its source text; ``JSONNumber`` compares and converts it exactly.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([JSONMember])

    /// Reads one value and nothing else; strict after RFC 8259, without recursion beyond
    /// ``JSONScanner/depthMax``.
    ///
    /// - Throws: ``JSONError``.
    public static func parse(_ bytes: RawSpan) throws(JSONError) -> JSONValue {
        var scanner = JSONScanner()
        scanner.skipSpace(in: bytes)
        let value = try scanner.value(depth: 0, in: bytes)
        try scanner.finish(in: bytes)
        return value
    }

    /// Reads one value and nothing else from bytes in an array.
    ///
    /// - Throws: ``JSONError``.
    public static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
        try parse(bytes.span.bytes)
    }

    /// The member with a key, if this is an object that has it; of several the last.
    public subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.key.utf8.elementsEqual(key.utf8) }?.value
    }

    /// The element at an index, if this is an array that has it.
    public subscript(index: Int) -> JSONValue? {
        guard case .array(let elements) = self, elements.indices.contains(index) else {
            return nil
        }
        return elements[index]
    }

    /// What the value is, in one word for messages.
    public var kind: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}

/// One key of an object and its value; keys are compared by their bytes.
public struct JSONMember: Sendable {
    public let key: String
    public let value: JSONValue

    public init(_ key: String, _ value: JSONValue) {
        self.key = key
        self.value = value
    }
}

extension JSONMember: Hashable {
    public static func == (left: JSONMember, right: JSONMember) -> Bool {
        left.key.hasSameBytes(as: right.key) && left.value == right.value
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(bytesOf: key)
        hasher.combine(value)
    }
}

extension JSONValue: Hashable {
    public static func == (left: JSONValue, right: JSONValue) -> Bool {
        left.canonicalBytes == right.canonicalBytes
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(canonicalBytes)
    }
}

extension JSONValue: CustomStringConvertible {
    public var description: String {
        var writer = JSONWriter()
        writer.value(self)
        return writer.text
    }
}

extension JSONScanner {
    /// Takes one value.
    mutating func value(depth: Int, in bytes: RawSpan) throws(JSONError) -> JSONValue {
        switch peek(in: bytes) {
        case UInt8(ascii: "{"):
            try enter(depth)
            var members: [JSONMember] = []
            while try nextElement(members.count, closing: UInt8(ascii: "}"), in: bytes) {
                let key = try key(in: bytes)
                members.append(JSONMember(key, try value(depth: depth + 1, in: bytes)))
            }
            return .object(members)
        case UInt8(ascii: "["):
            try enter(depth)
            var elements: [JSONValue] = []
            while try nextElement(elements.count, closing: UInt8(ascii: "]"), in: bytes) {
                elements.append(try value(depth: depth + 1, in: bytes))
            }
            return .array(elements)
        case UInt8(ascii: "\""): return .string(try string(in: bytes))
        case UInt8(ascii: "t"):
            try literal("true", in: bytes)
            return .bool(true)
        case UInt8(ascii: "f"):
            try literal("false", in: bytes)
            return .bool(false)
        case UInt8(ascii: "n"):
            try literal("null", in: bytes)
            return .null
        default: return .number(bytes.extracting(try numberToken(in: bytes)).text())
        }
    }
}
