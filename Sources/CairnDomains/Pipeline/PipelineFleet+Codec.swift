package import CairnCore

extension PipelineFleet {
    /// All requests as bytes: the same for the same requests, whatever words were met before.
    package func encoded() -> [UInt8] { encoded(streams) }

    /// One request as bytes; nil if it is not here.
    package func encoded(_ stream: StreamNumber) -> [UInt8]? {
        holds(stream) ? encoded([stream]) : nil
    }

    /// Writes requests in the order of their streams, and before them the words that they use.
    private func encoded(_ streams: [StreamNumber]) -> [UInt8] {
        var writer = BriefWriter(meanings.words)
        var last: UInt64 = 0
        for stream in streams {
            guard let brief = self[stream] else { continue }
            writer.bytes.variable(stream.rawValue &- last)
            last = stream.rawValue
            let worker = brief.latest.worker >= 0 ? workers.bytes(brief.latest.worker) : nil
            let isSilent = isSilent(brief)
            writer.write(
                StoredBrief(brief: brief, worker: worker, isSilent: isSilent),
                of: stream
            )
        }
        var bytes = ByteWriter(capacity: writer.bytes.byteCount + 64)
        bytes.variable(UInt64(writer.texts.count))
        for text in writer.texts { bytes.text(text) }
        bytes.variable(UInt64(streams.count))
        bytes.raw(writer.bytes.bytes)
        return bytes.finish()
    }

    /// Reads what a list shows of a request that ``encoded(_:)`` wrote, without taking it in: its
    /// words are this fleet's.
    ///
    /// - Returns: Its stream, and the request without its stages.
    /// - Throws: `TruncatedBytes`.
    package mutating func readHead(
        _ bytes: RawSpan
    ) throws(TruncatedBytes) -> (StreamNumber, PipelineBrief) {
        var (reader, count) = try reader(of: bytes)
        guard count == 1 else { throw TruncatedBytes(offset: reader.place.offset) }
        let stream = StreamNumber(rawValue: try reader.place.variable(in: bytes))
        return (stream, try reader.head(of: stream, in: bytes).brief)
    }

    /// Reads the words of some requests, and how many they are.
    private mutating func reader(
        of bytes: RawSpan
    ) throws(TruncatedBytes) -> (BriefReader, UInt64) {
        var place = ByteReader()
        var texts: [UInt32] = []
        let textCount = try place.variable(in: bytes)
        guard textCount <= UInt64(bytes.byteCount) else { throw TruncatedBytes(offset: 0) }
        for _ in 0..<textCount {
            texts.append(meanings.words.number(of: try place.text(in: bytes)))
        }
        let count = try place.variable(in: bytes)
        guard count <= UInt64(bytes.byteCount) else { throw TruncatedBytes(offset: 0) }
        return (BriefReader(place: place, words: texts), count)
    }

    /// Takes requests in that ``encoded()`` or ``encoded(_:)`` wrote.
    ///
    /// - Throws: `TruncatedBytes`; some of the requests may then be in.
    package mutating func put(_ bytes: RawSpan) throws(TruncatedBytes) {
        var (reader, count) = try reader(of: bytes)
        var stream: UInt64 = 0
        for _ in 0..<count {
            stream &+= try reader.place.variable(in: bytes)
            let number = StreamNumber(rawValue: stream)
            put(try reader.brief(of: number, in: bytes), number)
        }
        guard reader.place.offset == bytes.byteCount else {
            throw TruncatedBytes(offset: reader.place.offset)
        }
    }
}

/// A brief as it is written, without numbers that are its fleet's own.
struct StoredBrief {
    var brief: PipelineBrief
    /// The worker that started the latest row, in UTF-8; nil for other statuses.
    var worker: [UInt8]?
    /// Whether it has recorded nothing since.
    var isSilent: Bool
}

/// Which of a brief's parts that are not always there are written, one bit each.
struct BriefParts: OptionSet {
    let rawValue: UInt16
    static let isRetryable = BriefParts(rawValue: 1)
    static let isMixed = BriefParts(rawValue: 2)
    static let isSilent = BriefParts(rawValue: 4)
    static let nextRetryAt = BriefParts(rawValue: 8)
    static let lastSequenceNumber = BriefParts(rawValue: 16)
    static let failure = BriefParts(rawValue: 32)
    static let errorCode = BriefParts(rawValue: 64)
    static let worker = BriefParts(rawValue: 128)
    static let ending = BriefParts(rawValue: 256)
    static let all = BriefParts(rawValue: 511)

    init(rawValue: UInt16) { self.rawValue = rawValue }

    init(_ stored: StoredBrief) {
        self = []
        let brief = stored.brief
        if brief.summary.isRetryable { insert(.isRetryable) }
        if brief.isMixed { insert(.isMixed) }
        if stored.isSilent { insert(.isSilent) }
        if brief.summary.nextRetryAt != nil { insert(.nextRetryAt) }
        if brief.summary.lastSequenceNumber != nil { insert(.lastSequenceNumber) }
        if brief.failure != nil { insert(.failure) }
        if brief.errorCode != nil { insert(.errorCode) }
        if stored.worker != nil { insert(.worker) }
        let ending = brief.summary.ending
        if ending != PipelineEnding() || brief.end != nil { insert(.ending) }
    }
}

