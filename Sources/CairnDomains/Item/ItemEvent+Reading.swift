internal import CairnCore

/// The fields of one payload, with what must be there.
struct ItemFields {
    let fields: FieldReader

    init(_ payload: RawSpan) throws(FieldFailure) {
        do throws(TruncatedBytes) { fields = try FieldReader(payload) } catch {
            throw FieldFailure(reason: "it ends at byte \(error.offset)")
        }
    }

    func number(_ tag: UInt8) throws(FieldFailure) -> Int64 {
        guard let value = fields.number(tag) else { throw FieldFailure(reason: "no field \(tag)") }
        return value
    }

    func code<Code: RawRepresentable<UInt8>>(_ tag: UInt8) throws(FieldFailure) -> Code {
        guard let code = UInt8(exactly: try number(tag)).flatMap({ Code(rawValue: $0) }) else {
            throw FieldFailure(reason: "field \(tag) has no meaning")
        }
        return code
    }

    func text(_ tag: UInt8, _ payload: RawSpan) throws(FieldFailure) -> String {
        guard let value = fields.text(tag, in: payload) else {
            throw FieldFailure(reason: "no field \(tag)")
        }
        return value
    }

    func blob(_ tag: UInt8, _ payload: RawSpan) throws(FieldFailure) -> [UInt8] {
        guard let value = fields.blob(tag, in: payload) else {
            throw FieldFailure(reason: "no field \(tag)")
        }
        return value
    }

    func bootInstant() throws(FieldFailure) -> BootInstant {
        BootInstant(
            boot: UInt64(bitPattern: try number(ItemTag.boot)),
            nanoseconds: try number(ItemTag.leaseEnd)
        )
    }
}

extension ItemEventKind {
    func fact(
        _ fields: ItemFields,
        _ payload: RawSpan
    ) throws(FieldFailure) -> ItemEvent.Fact {
        switch self {
        case .began: .began(try ItemBeginning(fields, payload))
        case .accepted: .accepted(ItemAcceptance(fields.fields, payload))
        case .rejected:
            .rejected(
                ItemRejection(
                    source: try fields.code(ItemTag.source),
                    isFinal: fields.fields.flag(ItemTag.isFinal),
                    reason: try fields.text(ItemTag.reason, payload),
                    retryAt: fields.fields.time(ItemTag.retryAt),
                    givenUp: fields.fields.number(ItemTag.givenUp) == nil
                        ? nil : try fields.code(ItemTag.givenUp)
                )
            )
        case .doubted:
            .doubted(
                ItemDoubt(
                    try fields.code(ItemTag.cause),
                    detail: fields.fields.text(ItemTag.detail, in: payload)
                )
            )
        case .released: .released
        case .settled: .settled(try ItemSettlement(fields, payload))
        case .retryPlanned:
            .retryPlanned(Timestamp(nanoseconds: try fields.number(ItemTag.retryAt)))
        case .setAside:
            if let count = fields.fields.number(ItemTag.resendCount) {
                .setAside(.resends(count))
            } else {
                .setAside(.losses(try fields.number(ItemTag.lossCount)))
            }
        case .calledBack: .calledBack(try InteractionCallback(fields, payload))
        case .stepBegan:
            .stepBegan(
                ItemStepMark(
                    number: try fields.number(ItemTag.number),
                    name: try fields.text(ItemTag.name, payload)
                )
            )
        case .stepEnded:
            .stepEnded(
                ItemStepEnd(
                    number: try fields.number(ItemTag.number),
                    result: try fields.blob(ItemTag.result, payload)
                )
            )
        case .stepFailed:
            .stepFailed(
                ItemStepFailure(
                    number: try fields.number(ItemTag.number),
                    reason: try fields.text(ItemTag.reason, payload)
                )
            )
        case .timerSet:
            .timerSet(
                ItemTimer(
                    number: try fields.number(ItemTag.number),
                    name: try fields.text(ItemTag.name, payload),
                    until: Timestamp(nanoseconds: try fields.number(ItemTag.until)),
                    bootEnd: try fields.bootInstant()
                )
            )
        case .noted: .noted(try InteractionMessage(fields, payload))
        case .imported: .imported(try ImportedInteraction(fields, payload))
        }
    }
}

