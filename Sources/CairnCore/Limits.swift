/// Bounds that hold for every journal, checked before anything is written.
public enum Limits {
    /// Longest stream id in bytes of UTF-8.
    ///
    /// LMDB 0.9 takes keys up to 511 bytes.
    public static let streamIDByteCountMax = 480

    /// Longest event id in bytes of UTF-8.
    public static let eventIDByteCountMax = 480

    /// Longest event type in bytes of UTF-8.
    public static let eventTypeByteCountMax = 255

    /// Largest payload of one event in bytes (16 MiB).
    public static let payloadByteCountMax = 16 << 20

    /// Largest sum of payloads that one turn may append, in bytes (64 MiB).
    public static let turnByteCountMax = 64 << 20

    /// Most events that one turn may append.
    public static let turnEventCountMax = 1 << 18
}

/// Why a value cannot be used with a journal.
///
/// Nothing was written.
public enum LimitError: Error, Hashable, Sendable {
    case emptyStreamID
    case streamIDTooLong(byteCount: Int, byteCountMax: Int)
    case emptyEventID
    case eventIDTooLong(byteCount: Int, byteCountMax: Int)
    case emptyEventType
    case eventTypeTooLong(byteCount: Int, byteCountMax: Int)
    case payloadTooLarge(byteCount: Int, byteCountMax: Int)
    case turnTooLarge(byteCount: Int, byteCountMax: Int)
    case tooManyEvents(count: Int, countMax: Int)
}

extension LimitError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .emptyStreamID: "the stream id is empty"
        case .streamIDTooLong(let count, let max):
            "the stream id has \(count) bytes; at most \(max) are possible"
        case .emptyEventID: "the event id is empty"
        case .eventIDTooLong(let count, let max):
            "the event id has \(count) bytes; at most \(max) are possible"
        case .emptyEventType: "the event type is empty"
        case .eventTypeTooLong(let count, let max):
            "the event type has \(count) bytes; at most \(max) are possible"
        case .payloadTooLarge(let count, let max):
            "the payload has \(count) bytes; at most \(max) are possible"
        case .turnTooLarge(let count, let max):
            "the turn appends \(count) bytes; at most \(max) are possible in one step"
        case .tooManyEvents(let count, let max):
            "the turn appends \(count) events; at most \(max) are possible in one step"
        }
    }
}
