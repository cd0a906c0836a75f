/// Writes named values so that a later version may add some and an older one still reads the rest.
///
/// Each field is its tag times two plus its kind, as LEB128, and then a zigzag LEB128 number
/// (kind 0) or bytes with their count before them (kind 1). Fields stand in the order they were
/// written; a field that is absent is nil, or zero or empty, as its reader says.
public struct FieldWriter: Sendable {
    private var writer: ByteWriter

    public init(capacity: Int = 64) {
        writer = ByteWriter(capacity: capacity)
    }

    /// Adds a number; nil adds nothing.
    public mutating func number(_ tag: UInt8, _ value: Int64?) {
        guard let value else { return }
        writer.variable(UInt64(tag) << 1)
        writer.variable(value)
    }

    /// Adds a number without a sign; nil adds nothing.
    public mutating func count(_ tag: UInt8, _ value: UInt64?) {
        number(tag, value.map { Int64(bitPattern: $0) })
    }

    /// Adds an instant; nil adds nothing.
    public mutating func time(_ tag: UInt8, _ value: Timestamp?) {
        number(tag, value?.nanoseconds)
    }

    /// Adds a flag; false adds nothing.
    public mutating func flag(_ tag: UInt8, _ value: Bool) {
        if value { number(tag, 1) }
    }

    /// Adds text; nil adds nothing.
    public mutating func text(_ tag: UInt8, _ value: String?) {
        guard let value else { return }
        writer.variable(UInt64(tag) << 1 | 1)
        writer.text(value)
    }

    /// Adds bytes; nil adds nothing.
    public mutating func blob(_ tag: UInt8, _ value: [UInt8]?) {
        guard let value else { return }
        writer.variable(UInt64(tag) << 1 | 1)
        writer.blob(value)
    }

    /// Takes the written bytes.
    public consuming func finish() -> [UInt8] { writer.finish() }
}

/// Reads what a ``FieldWriter`` wrote; tags it does not know are there and not looked at.
public struct FieldReader: Sendable {
    private var numbers: [UInt8: Int64] = [:]
    private var ranges: [UInt8: Range<Int>] = [:]

    /// Finds the fields in a payload.
    ///
    /// - Throws: ``TruncatedBytes`` where the payload ends inside a field.
    public init(_ payload: RawSpan) throws(TruncatedBytes) {
        var reader = ByteReader()
        while reader.offset < payload.byteCount {
            let start = reader.offset
            let head = try reader.variable(in: payload)
            guard let tag = UInt8(exactly: head >> 1) else { throw TruncatedBytes(offset: start) }
            if head & 1 == 0 {
                numbers[tag] = try reader.signedVariable(in: payload)
            } else {
                ranges[tag] = try reader.blob(in: payload)
            }
        }
    }

    public func number(_ tag: UInt8) -> Int64? { numbers[tag] }

    public func count(_ tag: UInt8) -> UInt64? { numbers[tag].map { UInt64(bitPattern: $0) } }

    public func time(_ tag: UInt8) -> Timestamp? { numbers[tag].map(Timestamp.init(nanoseconds:)) }

    public func flag(_ tag: UInt8) -> Bool { numbers[tag] == 1 }

    /// Reads text from the payload that was given at first.
    public func text(_ tag: UInt8, in payload: RawSpan) -> String? {
        ranges[tag].map { payload.extracting($0).text() }
    }

    /// Reads bytes from the payload that was given at first.
    public func blob(_ tag: UInt8, in payload: RawSpan) -> [UInt8]? {
        ranges[tag].map { payload.extracting($0).array() }
    }
}
