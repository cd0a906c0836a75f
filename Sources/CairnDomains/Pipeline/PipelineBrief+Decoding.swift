internal import CairnCore

/// Reads briefs that ``BriefWriter`` wrote.
struct BriefReader {
    var place: ByteReader
    /// The numbers of the words that were written as texts.
    let words: [UInt32]

    mutating func brief(
        of stream: StreamNumber,
        in bytes: RawSpan
    ) throws(TruncatedBytes) -> StoredBrief {
        var stored = try head(of: stream, in: bytes)
        try readParts(of: &stored.brief, in: bytes)
        try readTries(of: &stored.brief, stream, in: bytes)
        return stored
    }

    /// Reads what stands before the stages.
    mutating func head(
        of stream: StreamNumber,
        in bytes: RawSpan
    ) throws(TruncatedBytes) -> StoredBrief {
        let parts = BriefParts(rawValue: try place.littleEndian(in: bytes))
        guard parts.isSubset(of: .all) else { throw TruncatedBytes(offset: place.offset) }
        var brief = PipelineBrief()
        brief.id = bytes.extracting(try place.blob(in: bytes)).array()
        brief.isMixed = parts.contains(.isMixed)
        brief.summary = try summary(parts, in: bytes)
        let createdAt = brief.summary.createdAt
        brief.anomalyCount = try place.variable(in: bytes)
        if parts.contains(.failure) { brief.failure = try pipelineOrder(in: bytes) }
        if parts.contains(.errorCode) {
            brief.errorCode = bytes.extracting(try place.blob(in: bytes)).array()
        }
        guard let order = try streamOrder(in: bytes) else {
            throw TruncatedBytes(offset: place.offset)
        }
        brief.latest.order = order
        brief.latest.position = Position(
            rawValue: try place.variable(in: bytes) &+ stream.rawValue
        )
        brief.latest.createdAt = try instant(since: createdAt, in: bytes)
        brief.latest.status = try status(in: bytes)
        var worker: [UInt8]?
        if parts.contains(.worker) {
            worker = bytes.extracting(try place.blob(in: bytes)).array()
        }
        if parts.contains(.ending) {
            brief.summary.ending.firstEnd = try pipelineOrder(in: bytes)
            brief.summary.ending.lastEnd = try pipelineOrder(in: bytes)
            brief.summary.ending.lastBegin = try pipelineOrder(in: bytes)
            brief.summary.ending.reopenings = try place.variable(in: bytes)
            brief.end = try streamOrder(in: bytes)
        }
        return StoredBrief(
            brief: brief,
            worker: worker,
            isSilent: parts.contains(.isSilent)
        )
    }

    private mutating func summary(
        _ parts: BriefParts,
        in bytes: RawSpan
    ) throws(TruncatedBytes) -> PipelineSummary {
        var summary = PipelineSummary()
        summary.eventCount = try place.variable(in: bytes)
        if parts.contains(.lastSequenceNumber) {
            summary.lastSequenceNumber = try place.signedVariable(in: bytes)
        }
        guard let order = try pipelineOrder(in: bytes) else {
            throw TruncatedBytes(offset: place.offset)
        }
        summary.order = order
        summary.tenant = try word(in: bytes)
        summary.stage = try word(in: bytes)
        summary.eventType = try word(in: bytes)
        summary.status = try status(in: bytes)
        if summary.status == .other { summary.statusWord = try word(in: bytes) }
        summary.isRetryable = parts.contains(.isRetryable)
        summary.attempt = try place.signedVariable(in: bytes)
        summary.attemptMax = try place.signedVariable(in: bytes)
        summary.createdAt = Timestamp(nanoseconds: try place.littleEndian(in: bytes))
        summary.firstCreatedAt = try instant(since: summary.createdAt, in: bytes)
        summary.lastCreatedAt = try instant(since: summary.createdAt, in: bytes)
        if parts.contains(.nextRetryAt) {
            summary.nextRetryAt = try instant(since: summary.createdAt, in: bytes)
        }
        return summary
    }

