public import CairnCore

/// A row of the source's `interactions` (seed 001), taken as it stands.
///
/// What was sent under it, and how often, nobody says; its status does. It is one attempt whose
/// end is known: SENT, DELIVERED and OPENED are done, and what FAILED may be tried again. The row
/// does not say what was asked for under its key, so the next attempt, if there is one, does.
public struct ImportedInteraction: Hashable, Sendable {
    /// The idempotency key; nil for none.
    public var key: ItemKey?
    /// Who was contacted, over what, and the text.
    public var message: InteractionMessage
    public var status: InteractionStatus
    /// The references of the provider, and `meta_data`.
    public var acceptance: ItemAcceptance
    /// What else the row says.
    public var origin: RowOrigin?

    public init(
        key: ItemKey?,
        message: InteractionMessage,
        status: InteractionStatus,
        acceptance: ItemAcceptance,
        origin: RowOrigin? = nil
    ) {
        self.key = key
        self.message = message
        self.status = status
        self.acceptance = acceptance
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
            typeVersion: ItemEventKind.version,
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
        fields.text(ItemTag.providerReference, acceptance.providerReference)
        fields.text(ItemTag.notifyReference, acceptance.notifyReference)
        fields.blob(ItemTag.metadata, acceptance.metadata)
        fields.blob(ItemTag.origin, origin?.encoded)
    }

    /// What the row's uuid stands for: everything but its `id` and how its cells are laid out.
    func identity(at createdAt: Timestamp) -> [UInt8] {
        var bare = self
        bare.origin = nil
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
        acceptance = ItemAcceptance(
            providerReference: fields.fields.text(ItemTag.providerReference, in: payload),
            notifyReference: fields.fields.text(ItemTag.notifyReference, in: payload),
            metadata: fields.fields.blob(ItemTag.metadata, in: payload)
        )
        origin = try RowOrigin(stored: fields.fields.blob(ItemTag.origin, in: payload))
    }

    /// The attempt that the row amounts to.
    func attempt(_ number: Int64, fence: SequenceNumber, at instant: Timestamp) -> ItemAttempt {
        var attempt = ItemAttempt(
            number: number,
            fence: fence,
            worker: WorkerNumber(rawValue: 0),
            leaseEnd: BootInstant(boot: 0, nanoseconds: 0),
            beganAt: instant,
            standing: .accepted
        )
        attempt.acceptance = acceptance
        attempt.facts.take(.sent)
        attempt.facts.take(status.meaning)
        return attempt
    }
}
