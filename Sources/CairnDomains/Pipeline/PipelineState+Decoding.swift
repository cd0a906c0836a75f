public import CairnCore

extension PipelineState {
    /// Reads a state that ``encoded()`` wrote.
    ///
    /// A checkpoint that cannot be read is rebuilt (law 8), so why it cannot does not matter.
    ///
    /// - Throws: `TruncatedBytes`.
    public init(decoding bytes: RawSpan) throws(TruncatedBytes) {
        var reader = ByteReader()
        guard try reader.littleEndian(UInt8.self, in: bytes) == Self.encodingVersion else {
            throw TruncatedBytes(offset: 0)
        }
        self.init()
        tenant = try reader.optionalText(in: bytes)
        if try reader.presence(in: bytes) { current = try Current(&reader, in: bytes) }
        for _ in 0..<(try reader.count(in: bytes)) {
            stages.append(try PipelineStageState(&reader, in: bytes))
        }
        attemptMax = try reader.signedVariable(in: bytes)
        failure = try reader.latestFailure(in: bytes)
        firstCreatedAt = try reader.optionalInstant(in: bytes)
        lastCreatedAt = try reader.optionalInstant(in: bytes)
        eventCount = try reader.variable(in: bytes)
        lastSequenceNumber = try reader.optionalNumber(in: bytes)
        ending.firstEnd = try reader.optionalOrder(in: bytes)
        ending.lastEnd = try reader.optionalOrder(in: bytes)
        ending.lastBegin = try reader.optionalOrder(in: bytes)
        ending.reopenings = try reader.variable(in: bytes)
        anomalies = try PipelineAnomalies(&reader, in: bytes)
        for _ in 0..<(try reader.count(in: bytes)) {
            var start = PipelineStart(eventType: try reader.text(in: bytes))
            start.lastStart = try reader.optionalOrder(in: bytes)
            start.lastEnd = try reader.optionalOrder(in: bytes)
            starts.append(start)
        }
        guard reader.offset == bytes.byteCount else { throw TruncatedBytes(offset: reader.offset) }
    }
}

extension ByteReader {
    /// Takes a count of things that take at least a byte each.
    fileprivate mutating func count(in bytes: RawSpan) throws(TruncatedBytes) -> Int {
        let count = try variable(in: bytes)
        guard count <= UInt64(bytes.byteCount - offset) else {
            throw TruncatedBytes(offset: offset)
        }
        return Int(count)
    }

    fileprivate mutating func presence(in bytes: RawSpan) throws(TruncatedBytes) -> Bool {
        switch try littleEndian(UInt8.self, in: bytes) {
        case 0: return false
        case 1: return true
        default: throw TruncatedBytes(offset: offset)
        }
    }

    fileprivate mutating func optionalText(in bytes: RawSpan) throws(TruncatedBytes) -> String? {
        try presence(in: bytes) ? try text(in: bytes) : nil
    }

    fileprivate mutating func optionalNumber(in bytes: RawSpan) throws(TruncatedBytes) -> Int64? {
        try presence(in: bytes) ? try signedVariable(in: bytes) : nil
    }

    fileprivate mutating func instant(in bytes: RawSpan) throws(TruncatedBytes) -> Timestamp {
        Timestamp(nanoseconds: try signedVariable(in: bytes))
    }

    fileprivate mutating func optionalInstant(
        in bytes: RawSpan
    ) throws(TruncatedBytes) -> Timestamp? {
        try presence(in: bytes) ? try instant(in: bytes) : nil
    }

    fileprivate mutating func status(in bytes: RawSpan) throws(TruncatedBytes) -> PipelineStatus {
        switch PipelineStatus.Code(rawValue: try littleEndian(UInt8.self, in: bytes)) {
        case nil: throw TruncatedBytes(offset: offset)
        case .other: .other(try text(in: bytes))
        case .started: .started
        case .completed: .completed
        case .failed: .failed
        case .skipped: .skipped
        case .retryScheduled: .retryScheduled
        }
    }

    fileprivate mutating func order(in bytes: RawSpan) throws(TruncatedBytes) -> PipelineOrder {
        PipelineOrder(
            number: try signedVariable(in: bytes),
            place: try variable(in: bytes)
        )
    }

    fileprivate mutating func optionalOrder(
        in bytes: RawSpan
    ) throws(TruncatedBytes) -> PipelineOrder? {
        try presence(in: bytes) ? try order(in: bytes) : nil
    }