    private mutating func readParts(
        of brief: inout PipelineBrief,
        in bytes: RawSpan
    ) throws(TruncatedBytes) {
        let stageCount = try count(in: bytes)
        brief.stages.reserveCapacity(stageCount)
        for _ in 0..<stageCount {
            let name = try word(in: bytes)
            guard let order = try pipelineOrder(in: bytes) else {
                throw TruncatedBytes(offset: place.offset)
            }
            let attempt = try place.signedVariable(in: bytes)
            var stage = PipelineBrief.Stage(name: name, order: order, attempt: attempt)
            stage.closing = try streamOrder(in: bytes)
            brief.stages.append(stage)
        }
        let startCount = try count(in: bytes)
        brief.starts.reserveCapacity(startCount)
        for _ in 0..<startCount {
            var start = PipelineBrief.Start(eventType: try word(in: bytes))
            start.lastStart = try pipelineOrder(in: bytes)
            start.lastEnd = try pipelineOrder(in: bytes)
            brief.starts.append(start)
        }
        guard !words.isEmpty else { return }
        brief.stages.sort { $0.name < $1.name }
        brief.starts.sort { $0.eventType < $1.eventType }
    }

    private mutating func readTries(
        of brief: inout PipelineBrief,
        _ stream: StreamNumber,
        in bytes: RawSpan
    ) throws(TruncatedBytes) {
        for _ in 0..<(try count(in: bytes)) {
            var tries = PipelineBrief.Tries(stage: try word(in: bytes))
            tries.failure = try attempt(of: brief, stream, in: bytes)
            tries.plan = try attempt(of: brief, stream, in: bytes)
            brief.tries.append(tries)
        }
        if !words.isEmpty { brief.tries.sort { $0.stage < $1.stage } }
    }

    private mutating func attempt(
        of brief: PipelineBrief,
        _ stream: StreamNumber,
        in bytes: RawSpan
    ) throws(TruncatedBytes) -> PipelineBrief.Attempt? {
        guard let order = try streamOrder(in: bytes) else { return nil }
        let distance = try place.variable(in: bytes)
        let nextRetryAt =
            try place.littleEndian(UInt8.self, in: bytes) == 0
            ? nil : try instant(since: brief.summary.createdAt, in: bytes)
        return PipelineBrief.Attempt(
            order: order,
            position: Position(rawValue: distance &+ stream.rawValue),
            nextRetryAt: nextRetryAt
        )
    }

    /// Takes a count of things that take at least a byte each.
    private mutating func count(in bytes: RawSpan) throws(TruncatedBytes) -> Int {
        let count = try place.variable(in: bytes)
        guard count <= UInt64(bytes.byteCount - place.offset) else {
            throw TruncatedBytes(offset: place.offset)
        }
        return Int(count)
    }

    private mutating func word(in bytes: RawSpan) throws(TruncatedBytes) -> UInt32 {
        let number = try place.variable(in: bytes)
        guard number >= BriefWriter.textNumberMin else { return UInt32(number) }
        let index = number - BriefWriter.textNumberMin
        guard index < UInt64(words.count) else { throw TruncatedBytes(offset: place.offset) }
        return words[Int(index)]
    }

    private mutating func status(
        in bytes: RawSpan
    ) throws(TruncatedBytes) -> PipelineStatus.Code {
        let code = try place.littleEndian(UInt8.self, in: bytes)
        guard let status = PipelineStatus.Code(rawValue: code) else {
            throw TruncatedBytes(offset: place.offset)
        }
        return status
    }

    private mutating func instant(
        since origin: Timestamp,
        in bytes: RawSpan
    ) throws(TruncatedBytes) -> Timestamp {
        Timestamp(nanoseconds: origin.nanoseconds &+ (try place.signedVariable(in: bytes)))
    }

    private mutating func order(
        in bytes: RawSpan
    ) throws(TruncatedBytes) -> (number: Int64, place: UInt64)? {
        let value = try place.variable(in: bytes)
        guard value > 0 else { return nil }
        let rank = value >> 1
        return (value & 1 == 0 ? Int64(clamping: rank) : try place.signedVariable(in: bytes), rank)
    }

    private mutating func pipelineOrder(
        in bytes: RawSpan
    ) throws(TruncatedBytes) -> PipelineOrder? {
        try order(in: bytes).map { PipelineOrder(number: $0.number, place: $0.place) }
    }

    private mutating func streamOrder(in bytes: RawSpan) throws(TruncatedBytes) -> StreamOrder? {
        try order(in: bytes).map { StreamOrder(number: $0.number, sequence: $0.place) }
    }
}
