public import CairnCore

extension ConsumerMachine {
    private static let openedType = "consumer.opened"
    private static let advancedType = "consumer.advanced"
    private static let version: UInt8 = 1
    private static let positionTag: UInt8 = 1

    public func event(_ header: EventHeader, frame: RawSpan) throws(EventCodecError) -> Event? {
        let type = header.type(in: frame)
        let isOpening = type.hasSameBytes(as: Self.openedType)
        guard isOpening || type.hasSameBytes(as: Self.advancedType) else {
            guard header.flags.contains(.mayBeIgnored) else { throw .unknownType(type) }
            return nil
        }
        if header.flags.contains(.isErased) { return nil }
        guard header.typeVersion <= Self.version else {
            throw .newerVersion(type: type, version: header.typeVersion)
        }
        let payload = frame.extracting(header.payloadRange)
        do throws(FieldFailure) {
            let fields = try ItemFields(payload)
            let position = Position(
                rawValue: UInt64(bitPattern: try fields.number(Self.positionTag))
            )
            return isOpening
                ? .opened(after: position, at: header.occurredAt)
                : .advanced(to: position, at: header.occurredAt)
        } catch {
            throw .malformed(type: type, reason: error.reason)
        }
    }

    public func newEvent(_ event: Event) throws(LimitError) -> NewEvent {
        var fields = FieldWriter(capacity: 16)
        let (type, instant): (String, Timestamp)
        switch event {
        case .opened(let position, let at):
            fields.count(Self.positionTag, position.rawValue)
            (type, instant) = (Self.openedType, at)
        case .advanced(let position, let at):
            fields.count(Self.positionTag, position.rawValue)
            (type, instant) = (Self.advancedType, at)
        }
        return try NewEvent(
            type: type,
            typeVersion: Self.version,
            occurredAt: instant,
            payload: fields.finish()
        )
    }
}
