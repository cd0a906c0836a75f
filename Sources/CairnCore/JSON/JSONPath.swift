/// The way to a value inside JSON, such as `diagnosis.codes.0` or `diagnosis.codes[0]`.
///
/// A part that is a number is the index of an array, or the key of an object. A key with a dot
/// or bracket in it is written in brackets and quotes: `["a.b"]`.
public struct JSONPath: Hashable, Sendable {
    /// The keys and indices, outermost first.
    public let parts: [String]

    public init(parts: [String]) {
        self.parts = parts
    }

    /// Reads a path; nil where a part is empty or a bracket does not close.
    public init?(_ text: String) {
        var parts: [String] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            if rest.first == UInt8(ascii: "[") {
                guard let part = Self.bracketed(&rest) else { return nil }
                parts.append(part)
            } else {
                if !parts.isEmpty {
                    guard rest.first == UInt8(ascii: ".") else { return nil }
                    rest.removeFirst()
                }
                let part = rest.prefix { $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "[") }
                guard !part.isEmpty else { return nil }
                parts.append(String(decoding: part, as: UTF8.self))
                rest.removeFirst(part.count)
            }
        }
        guard !parts.isEmpty else { return nil }
        self.init(parts: parts)
    }

    private static func bracketed(_ rest: inout ArraySlice<UInt8>) -> String? {
        rest.removeFirst()
        guard rest.first == UInt8(ascii: "\"") else {
            let index = rest.prefix { (48...57).contains($0) }
            rest.removeFirst(index.count)
            guard !index.isEmpty, rest.first == UInt8(ascii: "]") else { return nil }
            rest.removeFirst()
            return String(decoding: index, as: UTF8.self)
        }
        var scanner = JSONScanner()
        let bytes = Array(rest)
        guard let key = try? scanner.string(in: bytes.span.bytes), scanner.offset < bytes.count,
            bytes[scanner.offset] == UInt8(ascii: "]")
        else { return nil }
        rest.removeFirst(scanner.offset + 1)
        return key
    }
}

extension JSONPath: CustomStringConvertible {
    public var description: String {
        var text = ""
        for part in parts {
            let isPlain = !part.isEmpty && part.utf8.allSatisfy { $0 > 32 && $0 != 46 && $0 != 91 }
            if isPlain {
                text += text.isEmpty ? part : ".\(part)"
            } else {
                text += "[\(JSONValue.string(part).description)]"
            }
        }
        return text
    }
}

extension JSONValue {
    /// The value a path leads to; nil where it leads nowhere.
    public subscript(path: JSONPath) -> JSONValue? {
        var value = self
        for part in path.parts {
            let next = Int(part).flatMap { value[$0] } ?? value[part]
            guard let next else { return nil }
            value = next
        }
        return value
    }
}
