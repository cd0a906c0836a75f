/// Why bytes are not JSON, and where.
public struct JSONError: Error, Hashable, Sendable {
    /// What is wrong.
    public enum Reason: Hashable, Sendable {
        /// The text ends inside a value.
        case unexpectedEnd
        /// A byte that cannot stand here.
        case unexpectedByte(UInt8)
        /// Something other than white space follows the value.
        case trailingBytes
        /// Arrays and objects are nested deeper than ``JSONScanner/depthMax``.
        case tooDeep
        /// A backslash with something other than the eight escapes and `u` after it.
        case badEscape
        /// Half of a surrogate pair, which is no character.
        case loneSurrogate
        /// Bytes in a string that are not UTF-8.
        case illFormedUTF8
        /// A control character in a string that is not escaped.
        case unescapedControl
        /// A number like `01`, `.5` or `1.`.
        case badNumber
        /// A number whose exponent has more than nine digits.
        case exponentTooLarge
        /// An object was needed and the value is another kind.
        case notAnObject
    }

    /// What is wrong.
    public let reason: Reason
    /// Where, in bytes from the start of the text.
    public let offset: Int

    public init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}

extension JSONError: CustomStringConvertible {
    public var description: String { "\(reason) at byte \(offset)" }
}

extension JSONError.Reason: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unexpectedEnd: "the JSON text ends too early"
        case .unexpectedByte(let byte):
            (0x21...0x7E).contains(byte)
                ? "unexpected '\(Character(Unicode.Scalar(byte)))' in JSON"
                : "unexpected byte 0x\(String(byte, radix: 16)) in JSON"
        case .trailingBytes: "something follows the JSON value"
        case .tooDeep: "the JSON is nested more than \(JSONScanner.depthMax) deep"
        case .badEscape: "unknown escape in a JSON string"
        case .loneSurrogate: "half a surrogate pair in a JSON string"
        case .illFormedUTF8: "a JSON string is not UTF-8"
        case .unescapedControl: "an unescaped control character in a JSON string"
        case .badNumber: "not a JSON number"
        case .exponentTooLarge: "the exponent of a JSON number is too large"
        case .notAnObject: "a JSON object is needed"
        }
    }
}
