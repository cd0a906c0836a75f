public import CairnCore

extension RetryLeaseMachine: StoredMachine {
    private static let type = "retry.leased"
    private static let version: UInt8 = 1

    /// The tags of its fields.
    private enum Tag {
        static let stage: UInt8 = 1
        static let failure: UInt8 = 2
        static let worker: UInt8 = 3
        static let boot: UInt8 = 4
        static let leaseEnd: UInt8 = 5
        static let attempt: UInt8 = 6
        static let takeoverCount: UInt8 = 7
    }

    public func event(
        _ header: EventHeader,
        frame: RawSpan
    ) throws(EventCodecError) -> Event? {
        let type = header.type(in: frame)
        guard type.hasSameBytes(as: Self.type) else {
            guard header.flags.contains(.mayBeIgnored) else { throw .unknownType(type) }
            return nil
        }
        if header.flags.contains(.isErased) { return nil }
        guard header.typeVersion <= Self.version else {
            throw .newerVersion(type: type, version: header.typeVersion)
        }
        let payload = frame.extracting(header.payloadRange)
        do throws(FieldFailure) {
            let grant = try Self.grant(try ItemFields(payload), payload, header.sequence)
            return Event(grant: grant, at: header.occurredAt)
        } catch {
            throw .malformed(type: type, reason: error.reason)
        }
    }

    private static func grant(
        _ fields: ItemFields,
        _ payload: RawSpan,
        _ sequence: SequenceNumber
    ) throws(FieldFailure) -> RetryLeaseGrant {
        RetryLeaseGrant(
            stage: try fields.text(Tag.stage, payload),
            failure: Position(rawValue: UInt64(bitPattern: try fields.number(Tag.failure))),
            worker: WorkerNumber(rawValue: UInt64(bitPattern: try fields.number(Tag.worker))),
            leaseEnd: BootInstant(
                boot: UInt64(bitPattern: try fields.number(Tag.boot)),
                nanoseconds: try fields.number(Tag.leaseEnd)
            ),
            attempt: try fields.number(Tag.attempt),
            takeoverCount: fields.fields.number(Tag.takeoverCount) ?? 0,
            fence: sequence
        )
    }

    /// A lease's fence is the sequence of its event, and so every event counts.
    public func passOver(_ state: inout State) { state.eventCount &+= 1 }

    public func newEvent(_ event: Event) throws(LimitError) -> NewEvent {
        var fields = FieldWriter(capacity: 64)
        fields.text(Tag.stage, event.grant.stage)
        fields.count(Tag.failure, event.grant.failure.rawValue)
        fields.count(Tag.worker, event.grant.worker.rawValue)
        fields.count(Tag.boot, event.grant.leaseEnd.boot)
        fields.number(Tag.leaseEnd, event.grant.leaseEnd.nanoseconds)
        fields.number(Tag.attempt, event.grant.attempt)
        fields.number(Tag.takeoverCount, event.grant.takeoverCount)
        return try NewEvent(
            type: Self.type,
            typeVersion: Self.version,
            occurredAt: event.at,
            payload: fields.finish()
        )
    }
}
