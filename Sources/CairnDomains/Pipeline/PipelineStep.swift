public import CairnCore

/// What a fold over many requests needs of an event, read in place without allocating.
///
/// Plain data. The ranges count from the start of the payload it was read from.
///
/// ```text
/// 0 u8 version  1 u8 status code, and 16 if retryable  2 u8 stage code  3 u8 event type code
/// 4 u16 which of the optional fields are present, in the order below
/// 6 numbers (zigzag LEB128): 1 sequence_no, 2 attempt unless 1, 4 duration_ms; as differences to
///   created_at: 8 next_retry_at, 16 started_at, 32 completed_at; 64 id
///   texts (LEB128 count, bytes): stage, event type and status where their code is 0; tenant;
///   128 external_reference, 256 error_code, 512 error_message, 1024 worker_id,
///   2048 service_name, 4096 metadata; 8192 how its row was written (``RowOrigin``)
/// ```
///
/// `created_at` is the frame's occurred time and not stored twice. A payload has version 2 if it
/// says how its row was written, and 1 if it does not: then older programs read it, too.
public struct PipelineStep: Sendable {
    /// The newest version that is read.
    public static let version: UInt8 = 2
    /// The version of a payload that does not say how its row was written.
    static let plainVersion: UInt8 = 1
    static let fixedByteCount = 6
    static let retryableBit: UInt8 = 16

    public let status: PipelineStatus.Code
    public let isRetryable: Bool
    public let stage: PipelineWord
    public let eventType: PipelineWord
    /// Where the status stands as text, if its code is ``PipelineStatus/Code/other``.
    public let statusText: PipelineWord
    public let tenant: PipelineWord
    public let sequenceNumber: Int64?
    public let attempt: Int64
    public let durationMilliseconds: Int64?
    public let createdAt: Timestamp
    public let nextRetryAt: Timestamp?
    public let startedAt: Timestamp?
    public let completedAt: Timestamp?
    public let sourceID: Int64?
    let presence: Presence
    /// Where the texts start that a fold has no use for.
    let tailOffset: Int

    /// Which optional fields a payload holds, one bit each.
    struct Presence: OptionSet, Sendable {
        let rawValue: UInt16
        static let sequenceNumber = Presence(rawValue: 1)
        static let attempt = Presence(rawValue: 2)
        static let duration = Presence(rawValue: 4)
        static let nextRetryAt = Presence(rawValue: 8)
        static let startedAt = Presence(rawValue: 16)
        static let completedAt = Presence(rawValue: 32)
        static let sourceID = Presence(rawValue: 64)
        static let externalReference = Presence(rawValue: 128)
        static let errorCode = Presence(rawValue: 256)
        static let errorMessage = Presence(rawValue: 512)
        static let workerID = Presence(rawValue: 1_024)
        static let serviceName = Presence(rawValue: 2_048)
        static let metadata = Presence(rawValue: 4_096)
        static let origin = Presence(rawValue: 8_192)
        static let all = Presence(rawValue: 16_383)
    }