extension ItemBeginning {
    fileprivate init(_ fields: ItemFields, _ payload: RawSpan) throws(FieldFailure) {
        attempt = try fields.number(ItemTag.attempt)
        cause = try fields.code(ItemTag.cause)
        worker = WorkerNumber(rawValue: UInt64(bitPattern: try fields.number(ItemTag.worker)))
        leaseEnd = try fields.bootInstant()
        followsLoss = fields.fields.flag(ItemTag.followsLoss)
        guard let content = fields.fields.blob(ItemTag.content, in: payload) else { return }
        request = try ItemRequest(content, fields, payload)
    }
}

extension ItemRequest {
    fileprivate init(
        _ content: [UInt8],
        _ fields: ItemFields,
        _ payload: RawSpan
    ) throws(FieldFailure) {
        guard content.count == ContentDigest.byteCount else {
            throw FieldFailure(reason: "a digest of \(content.count) bytes")
        }
        self.content = ContentDigest(bytes: content.span.bytes)
        if let name = fields.fields.text(ItemTag.key, in: payload) {
            do throws(ItemKeyError) { key = try ItemKey(name) } catch {
                throw FieldFailure(reason: error.description)
            }
        }
        job = fields.fields.text(ItemTag.job, in: payload)
        run = fields.fields.count(ItemTag.run)
        worksInSteps = fields.fields.flag(ItemTag.worksInSteps)
        if fields.fields.text(ItemTag.uuid, in: payload) != nil {
            message = try InteractionMessage(fields, payload)
        }
    }
}

extension InteractionMessage {
    init(_ fields: ItemFields, _ payload: RawSpan) throws(FieldFailure) {
        uuid = try fields.text(ItemTag.uuid, payload)
        customer = try fields.text(ItemTag.customer, payload)
        channel = Channel(stored: try fields.text(ItemTag.channel, payload))
        template = fields.fields.text(ItemTag.template, in: payload)
        self.payload = fields.fields.blob(ItemTag.payload, in: payload)
        body = fields.fields.text(ItemTag.body, in: payload)
    }
}

extension Channel {
    /// Takes a word exactly as it was written, so that a replay has what the live state had.
    fileprivate init(stored word: String) {
        let known: [Channel] = [.email, .sms, .phone, .system]
        self = known.first { $0.word.hasSameBytes(as: word) } ?? .other(word)
    }
}

extension ItemAcceptance {
    fileprivate init(_ fields: FieldReader, _ payload: RawSpan) {
        provider = fields.text(ItemTag.provider, in: payload)
        providerReference = fields.text(ItemTag.providerReference, in: payload)
        notifyReference = fields.text(ItemTag.notifyReference, in: payload)
        body = fields.text(ItemTag.body, in: payload)
        metadata = fields.blob(ItemTag.metadata, in: payload)
    }
}

extension ItemSettlement {
    fileprivate init(_ fields: ItemFields, _ payload: RawSpan) throws(FieldFailure) {
        verdict = try fields.code(ItemTag.verdict)
        source = try fields.code(ItemTag.source)
        by = try fields.text(ItemTag.by, payload)
        reason = fields.fields.text(ItemTag.reason, in: payload)
        if fields.fields.flag(ItemTag.hasAcceptance) {
            acceptance = ItemAcceptance(fields.fields, payload)
        }
    }
}

extension InteractionCallback {
    init(_ fields: ItemFields, _ payload: RawSpan) throws(FieldFailure) {
        provider = try fields.text(ItemTag.provider, payload)
        reference = try fields.text(ItemTag.providerReference, payload)
        eventID = fields.fields.text(ItemTag.eventID, in: payload)
        providerKey = fields.fields.text(ItemTag.providerKey, in: payload)
        word = try fields.text(ItemTag.word, payload)
        detail = fields.fields.text(ItemTag.detail, in: payload)
        meaning = try fields.code(ItemTag.meaning)
        providerTime = fields.fields.time(ItemTag.providerTime)
        body = fields.fields.blob(ItemTag.body, in: payload)
        attempt = fields.fields.number(ItemTag.attempt) ?? 0
        item = fields.fields.text(ItemTag.item, in: payload)
    }
}
