public import CairnCore

/// A row of the source's `interactions` (seed 001), taken as it stands.
///
/// What was sent under it, and how often, nobody says; its status does. It is one attempt whose
/// end is known: SENT, DELIVERED and OPENED are done, and what FAILED may be tried again. The row
/// does not say what was asked for under its key, so the next attempt, if there is one, does.
///
/// A row that an export of ours marked as in doubt is one whose attempt may be on its way: it is in
/// doubt here as well, and what the row tells of a provider belongs to the attempt before it.
public struct ImportedInteraction: Hashable, Sendable {
    /// The idempotency key; nil for none.
    public var key: ItemKey?
    /// Who was contacted, over what, and the text.
    public var message: InteractionMessage
    public var status: InteractionStatus
    /// The number of the attempt of which nobody knows whether it was sent, from 1 on.
    ///
    /// The status is SENT then and says nothing; nil where it does.
    public var doubtedAttempt: Int64?
    /// The references of the provider, and `meta_data`.
    public var acceptance: ItemAcceptance
    /// What else the row says.
    public var origin: RowOrigin?

    public init(
        key: ItemKey?,
        message: InteractionMessage,
        status: InteractionStatus,
        acceptance: ItemAcceptance,
        doubtedAttempt: Int64? = nil,
        origin: RowOrigin? = nil
    ) {
        self.key = key
        self.message = message
        self.status = status
        self.acceptance = acceptance
        self.doubtedAttempt = doubtedAttempt
        self.origin = origin
    }

    /// The id of its event: the same row is taken once.
    public func eventID() throws(LimitError) -> EventID {
        try EventID("interactions/\(message.uuid)")
    }

    /// The stream in which the item stands.
    public func stream() throws(LimitError) -> StreamID {
        if let key { return try key.stream }
        return try message.stream
    }

    /// The event of the row as a journal takes it.
    ///
    /// - Parameters:
    ///   - createdAt: `created_at`.
    ///   - recordedAt: The recorded time to give it, as far as a journal can; nil for its clock.
    /// - Returns: The event.
    /// - Throws: `LimitError`.
    public func newEvent(
        at createdAt: Timestamp,
        recordedAt: Timestamp? = nil
    ) throws(LimitError) -> NewEvent {
        var fields = FieldWriter(capacity: 160)
        write(to: &fields)
        return try NewEvent(
            type: ItemEventKind.imported.rawValue,
            // Without a doubt it is what all programs read.
            typeVersion: doubtedAttempt == nil
                ? ItemEventKind.firstVersion : ItemEventKind.version,
            id: eventID(),
            occurredAt: createdAt,
            recordedAt: recordedAt,
            payload: fields.finish(),
            canonicalContent: identity(at: createdAt)
        )
    }
}

extension ImportedInteraction {
    func write(to fields: inout FieldWriter) {
        fields.text(ItemTag.key, key?.name)
        message.write(to: &fields)
        fields.count(ItemTag.status, UInt64(status.rawValue))
        fields.number(ItemTag.attempt, doubtedAttempt)
        fields.text(ItemTag.provider, acceptance.provider)
        fields.text(ItemTag.providerReference, acceptance.providerReference)
        fields.text(ItemTag.notifyReference, acceptance.notifyReference)
        fields.blob(ItemTag.metadata, acceptance.metadata)
        fields.blob(ItemTag.origin, origin?.encoded)
    }

    /// What the row's uuid stands for: everything but its `id`, how its cells are laid out, and
    /// whose the reference is, which the row does not say.
    package func identity(at createdAt: Timestamp) -> [UInt8] {
        var bare = self
        bare.origin = nil
        bare.acceptance.provider = nil
        bare.acceptance.metadata = acceptance.metadata.map { json in
            (try? JSONValue.parse(json))?.canonicalBytes ?? json
        }
        var fields = FieldWriter(capacity: 160)
        bare.write(to: &fields)
        fields.time(ItemTag.until, createdAt)
        return fields.finish()
    }

    init(_ fields: ItemFields, _ payload: RawSpan) throws(FieldFailure) {
        if let name = fields.fields.text(ItemTag.key, in: payload) {
            do throws(ItemKeyError) { key = try ItemKey(name) } catch {
                throw FieldFailure(reason: error.description)
            }
        }
        message = try InteractionMessage(fields, payload)
        status = try fields.code(ItemTag.status)
        doubtedAttempt = fields.fields.number(ItemTag.attempt)
        acceptance = ItemAcceptance(
            provider: fields.fields.text(ItemTag.provider, in: payload),
            providerReference: fields.fields.text(ItemTag.providerReference, in: payload),
            notifyReference: fields.fields.text(ItemTag.notifyReference, in: payload),
            metadata: fields.fields.blob(ItemTag.metadata, in: payload)
        )
        origin = try RowOrigin(stored: fields.fields.blob(ItemTag.origin, in: payload))
    }

    /// The attempts that the row amounts to: one whose end is known, or the one in doubt and, where
    /// there was one, that before it, which is known to have failed.
    func attempts(fence: SequenceNumber, at instant: Timestamp) -> [ItemAttempt] {
        guard let doubtedAttempt else {
            var attempt = bareAttempt(1, fence, instant)
            attempt.take(acceptance, status.meaning)
            return [attempt]
        }
        var doubted = bareAttempt(doubtedAttempt, fence, instant)
        doubted.standing = .doubted(ItemDoubt(.holderGone), since: instant)
        guard doubtedAttempt > 1 else { return [doubted] }
        var failed = bareAttempt(doubtedAttempt - 1, fence, instant)
        failed.take(acceptance, InteractionStatus.failed.meaning)
        return [failed, doubted]
    }

    /// How many attempts that are.
    var attemptCount: Int { (doubtedAttempt ?? 1) > 1 ? 2 : 1 }

    private func bareAttempt(
        _ number: Int64,
        _ fence: SequenceNumber,
        _ instant: Timestamp
    ) -> ItemAttempt {
        ItemAttempt(
            number: number,
            fence: fence,
            worker: WorkerNumber(rawValue: 0),
            leaseEnd: BootInstant(boot: 0, nanoseconds: 0),
            beganAt: instant,
            standing: .accepted
        )
    }
}

extension ItemAttempt {
    /// What the provider took, and what became of it.
    fileprivate mutating func take(_ acceptance: ItemAcceptance, _ meaning: CallbackMeaning) {
        self.acceptance = acceptance
        facts.take(.sent)
        facts.take(meaning)
    }
}
