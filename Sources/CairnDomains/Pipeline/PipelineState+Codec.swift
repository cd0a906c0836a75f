public import CairnCore

extension PipelineState {
    /// The version of ``encoded()``: part of a checkpoint's fingerprint.
    public static let encodingVersion: UInt8 = 2

    /// The state's one encoding: what checkpoints store and ``digest`` covers.
    public func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 256)
        writer.littleEndian(Self.encodingVersion)
        writer.optional(tenant)
        writer.presence(current != nil)
        if let current { writer.current(current) }
        writer.variable(UInt64(stages.count))
        for stage in stages { writer.stage(stage) }
        writer.variable(attemptMax)
        writer.latest(failure) { $0.failure($1) }
        writer.optional(firstCreatedAt?.nanoseconds)
        writer.optional(lastCreatedAt?.nanoseconds)
        writer.variable(eventCount)
        writer.optional(lastSequenceNumber)
        writer.optional(ending.firstEnd)
        writer.optional(ending.lastEnd)
        writer.optional(ending.lastBegin)
        writer.variable(ending.reopenings)
        writer.variable(UInt64(anomalies.counts.count))
        for count in anomalies.counts { writer.variable(count) }
        writer.variable(UInt64(anomalies.first.count))
        for anomaly in anomalies.first {
            writer.littleEndian(anomaly.kind.rawValue)
            writer.variable(anomaly.sequence.rawValue)
            writer.optional(anomaly.sourceNumber)
        }
        writer.variable(UInt64(starts.count))
        for start in starts {
            writer.text(start.eventType)
            writer.optional(start.lastStart)
            writer.optional(start.lastEnd)
        }
        return writer.finish()
    }

    /// SHA-256 of the encoding: equal for equal states, on every machine (law 2).
    public var digest: ContentDigest {
        let bytes = encoded()
        return ContentDigest(type: "pipeline-state", content: bytes.span.bytes)
    }
}

extension ByteWriter {
    fileprivate mutating func presence(_ value: Bool) {
        littleEndian(value ? 1 as UInt8 : 0)
    }

    fileprivate mutating func optional(_ value: Int64?) {
        presence(value != nil)
        if let value { variable(value) }
    }

    fileprivate mutating func optional(_ value: String?) {
        presence(value != nil)
        if let value { text(value) }
    }

    private mutating func order(_ value: PipelineOrder) {
        variable(value.number)
        variable(value.place)
    }

    fileprivate mutating func optional(_ value: PipelineOrder?) {
        presence(value != nil)
        if let value { order(value) }
    }

    fileprivate mutating func latest<Value>(
        _ latest: Latest<Value>?,
        _ write: (inout ByteWriter, Value) -> Void
    ) {
        presence(latest != nil)
        guard let latest else { return }
        order(latest.order)
        write(&self, latest.value)
    }

    fileprivate mutating func failure(_ value: PipelineFailure) {
        text(value.stage)
        optional(value.code)
        optional(value.message)
        variable(value.attempt)
        variable(value.createdAt.nanoseconds)
    }

    private mutating func status(_ value: PipelineStatus) {
        littleEndian(value.code.rawValue)
        if value.code == .other { text(value.word) }
    }

    fileprivate mutating func current(_ value: PipelineState.Current) {
        text(value.stage)
        text(value.eventType)
        status(value.status)
        variable(value.attempt)
        presence(value.isRetryable)
        optional(value.nextRetryAt?.nanoseconds)
        variable(value.createdAt.nanoseconds)
        optional(value.sequenceNumber)
        variable(value.sequence.rawValue)
    }

    fileprivate mutating func stage(_ value: PipelineStageState) {
        text(value.name)
        status(value.status)
        variable(value.attempt)
        presence(value.isRetryable)
        optional(value.nextRetryAt?.nanoseconds)
        order(value.order)
        variable(value.attemptMax)
        variable(value.eventCount)
        variable(value.failureCount)
        variable(value.firstCreatedAt.nanoseconds)
        variable(value.lastCreatedAt.nanoseconds)
        latest(value.start) { $0.variable($1.nanoseconds) }
        latest(value.end) { $0.variable($1.nanoseconds) }
        latest(value.duration) { $0.variable($1) }
        variable(Int64(truncatingIfNeeded: value.durationSum >> 64))
        variable(UInt64(truncatingIfNeeded: value.durationSum))
        latest(value.failure) { $0.failure($1) }
    }
}