    fileprivate mutating func latest<Value>(
        in bytes: RawSpan,
        _ read: (inout ByteReader, RawSpan) throws(TruncatedBytes) -> Value
    ) throws(TruncatedBytes) -> Latest<Value>? {
        guard let order = try optionalOrder(in: bytes) else { return nil }
        return Latest(value: try read(&self, bytes), order: order)
    }

    fileprivate mutating func latestInstant(
        in bytes: RawSpan
    ) throws(TruncatedBytes) -> Latest<Timestamp>? {
        try latest(in: bytes) { reader, bytes throws(TruncatedBytes) in
            try reader.instant(in: bytes)
        }
    }

    fileprivate mutating func latestNumber(
        in bytes: RawSpan
    ) throws(TruncatedBytes) -> Latest<Int64>? {
        try latest(in: bytes) { reader, bytes throws(TruncatedBytes) in
            try reader.signedVariable(in: bytes)
        }
    }

    fileprivate mutating func latestFailure(
        in bytes: RawSpan
    ) throws(TruncatedBytes) -> Latest<PipelineFailure>? {
        try latest(in: bytes) { reader, bytes throws(TruncatedBytes) in
            PipelineFailure(
                stage: try reader.text(in: bytes),
                code: try reader.optionalText(in: bytes),
                message: try reader.optionalText(in: bytes),
                attempt: try reader.signedVariable(in: bytes),
                createdAt: try reader.instant(in: bytes)
            )
        }
    }
}

extension PipelineState.Current {
    fileprivate init(_ reader: inout ByteReader, in bytes: RawSpan) throws(TruncatedBytes) {
        stage = try reader.text(in: bytes)
        eventType = try reader.text(in: bytes)
        status = try reader.status(in: bytes)
        attempt = try reader.signedVariable(in: bytes)
        isRetryable = try reader.presence(in: bytes)
        nextRetryAt = try reader.optionalInstant(in: bytes)
        createdAt = try reader.instant(in: bytes)
        sequenceNumber = try reader.optionalNumber(in: bytes)
        sequence = SequenceNumber(rawValue: try reader.variable(in: bytes))
    }
}

extension PipelineStageState {
    fileprivate init(_ reader: inout ByteReader, in bytes: RawSpan) throws(TruncatedBytes) {
        name = try reader.text(in: bytes)
        status = try reader.status(in: bytes)
        attempt = try reader.signedVariable(in: bytes)
        isRetryable = try reader.presence(in: bytes)
        nextRetryAt = try reader.optionalInstant(in: bytes)
        order = try reader.order(in: bytes)
        attemptMax = try reader.signedVariable(in: bytes)
        eventCount = try reader.variable(in: bytes)
        failureCount = try reader.variable(in: bytes)
        firstCreatedAt = try reader.instant(in: bytes)
        lastCreatedAt = try reader.instant(in: bytes)
        start = try reader.latestInstant(in: bytes)
        end = try reader.latestInstant(in: bytes)
        duration = try reader.latestNumber(in: bytes)
        let high = try reader.signedVariable(in: bytes)
        durationSum = Int128(high) << 64 | Int128(try reader.variable(in: bytes))
        failure = try reader.latestFailure(in: bytes)
    }
}

extension PipelineAnomalies {
    fileprivate init(_ reader: inout ByteReader, in bytes: RawSpan) throws(TruncatedBytes) {
        self.init()
        guard try reader.count(in: bytes) == counts.count else {
            throw TruncatedBytes(offset: reader.offset)
        }
        for index in counts.indices { counts[index] = try reader.variable(in: bytes) }
        let firstCount = try reader.count(in: bytes)
        guard firstCount <= Self.firstCountMax else { throw TruncatedBytes(offset: reader.offset) }
        for _ in 0..<firstCount {
            let code = try reader.littleEndian(UInt8.self, in: bytes)
            guard let kind = PipelineAnomaly.Kind(rawValue: code) else {
                throw TruncatedBytes(offset: reader.offset)
            }
            first.append(
                PipelineAnomaly(
                    kind: kind,
                    sequence: SequenceNumber(rawValue: try reader.variable(in: bytes)),
                    sourceNumber: try reader.optionalNumber(in: bytes)
                )
            )
        }
    }
}
