/// A place in JSON text: each step checks the grammar of RFC 8259 strictly and moves on.
///
/// The bytes are given to each step, so that text inside a frame is read in place. Nothing is
/// built here; `JSONValue.parse(_:)` builds, by the same steps, so both take the same texts.
public struct JSONScanner: Sendable {
    /// Deepest nesting that is read, so that no input can exhaust the stack.
    public static let depthMax = 128

    /// The byte that is looked at next.
    public internal(set) var offset: Int

    public init(offset: Int = 0) {
        self.offset = offset
    }

    /// A member of the outermost object, and where its value stands.
    public struct Field: Hashable, Sendable {
        /// The key with its escapes resolved.
        public let key: String
        /// The value's bytes, without white space around them.
        public let range: Range<Int>
    }

    /// Checks a whole text and says where the values of the outermost object's keys stand.
    ///
    /// A key that occurs twice is listed twice; readers let the last one count.
    ///
    /// - Throws: ``JSONError``.
    public static func topLevelRanges(in bytes: RawSpan) throws(JSONError) -> [Field] {
        var scanner = JSONScanner()
        scanner.skipSpace(in: bytes)
        guard scanner.peek(in: bytes) == UInt8(ascii: "{") else {
            throw JSONError(.notAnObject, at: scanner.offset)
        }
        scanner.offset += 1
        var fields: [Field] = []
        var ordinal = 0
        while try scanner.nextElement(ordinal, closing: UInt8(ascii: "}"), in: bytes) {
            ordinal += 1
            let key = try scanner.key(in: bytes)
            let start = scanner.offset
            try scanner.skipValue(depth: 1, in: bytes)
            fields.append(Field(key: key, range: start..<scanner.offset))
        }
        try scanner.finish(in: bytes)
        return fields
    }

    /// Checks that bytes are one JSON value and nothing else.
    ///
    /// - Throws: ``JSONError``.
    public static func validate(_ bytes: RawSpan) throws(JSONError) {
        var scanner = JSONScanner()
        scanner.skipSpace(in: bytes)
        try scanner.skipValue(depth: 0, in: bytes)
        try scanner.finish(in: bytes)
    }

    func peek(in bytes: RawSpan) -> UInt8? {
        offset < bytes.byteCount ? bytes.byte(at: offset) : nil
    }

    mutating func skipSpace(in bytes: RawSpan) {
        while offset < bytes.byteCount {
            switch bytes.byte(at: offset) {
            case 0x20, 0x09, 0x0A, 0x0D: offset += 1
            default: return
            }
        }
    }

    /// The error for a byte, or an end, that cannot stand here.
    func unexpected(in bytes: RawSpan) -> JSONError {
        guard let byte = peek(in: bytes) else { return JSONError(.unexpectedEnd, at: offset) }
        return JSONError(.unexpectedByte(byte), at: offset)
    }

    mutating func finish(in bytes: RawSpan) throws(JSONError) {
        skipSpace(in: bytes)
        guard offset == bytes.byteCount else { throw JSONError(.trailingBytes, at: offset) }
    }

    /// Moves to the next element of an array or object, or past its end.
    ///
    /// - Returns: Whether there is one more element.
    mutating func nextElement(
        _ ordinal: Int,
        closing: UInt8,
        in bytes: RawSpan
    ) throws(JSONError) -> Bool {
        skipSpace(in: bytes)
        if peek(in: bytes) == closing {
            offset += 1
            return false
        }
        guard ordinal > 0 else { return true }
        guard peek(in: bytes) == UInt8(ascii: ",") else { throw unexpected(in: bytes) }
        offset += 1
        skipSpace(in: bytes)
        guard peek(in: bytes) != closing else { throw unexpected(in: bytes) }
        return true
    }

    /// Takes a key and the colon after it, and stops where its value starts.
    mutating func key(in bytes: RawSpan) throws(JSONError) -> String {
        guard peek(in: bytes) == UInt8(ascii: "\"") else { throw unexpected(in: bytes) }
        let key = try string(in: bytes)
        try passColon(in: bytes)
        return key
    }

    private mutating func passColon(in bytes: RawSpan) throws(JSONError) {
        skipSpace(in: bytes)
        guard peek(in: bytes) == UInt8(ascii: ":") else { throw unexpected(in: bytes) }
        offset += 1
        skipSpace(in: bytes)
    }

    mutating func literal(_ word: String, in bytes: RawSpan) throws(JSONError) {
        let start = offset
        for letter in word.utf8 {
            guard let byte = peek(in: bytes) else { throw JSONError(.unexpectedEnd, at: offset) }
            guard byte == letter else {
                throw JSONError(.unexpectedByte(bytes.byte(at: start)), at: start)
            }
            offset += 1
        }
    }

    /// Passes over one value, checking all of it.
    mutating func skipValue(depth: Int, in bytes: RawSpan) throws(JSONError) {
        switch peek(in: bytes) {
        case UInt8(ascii: "{"):
            try enter(depth)
            var ordinal = 0
            while try nextElement(ordinal, closing: UInt8(ascii: "}"), in: bytes) {
                ordinal += 1
                guard peek(in: bytes) == UInt8(ascii: "\"") else { throw unexpected(in: bytes) }
                _ = try stringToken(in: bytes)
                try passColon(in: bytes)
                try skipValue(depth: depth + 1, in: bytes)
            }
        case UInt8(ascii: "["):
            try enter(depth)
            var ordinal = 0
            while try nextElement(ordinal, closing: UInt8(ascii: "]"), in: bytes) {
                ordinal += 1
                try skipValue(depth: depth + 1, in: bytes)
            }
        case UInt8(ascii: "\""): _ = try stringToken(in: bytes)
        case UInt8(ascii: "t"): try literal("true", in: bytes)
        case UInt8(ascii: "f"): try literal("false", in: bytes)
        case UInt8(ascii: "n"): try literal("null", in: bytes)
        default: _ = try numberToken(in: bytes)
        }
    }

    /// Passes an opening bracket, unless it stands too deep.
    mutating func enter(_ depth: Int) throws(JSONError) {
        guard depth < Self.depthMax else { throw JSONError(.tooDeep, at: offset) }
        offset += 1
    }
}
