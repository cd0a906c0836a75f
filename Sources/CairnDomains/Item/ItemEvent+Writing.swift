internal import CairnCore

extension ItemEvent.Fact {
    func write(to fields: inout FieldWriter) {
        switch self {
        case .began(let beginning): beginning.write(to: &fields)
        case .accepted(let acceptance): acceptance.write(to: &fields)
        case .rejected(let rejection):
            fields.count(ItemTag.source, UInt64(rejection.source.rawValue))
            fields.flag(ItemTag.isFinal, rejection.isFinal)
            fields.text(ItemTag.reason, rejection.reason)
            fields.time(ItemTag.retryAt, rejection.retryAt)
            fields.count(ItemTag.givenUp, rejection.givenUp.map { UInt64($0.rawValue) })
        case .doubted(let doubt):
            fields.count(ItemTag.cause, UInt64(doubt.cause.rawValue))
            fields.text(ItemTag.detail, doubt.detail)
        case .released: break
        case .settled(let settlement):
            fields.count(ItemTag.verdict, UInt64(settlement.verdict.rawValue))
            fields.count(ItemTag.source, UInt64(settlement.source.rawValue))
            fields.text(ItemTag.by, settlement.by)
            fields.text(ItemTag.reason, settlement.reason)
            fields.flag(ItemTag.hasAcceptance, settlement.acceptance != nil)
            settlement.acceptance?.write(to: &fields)
        case .retryPlanned(let instant): fields.time(ItemTag.retryAt, instant)
        case .setAside(.losses(let count)): fields.number(ItemTag.lossCount, count)
        case .setAside(.resends(let count)): fields.number(ItemTag.resendCount, count)
        case .calledBack(let callback): callback.write(to: &fields)
        case .stepBegan(let mark):
            fields.number(ItemTag.number, mark.number)
            fields.text(ItemTag.name, mark.name)
        case .stepEnded(let end):
            fields.number(ItemTag.number, end.number)
            fields.blob(ItemTag.result, end.result)
        case .stepFailed(let failure):
            fields.number(ItemTag.number, failure.number)
            fields.text(ItemTag.reason, failure.reason)
        case .timerSet(let timer):
            fields.number(ItemTag.number, timer.number)
            fields.text(ItemTag.name, timer.name)
            fields.time(ItemTag.until, timer.until)
            fields.count(ItemTag.boot, timer.bootEnd.boot)
            fields.number(ItemTag.leaseEnd, timer.bootEnd.nanoseconds)
        case .noted(let message): message.write(to: &fields)
        case .imported(let row): row.write(to: &fields)
        }
    }
}

extension ItemBeginning {
    fileprivate func write(to fields: inout FieldWriter) {
        fields.number(ItemTag.attempt, attempt)
        fields.count(ItemTag.cause, UInt64(cause.rawValue))
        fields.count(ItemTag.worker, worker.rawValue)
        fields.count(ItemTag.boot, leaseEnd.boot)
        fields.number(ItemTag.leaseEnd, leaseEnd.nanoseconds)
        fields.flag(ItemTag.followsLoss, followsLoss)
        guard let request else { return }
        fields.blob(ItemTag.content, request.content.bytes)
        fields.text(ItemTag.key, request.key?.name)
        fields.text(ItemTag.job, request.job)
        fields.count(ItemTag.run, request.run)
        fields.flag(ItemTag.worksInSteps, request.worksInSteps)
        request.message?.write(to: &fields)
    }
}

extension InteractionMessage {
    func write(to fields: inout FieldWriter) {
        fields.text(ItemTag.uuid, uuid)
        fields.text(ItemTag.customer, customer)
        fields.text(ItemTag.channel, channel.word)
        fields.text(ItemTag.template, template)
        fields.blob(ItemTag.payload, payload)
        fields.text(ItemTag.body, body)
    }
}

extension ItemAcceptance {
    fileprivate func write(to fields: inout FieldWriter) {
        fields.text(ItemTag.provider, provider)
        fields.text(ItemTag.providerReference, providerReference)
        fields.text(ItemTag.notifyReference, notifyReference)
        fields.text(ItemTag.body, body)
        fields.blob(ItemTag.metadata, metadata)
    }
}

extension InteractionCallback {
    func write(to fields: inout FieldWriter) {
        fields.text(ItemTag.provider, provider)
        fields.text(ItemTag.providerReference, reference)
        fields.text(ItemTag.eventID, eventID)
        fields.text(ItemTag.providerKey, providerKey)
        fields.text(ItemTag.word, word)
        fields.text(ItemTag.detail, detail)
        fields.count(ItemTag.meaning, UInt64(meaning.rawValue))
        fields.time(ItemTag.providerTime, providerTime)
        fields.blob(ItemTag.body, body)
        fields.number(ItemTag.attempt, attempt)
        fields.text(ItemTag.item, item)
    }
}
