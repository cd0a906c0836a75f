public import CairnCore

extension JobMachine: StoredMachine {
    private static let version: UInt8 = 1

    /// The names of the events of a job.
    private enum Kind: String {
        case runBegan = "run.began"
        case runEnded = "run.ended"
        case blockSettled = "block.settled"
        case itemReopened = "item.reopened"
        case paused = "job.paused"
        case resumed = "job.resumed"
        case cancelled = "job.cancelled"
    }

    /// The tags of their fields.
    private enum Tag {
        static let number: UInt8 = 1
        static let worker: UInt8 = 2
        static let job: UInt8 = 3
        static let ending: UInt8 = 4
        static let digest: UInt8 = 5
        static let key: UInt8 = 6
        static let by: UInt8 = 7
        static let reason: UInt8 = 8
        static let offered: UInt8 = 9
        static let sent: UInt8 = 10
        static let done: UInt8 = 11
        static let failed: UInt8 = 12
        static let parked: UInt8 = 13
        static let changed: UInt8 = 14
        static let missing: UInt8 = 15
        static let left: UInt8 = 16
        static let new: UInt8 = 17
        static let itemCount: UInt8 = 18
        static let foreign: UInt8 = 19
        static let keys: UInt8 = 20
        static let seen: UInt8 = 21
    }

