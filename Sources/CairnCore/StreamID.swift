/// Name of a stream, `kind/key`: the events of one request, one interaction, one job.
///
/// For example `pipeline/PAGW-20251225-00001-ABC123`. At most
/// ``Limits/streamIDByteCountMax`` bytes of UTF-8. Compared by bytes, so two spellings of one
/// accented letter are two names.
public struct StreamID: Sendable {
    /// The whole name, kind and key.
    public let name: String
    /// The name's hash, taken by whoever makes the id and not by a writer that serves many.
    package let hashCode: Int

    /// Names a stream by its kind and its key within the kind.
    ///
    /// - Throws: ``LimitError/emptyStreamID`` when either part is empty, and
    ///   ``LimitError/streamIDTooLong(byteCount:byteCountMax:)``.
    public init(kind: StreamKind, key: String) throws(LimitError) {
        guard !key.isEmpty else { throw .emptyStreamID }
        try self.init("\(kind.name)/\(key)")
    }

    /// Takes a whole name as it is stored.
    ///
    /// - Throws: ``LimitError/emptyStreamID`` and
    ///   ``LimitError/streamIDTooLong(byteCount:byteCountMax:)``.
    public init(_ name: String) throws(LimitError) {
        let byteCount = name.utf8.count
        guard byteCount > 0 else { throw .emptyStreamID }
        guard byteCount <= Limits.streamIDByteCountMax else {
            throw .streamIDTooLong(
                byteCount: byteCount,
                byteCountMax: Limits.streamIDByteCountMax
            )
        }
        self.name = name
        hashCode = name.hashCode(ofFirst: byteCount)
    }

    /// The part before the first slash; the whole name where there is none.
    public var kind: StreamKind {
        StreamKind(String(decoding: name.utf8.prefix { $0 != UInt8(ascii: "/") }, as: UTF8.self))
    }

    /// The part after the first slash; empty where there is none.
    public var key: String {
        guard let slash = name.utf8.firstIndex(of: UInt8(ascii: "/")) else { return "" }
        return String(name[name.utf8.index(after: slash)...])
    }
}

extension StreamID: Hashable {
    public static func == (left: StreamID, right: StreamID) -> Bool {
        left.hashCode == right.hashCode && left.name.hasSameBytes(as: right.name)
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(hashCode) }
}

extension StreamID: CustomStringConvertible {
    public var description: String { name }
}

/// What a stream is about: the part of its name before the first slash, compared by bytes.
public struct StreamKind: Sendable {
    public let name: String

    public init(_ name: String) {
        self.name = name
    }
}

extension StreamKind: Hashable {
    public static func == (left: StreamKind, right: StreamKind) -> Bool {
        left.name.hasSameBytes(as: right.name)
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(bytesOf: name) }
}

/// The caller's own name of an event, for exact dedupe (law 4): unique in the whole journal.
///
/// At most ``Limits/eventIDByteCountMax`` bytes of UTF-8, compared by bytes. Ids that grow in
/// the order they are appended, such as `pagw_id/sequence_no`, cost the least to index.
public struct EventID: Sendable {
    public let name: String
    private let prefixByteCount: Int
    /// The hash of what it has in common with others, up to its last slash.
    package let prefixHashCode: Int

    /// Takes the caller's id as it is.
    ///
    /// - Throws: ``LimitError/emptyEventID`` and
    ///   ``LimitError/eventIDTooLong(byteCount:byteCountMax:)``.
    public init(_ name: String) throws(LimitError) {
        let byteCount = name.utf8.count
        guard byteCount > 0 else { throw .emptyEventID }
        guard byteCount <= Limits.eventIDByteCountMax else {
            throw .eventIDTooLong(byteCount: byteCount, byteCountMax: Limits.eventIDByteCountMax)
        }
        self.name = name
        var count = byteCount
        for byte in name.utf8.reversed() {
            if byte == UInt8(ascii: "/") { break }
            count -= 1
        }
        prefixByteCount = count
        prefixHashCode = name.hashCode(ofFirst: count)
    }

    /// What ids such as `pagw_id/sequence_no` have in common: all up to the last slash, or
    /// nothing.
    package var prefix: EventIDPrefix {
        EventIDPrefix(name: name, byteCount: prefixByteCount, hashCode: prefixHashCode)
    }
}

/// The part of an event id up to its last slash, compared by bytes.
///
/// Its hash is taken once, by whoever makes the id.
package struct EventIDPrefix: Sendable {
    /// The id it is part of, or another one with the same beginning.
    fileprivate let name: String
    package let byteCount: Int
    /// Its hash, another one in each run of a program.
    package let hashCode: Int

    package var bytes: [UInt8] { Array(name.utf8.prefix(byteCount)) }

    package func hasBytes(_ bytes: RawSpan) -> Bool {
        bytes.byteCount == byteCount
            && name.utf8Span.span.bytes.extracting(0..<byteCount).equals(bytes)
    }
}

extension EventIDPrefix: Hashable {
    package static func == (left: EventIDPrefix, right: EventIDPrefix) -> Bool {
        left.hashCode == right.hashCode && left.byteCount == right.byteCount
            && left.name.hasSameBytes(as: right.name, first: left.byteCount)
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(hashCode) }
}

extension EventID: Hashable {
    public static func == (left: EventID, right: EventID) -> Bool {
        left.name.hasSameBytes(as: right.name)
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(bytesOf: name) }
}

extension EventID: CustomStringConvertible {
    public var description: String { name }
}