/// Writes briefs, and notes the words that the format has no code for.
struct BriefWriter {
    var bytes = ByteWriter(capacity: 256)
    private(set) var texts: [String] = []
    private let words: PipelineWordTable
    private var numbers: [UInt32: UInt64] = [:]
    /// The words with codes come first; the others are numbered behind them as they come.
    static let textNumberMin = UInt64(PipelineVocabulary.codeMax) + 1

    init(_ words: PipelineWordTable) { self.words = words }

    mutating func write(_ stored: StoredBrief, of stream: StreamNumber) {
        let brief = stored.brief
        let summary = brief.summary
        bytes.littleEndian(BriefParts(stored).rawValue)
        bytes.blob(brief.id)
        bytes.variable(summary.eventCount)
        if let number = summary.lastSequenceNumber { bytes.variable(number) }
        order(summary.order.number, summary.order.place)
        word(summary.tenant)
        word(summary.stage)
        word(summary.eventType)
        bytes.littleEndian(summary.status.rawValue)
        if summary.status == .other { word(summary.statusWord) }
        bytes.variable(summary.attempt)
        bytes.variable(summary.attemptMax)
        let createdAt = summary.createdAt
        bytes.littleEndian(createdAt.nanoseconds)
        instant(summary.firstCreatedAt, since: createdAt)
        instant(summary.lastCreatedAt, since: createdAt)
        if let nextRetryAt = summary.nextRetryAt { instant(nextRetryAt, since: createdAt) }
        bytes.variable(brief.anomalyCount)
        if let failure = brief.failure { order(failure.number, failure.place) }
        if let errorCode = brief.errorCode { bytes.blob(errorCode) }
        let latest = brief.latest
        order(latest.order.number, latest.order.sequence)
        bytes.variable(latest.position.rawValue &- stream.rawValue)
        instant(latest.createdAt, since: createdAt)
        bytes.littleEndian(latest.status.rawValue)
        if let worker = stored.worker { bytes.blob(worker) }
        let ending = summary.ending
        if ending != PipelineEnding() || brief.end != nil {
            order(ending.firstEnd)
            order(ending.lastEnd)
            order(ending.lastBegin)
            bytes.variable(ending.reopenings)
            order(brief.end)
        }
        parts(brief)
        bytes.variable(UInt64(brief.tries.count))
        for tries in sorted(brief.tries, by: \.stage) {
            word(tries.stage)
            attempt(tries.failure, of: stream, since: createdAt)
            attempt(tries.plan, of: stream, since: createdAt)
        }
    }

    private mutating func attempt(
        _ attempt: PipelineBrief.Attempt?,
        of stream: StreamNumber,
        since createdAt: Timestamp
    ) {
        order(attempt?.order)
        guard let attempt else { return }
        bytes.variable(attempt.position.rawValue &- stream.rawValue)
        bytes.littleEndian(UInt8(attempt.nextRetryAt == nil ? 0 : 1))
        if let nextRetryAt = attempt.nextRetryAt { instant(nextRetryAt, since: createdAt) }
    }

    private mutating func parts(_ brief: PipelineBrief) {
        bytes.variable(UInt64(brief.stages.count))
        for stage in sorted(brief.stages, by: \.name) {
            word(stage.name)
            order(stage.order)
            bytes.variable(stage.attempt)
            order(stage.closing)
        }
        bytes.variable(UInt64(brief.starts.count))
        for start in sorted(brief.starts, by: \.eventType) {
            word(start.eventType)
            order(start.lastStart)
            order(start.lastEnd)
        }
    }

    /// Puts what stands by the numbers of words in an order that does not depend on them.
    private func sorted<Part>(_ parts: [Part], by number: (Part) -> UInt32) -> [Part] {
        guard parts.contains(where: { UInt64(number($0)) >= Self.textNumberMin }) else {
            return parts
        }
        return parts.sorted { left, right in
            let (left, right) = (number(left), number(right))
            guard UInt64(left) >= Self.textNumberMin, UInt64(right) >= Self.textNumberMin else {
                return left < right
            }
            return words.text(of: left).hasBytes(before: words.text(of: right))
        }
    }

    private mutating func word(_ number: UInt32) {
        guard UInt64(number) >= Self.textNumberMin else { return bytes.variable(UInt64(number)) }
        if let known = numbers[number] { return bytes.variable(known) }
        let new = Self.textNumberMin + UInt64(texts.count)
        numbers[number] = new
        texts.append(words.text(of: number))
        bytes.variable(new)
    }

    private mutating func instant(_ instant: Timestamp, since origin: Timestamp) {
        bytes.variable(instant.nanoseconds &- origin.nanoseconds)
    }

    /// Writes a place, and the number before it only where that is another; 0 stands for none.
    private mutating func order(_ number: Int64, _ place: UInt64) {
        let isSame = number == Int64(clamping: place)
        bytes.variable(place << 1 | (isSame ? 0 : 1))
        if !isSame { bytes.variable(number) }
    }

    private mutating func order(_ order: PipelineOrder?) {
        guard let order else { return bytes.variable(0 as UInt64) }
        self.order(order.number, order.place)
    }

    private mutating func order(_ order: StreamOrder?) {
        guard let order else { return bytes.variable(0 as UInt64) }
        self.order(order.number, order.sequence)
    }
}