    /// Reads the part of a payload that folds need; what follows it is not looked at.
    ///
    /// - Parameters:
    ///   - payload: The event's payload.
    ///   - occurredAt: The occurred time of its frame, which is the row's `created_at`.
    /// - Throws: ``PipelineCodecError``.
    public init(_ payload: RawSpan, occurredAt: Timestamp) throws(PipelineCodecError) {
        guard payload.byteCount >= Self.fixedByteCount else { throw .truncated(offset: 0) }
        let version = payload.byte(at: 0)
        guard (Self.plainVersion...Self.version).contains(version) else {
            throw .newerVersion(version)
        }
        let facts = payload.byte(at: 1)
        guard let status = PipelineStatus.Code(rawValue: facts & ~Self.retryableBit) else {
            throw .malformed(offset: 1)
        }
        self.status = status
        isRetryable = facts & Self.retryableBit != 0
        let presence = Presence(rawValue: payload.littleEndian(at: 4))
        guard presence.isSubset(of: .all),
            presence.contains(.origin) == (version != Self.plainVersion)
        else { throw .malformed(offset: 4) }
        self.presence = presence
        createdAt = occurredAt

        var reader = PipelinePayloadReader(offset: Self.fixedByteCount)
        sequenceNumber = try reader.signed(if: presence.contains(.sequenceNumber), in: payload)
        attempt = try reader.signed(if: presence.contains(.attempt), in: payload) ?? 1
        durationMilliseconds = try reader.signed(if: presence.contains(.duration), in: payload)
        nextRetryAt = try reader.instant(
            if: presence.contains(.nextRetryAt),
            from: occurredAt,
            in: payload
        )
        startedAt = try reader.instant(
            if: presence.contains(.startedAt),
            from: occurredAt,
            in: payload
        )
        completedAt = try reader.instant(
            if: presence.contains(.completedAt),
            from: occurredAt,
            in: payload
        )
        sourceID = try reader.signed(if: presence.contains(.sourceID), in: payload)
        stage = try reader.word(codeOffset: 2, in: payload)
        eventType = try reader.word(codeOffset: 3, in: payload)
        statusText = status == .other ? PipelineWord(try reader.blob(in: payload)) : .empty
        tenant = PipelineWord(try reader.blob(in: payload))
        tailOffset = reader.offset
    }
}

extension PipelineStep {
    /// Texts that stand between those that folds need and the metadata.
    private static let textsBeforeMetadata: Presence = [
        .externalReference, .errorCode, .errorMessage, .workerID, .serviceName,
    ]

    /// How many bytes of metadata the payload holds; 0 where there is none.
    ///
    /// - Throws: ``PipelineCodecError``.
    package func metadataByteCount(in payload: RawSpan) throws(PipelineCodecError) -> Int {
        guard presence.contains(.metadata) else { return 0 }
        var reader = PipelinePayloadReader(offset: tailOffset)
        let textCount = presence.intersection(Self.textsBeforeMetadata).rawValue.nonzeroBitCount
        for _ in 0..<textCount { _ = try reader.blob(in: payload) }
        return try reader.blob(in: payload).count
    }
}

extension PipelineStep {
    /// Where a payload says what went wrong, and who worked.
    struct Details {
        var errorCode: Range<Int>?
        var workerID: Range<Int>?
    }

    /// Reads the texts behind those that most folds need, as far as the worker's.
    ///
    /// - Throws: ``PipelineCodecError``.
    @inline(__always)
    func details(in payload: RawSpan) throws(PipelineCodecError) -> Details {
        var details = Details()
        guard !presence.isDisjoint(with: [.errorCode, .workerID]) else { return details }
        var reader = PipelinePayloadReader(offset: tailOffset)
        if presence.contains(.externalReference) { _ = try reader.blob(in: payload) }
        if presence.contains(.errorCode) { details.errorCode = try reader.blob(in: payload) }
        if presence.contains(.errorMessage) { _ = try reader.blob(in: payload) }
        if presence.contains(.workerID) { details.workerID = try reader.blob(in: payload) }
        return details
    }
}

/// A word of a payload: a code of the format's own list, or where its text stands.
public struct PipelineWord: Hashable, Sendable {
    /// The word's place in the list that the format knows; 0 for a word that stands as text.
    let code: UInt8
    let start: UInt32
    let end: UInt32

    /// No text at all.
    static let empty = PipelineWord(0..<0)

    init(code: UInt8) {
        self.code = code
        start = 0
        end = 0
    }

    init(_ range: Range<Int>) {
        code = PipelineVocabulary.literal
        start = UInt32(truncatingIfNeeded: range.lowerBound)
        end = UInt32(truncatingIfNeeded: range.upperBound)
    }

    /// Where the word stands as text; empty if it is stored as a code.
    public var range: Range<Int> { Int(start)..<Int(end) }

    /// The word itself.
    public func text(in payload: RawSpan) -> String {
        PipelineVocabulary.word(of: code) ?? payload.extracting(range).text()
    }
}
