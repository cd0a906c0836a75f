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
///
/// A payload has a handful of fields, which a walk through an array finds faster than a hash
/// does. Where a tag is there twice, the last one counts.
public struct FieldReader: Sendable {
    /// One field: its number, or where its bytes stand.
    private struct Field {
        let tag: UInt8
        let isNumber: Bool
        let first: Int64
        let second: Int64
    }

    private var fields: [Field] = []

    /// Finds the fields in a payload.
    ///
    /// - Throws: ``TruncatedBytes`` where the payload ends inside a field.
    public init(_ payload: RawSpan) throws(TruncatedBytes) {
        var reader = ByteReader()
        fields.reserveCapacity(16)
        while reader.offset < payload.byteCount {
            let start = reader.offset
            let head = try reader.variable(in: payload)
            guard let tag = UInt8(exactly: head >> 1) else { throw TruncatedBytes(offset: start) }
            if head & 1 == 0 {
                let value = try reader.signedVariable(in: payload)
                add(Field(tag: tag, isNumber: true, first: value, second: 0))
            } else {
                let range = try reader.blob(in: payload)
                add(
                    Field(
                        tag: tag,
                        isNumber: false,
                        first: Int64(range.lowerBound),
                        second: Int64(range.upperBound)
                    )
                )
            }
        }
    }

    /// Where the bytes of one field stand, found without keeping the others.
    ///
    /// Of several with the tag the last one counts; nil where there are none, or where the payload
    /// ends inside a field.
    public static func range(of tag: UInt8, in payload: RawSpan) -> Range<Int>? {
        var reader = ByteReader()
        var found: Range<Int>?
        do throws(TruncatedBytes) {
            while reader.offset < payload.byteCount {
                let head = try reader.variable(in: payload)
                guard head >> 1 <= UInt64(UInt8.max) else { return nil }
                if head & 1 == 0 {
                    _ = try reader.variable(in: payload)
                } else {
                    let range = try reader.blob(in: payload)
                    if head >> 1 == UInt64(tag) { found = range }
                }
            }
        } catch {
            return nil
        }
        return found
    }

    /// Keeps a field; of a payload with more fields than there are tags only the last of each,
    /// so that no payload makes the array grow beyond a few kilobytes.
    private mutating func add(_ field: Field) {
        if fields.count >= 512, let index = index(field.tag, isNumber: field.isNumber) {
            fields[index] = field
        } else {
            fields.append(field)
        }
    }

    private func index(_ tag: UInt8, isNumber: Bool) -> Int? {
        var index = fields.count
        while index > 0 {
            index -= 1
            if fields[index].tag == tag, fields[index].isNumber == isNumber { return index }
        }
        return nil
    }

    /// Reads a number; nil where there is none.
    public func number(_ tag: UInt8) -> Int64? {
        index(tag, isNumber: true).map { fields[$0].first }
    }

    /// Reads a number without a sign; nil where there is none.
    public func count(_ tag: UInt8) -> UInt64? { number(tag).map { UInt64(bitPattern: $0) } }

    /// Reads an instant; nil where there is none.
    public func time(_ tag: UInt8) -> Timestamp? { number(tag).map(Timestamp.init(nanoseconds:)) }

    /// Reads a flag; false where there is none.
    public func flag(_ tag: UInt8) -> Bool { number(tag) == 1 }

    /// Reads text from the payload that was given at first.
    public func text(_ tag: UInt8, in payload: RawSpan) -> String? {
        range(tag).map { payload.extracting($0).text() }
    }

    /// Reads bytes from the payload that was given at first.
    public func blob(_ tag: UInt8, in payload: RawSpan) -> [UInt8]? {
        range(tag).map { payload.extracting($0).array() }
    }

    private func range(_ tag: UInt8) -> Range<Int>? {
        index(tag, isNumber: false).map { index in
            Int(fields[index].first)..<Int(fields[index].second)
        }
    }
}