    public func event(
        _ header: EventHeader,
        frame: RawSpan
    ) throws(EventCodecError) -> JobEvent? {
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
            let fact = try Self.fact(kind, try ItemFields(payload), payload)
            return JobEvent(fact, at: header.occurredAt)
        } catch {
            throw .malformed(type: type, reason: error.reason)
        }
    }

    private static func fact(
        _ kind: Kind,
        _ fields: ItemFields,
        _ payload: RawSpan
    ) throws(FieldFailure) -> JobEvent.Fact {
        switch kind {
        case .runBegan:
            .runBegan(
                JobRun(
                    number: UInt64(bitPattern: try fields.number(Tag.number)),
                    worker: WorkerNumber(
                        rawValue: UInt64(bitPattern: try fields.number(Tag.worker))
                    ),
                    job: try fields.text(Tag.job, payload),
                    itemCount: fields.fields.number(Tag.itemCount)
                )
            )
        case .runEnded:
            .runEnded(
                JobRunEnd(
                    number: UInt64(bitPattern: try fields.number(Tag.number)),
                    ending: try fields.code(Tag.ending),
                    counts: counts(fields.fields),
                    itemCount: fields.fields.number(Tag.itemCount)
                )
            )
        case .blockSettled:
            .blockSettled(try block(fields, payload), try reopenings(fields.fields, payload))
        case .itemReopened: .itemReopened(try key(try fields.text(Tag.key, payload)))
        case .paused: .paused(try decision(fields, payload))
        case .resumed: .resumed(try decision(fields, payload))
        case .cancelled: .cancelled(try decision(fields, payload))
        }
    }

    private static func counts(_ fields: FieldReader) -> JobCounts {
        var counts = JobCounts()
        counts.offered = fields.number(Tag.offered) ?? 0
        counts.sent = fields.number(Tag.sent) ?? 0
        counts.done = fields.number(Tag.done) ?? 0
        counts.failed = fields.number(Tag.failed) ?? 0
        counts.parked = fields.number(Tag.parked) ?? 0
        counts.changed = fields.number(Tag.changed) ?? 0
        counts.missing = fields.number(Tag.missing) ?? 0
        counts.left = fields.number(Tag.left) ?? 0
        counts.new = fields.number(Tag.new) ?? 0
        return counts
    }

    private static func block(
        _ fields: ItemFields,
        _ payload: RawSpan
    ) throws(FieldFailure) -> JobBlock {
        let digest = try fields.blob(Tag.digest, payload)
        guard digest.count == ContentDigest.byteCount else {
            throw FieldFailure(reason: "a digest of \(digest.count) bytes")
        }
        return JobBlock(
            number: try fields.number(Tag.number),
            digest: ContentDigest(bytes: digest.span.bytes),
            doneCount: fields.fields.number(Tag.done) ?? 0,
            failedCount: fields.fields.number(Tag.failed) ?? 0,
            foreignCount: fields.fields.number(Tag.foreign) ?? 0
        )
    }

    /// Keys one after another, each with its length; none where the field is absent.
    private static func reopenings(
        _ fields: FieldReader,
        _ payload: RawSpan
    ) throws(FieldFailure) -> JobReopenings {
        var reopenings = JobReopenings()
        reopenings.seen = SequenceNumber(rawValue: fields.count(Tag.seen) ?? 0)
        guard let bytes = fields.blob(Tag.keys, in: payload) else { return reopenings }
        var reader = ByteReader()
        while reader.offset < bytes.count {
            let name: String
            do throws(TruncatedBytes) { name = try reader.text(in: bytes.span.bytes) } catch {
                throw FieldFailure(reason: "its keys end at byte \(error.offset)")
            }
            reopenings.keys.append(try key(name))
        }
        return reopenings
    }

    private static func key(_ name: String) throws(FieldFailure) -> ItemKey {
        do throws(ItemKeyError) { return try ItemKey(name) } catch {
            throw FieldFailure(reason: error.description)
        }
    }

    private static func decision(
        _ fields: ItemFields,
        _ payload: RawSpan
    ) throws(FieldFailure) -> JobDecision {
        JobDecision(
            by: try fields.text(Tag.by, payload),
            reason: try fields.text(Tag.reason, payload)
        )
    }

    /// What was reopened is known by the sequence of the event that said so, and so every event
    /// counts.
    public func passOver(_ state: inout JobState) { state.eventCount &+= 1 }

    public func newEvent(_ event: JobEvent) throws(LimitError) -> NewEvent {
        var fields = FieldWriter(capacity: 80)
        let kind: Kind
        switch event.fact {
        case .runBegan(let run):
            kind = .runBegan
            fields.count(Tag.number, run.number)
            fields.count(Tag.worker, run.worker.rawValue)
            fields.text(Tag.job, run.job)
            fields.number(Tag.itemCount, run.itemCount)
        case .runEnded(let end):
            kind = .runEnded
            fields.count(Tag.number, end.number)
            fields.count(Tag.ending, UInt64(end.ending.rawValue))
            end.counts.write(to: &fields, Self.countTags)
            fields.number(Tag.itemCount, end.itemCount)
        case .blockSettled(let block, let looked):
            kind = .blockSettled
            fields.number(Tag.number, block.number)
            fields.blob(Tag.digest, block.digest.bytes)
            fields.number(Tag.done, block.doneCount)
            fields.number(Tag.failed, block.failedCount)
            if block.foreignCount != 0 { fields.number(Tag.foreign, block.foreignCount) }
            Self.write(looked, to: &fields)
        case .itemReopened(let key):
            kind = .itemReopened
            fields.text(Tag.key, key.name)
        case .paused(let decision): kind = .paused; Self.write(decision, to: &fields)
        case .resumed(let decision): kind = .resumed; Self.write(decision, to: &fields)
        case .cancelled(let decision): kind = .cancelled; Self.write(decision, to: &fields)
        }
        return try NewEvent(
            type: kind.rawValue,
            typeVersion: Self.version,
            occurredAt: event.at,
            payload: fields.finish()
        )
    }

    private static func write(_ decision: JobDecision, to fields: inout FieldWriter) {
        fields.text(Tag.by, decision.by)
        fields.text(Tag.reason, decision.reason)
    }

    private static func write(_ looked: JobReopenings, to fields: inout FieldWriter) {
        if looked.seen > .zero { fields.count(Tag.seen, looked.seen.rawValue) }
        guard !looked.keys.isEmpty else { return }
        var keys = ByteWriter()
        for key in looked.keys { keys.text(key.name) }
        fields.blob(Tag.keys, keys.finish())
    }

    private static let countTags: [UInt8] = [
        Tag.offered, Tag.sent, Tag.done, Tag.failed, Tag.parked, Tag.changed, Tag.missing, Tag.left,
        Tag.new,
    ]
}

extension JobCounts {
    fileprivate func write(to fields: inout FieldWriter, _ tags: [UInt8]) {
        let values = [offered, sent, done, failed, parked, changed, missing, left, new]
        for (tag, value) in zip(tags, values) { fields.number(tag, value) }
    }
}
