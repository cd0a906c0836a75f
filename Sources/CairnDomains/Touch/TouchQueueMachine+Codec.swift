public import CairnCore

extension TouchQueueMachine {
    private static let version: UInt8 = 1

    /// The names of the events of the queues.
    private enum Kind: String {
        case began = "queue.began"
        case interrupted = "queue.interrupted"
        case dropped = "queue.dropped"
        case ended = "queue.ended"
    }

    private enum Tag {
        static let worker: UInt8 = 1
        static let full: UInt8 = 2
        static let failed: UInt8 = 3
        static let refused: UInt8 = 4
        static let late: UInt8 = 5
        static let byteCount: UInt8 = 6
        static let first: UInt8 = 7
        static let last: UInt8 = 8
        static let taken: UInt8 = 9
        static let appended: UInt8 = 10
        static let duplicates: UInt8 = 11
    }

    public func event(_ header: EventHeader, frame: RawSpan) throws(EventCodecError) -> Event? {
        let type = header.type(in: frame)
        guard let kind = Kind(rawValue: type) else {
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
            let worker = WorkerNumber(
                rawValue: UInt64(bitPattern: try fields.number(Tag.worker))
            )
            let fact: Fact =
                switch kind {
                case .began: .began
                case .interrupted: .interrupted
                case .dropped: .dropped(try Self.drops(fields.fields))
                case .ended: .ended(try Self.counts(fields.fields))
                }
            return Event(fact, of: worker, at: header.occurredAt)
        } catch {
            throw .malformed(type: type, reason: error.reason)
        }
    }

    private static func counts(_ fields: FieldReader) throws(FieldFailure) -> TouchCounts {
        var counts = TouchCounts()
        counts.taken = fields.count(Tag.taken) ?? 0
        counts.appended = fields.count(Tag.appended) ?? 0
        counts.duplicates = fields.count(Tag.duplicates) ?? 0
        counts.dropped = try drops(fields)
        return counts
    }

    private static func drops(_ fields: FieldReader) throws(FieldFailure) -> TouchDrops {
        var drops = TouchDrops()
        drops.full = fields.count(Tag.full) ?? 0
        drops.failed = fields.count(Tag.failed) ?? 0
        drops.refused = fields.count(Tag.refused) ?? 0
        drops.late = fields.count(Tag.late) ?? 0
        drops.byteCount = fields.count(Tag.byteCount) ?? 0
        if let first = fields.count(Tag.first), let last = fields.count(Tag.last) {
            let bounds = (Double(bitPattern: first), Double(bitPattern: last))
            // Not a number compares with nothing.
            guard bounds.0 <= bounds.1 else { throw FieldFailure(reason: "its times are no span") }
            drops.span = bounds.0...bounds.1
        }
        return drops
    }

    public func newEvent(_ event: Event) throws(LimitError) -> NewEvent {
        var fields = FieldWriter(capacity: 64)
        fields.count(Tag.worker, event.worker.rawValue)
        let kind: Kind
        switch event.fact {
        case .began: kind = .began
        case .interrupted: kind = .interrupted
        case .dropped(let drops):
            kind = .dropped
            Self.write(drops, to: &fields)
        case .ended(let counts):
            kind = .ended
            fields.count(Tag.taken, counts.taken)
            fields.count(Tag.appended, counts.appended)
            fields.count(Tag.duplicates, counts.duplicates)
            Self.write(counts.dropped, to: &fields)
        }
        return try NewEvent(
            type: kind.rawValue,
            typeVersion: Self.version,
            occurredAt: event.at,
            payload: fields.finish()
        )
    }

    private static func write(_ drops: TouchDrops, to fields: inout FieldWriter) {
        fields.count(Tag.full, drops.full)
        fields.count(Tag.failed, drops.failed)
        fields.count(Tag.refused, drops.refused)
        fields.count(Tag.late, drops.late)
        fields.count(Tag.byteCount, drops.byteCount)
        fields.count(Tag.first, drops.span?.lowerBound.bitPattern)
        fields.count(Tag.last, drops.span?.upperBound.bitPattern)
    }
}
