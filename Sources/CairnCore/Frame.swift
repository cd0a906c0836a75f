/// Layout of one stored event, byte for byte as `Specs/JournalFormat.md` gives it.
///
/// ```text
///  0 u32 length of the frame   4 u32 CRC-32C of the rest   8 u8 version   9 u8 flags
/// 10 u8 codec  11 u8 type length  12 u16 key id  14 u8 type version  15 u8 reserved, zero
/// 16 u64 stream number  24 u64 sequence  32 i64 recorded at  40 i64 occurred at
/// 48 32 bytes content digest   80 u16 stream name length   82 u16 event id length
/// 84 type, stream name, event id, payload
/// ```
public enum Frame {
    public static let version: UInt8 = 1
    public static let fixedByteCount = 84
    /// Where the part covered by the checksum starts.
    static let checkedOffset = 8

    /// Longest frame: every name at its limit and the largest payload.
    public static let byteCountMax =
        fixedByteCount + Limits.eventTypeByteCountMax + Limits.streamIDByteCountMax
        + Limits.eventIDByteCountMax + Limits.payloadByteCountMax

    /// Facts about a frame, one bit each.
    public struct Flags: OptionSet, Hashable, Sendable {
        public let rawValue: UInt8

        @inlinable
        public init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        /// First event of its stream: the frame carries the stream's name.
        public static let namesStream = Flags(rawValue: 1)
        /// The frame carries the caller's event id.
        public static let hasEventID = Flags(rawValue: 2)
        /// A program that does not know the event's type may pass over it.
        public static let mayBeIgnored = Flags(rawValue: 4)
        /// The payload was erased; the digest tells what it was.
        ///
        /// Not part of the running hash.
        public static let isErased = Flags(rawValue: 8)

        static let known = Flags(rawValue: 15)
    }
}

/// How the payload of an event is encoded.
public struct PayloadCodec: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt8

    @inlinable
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// Bytes of the event type's own encoding.
    public static let binary = PayloadCodec(rawValue: 0)
    /// JSON text in UTF-8, as the caller gave it.
    public static let json = PayloadCodec(rawValue: 1)
}

/// Why stored bytes are not a frame this program can read.
public enum FrameError: Error, Hashable, Sendable {
    /// The bytes end before the frame does, or its lengths do not fit together.
    case malformed
    /// The checksum does not match the bytes: they changed after they were written.
    case checksum(expected: UInt32, found: UInt32)
    /// The frame has a version that this program does not know.
    case newerVersion(UInt8)
}

extension FrameError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformed: "its lengths do not fit together"
        case .checksum(let expected, let found):
            "its checksum is \(String(found, radix: 16)) and should be "
                + String(expected, radix: 16)
        case .newerVersion(let version):
            "it has frame version \(version); this program reads up to \(Frame.version)"
        }
    }
}
