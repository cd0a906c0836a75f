internal import CairnCore
internal import CairnDomains

extension BundleDisguise {
    /// What happened to an item.
    mutating func event(_ event: ItemEvent) -> ItemEvent {
        ItemEvent(fact(event.fact), at: time(event.at))
    }

    private mutating func fact(_ fact: ItemEvent.Fact) -> ItemEvent.Fact {
        switch fact {
        case .began(let beginning): return .began(self.beginning(beginning))
        case .accepted(let acceptance): return .accepted(self.acceptance(acceptance))
        case .rejected(var rejection):
            rejection.reason = name(of: rejection.reason, as: "text")
            rejection.retryAt = rejection.retryAt.map { time($0) }
            return .rejected(rejection)
        case .doubted(var doubt):
            doubt.detail = name(of: doubt.detail, as: "text")
            return .doubted(doubt)
        case .settled(var settlement):
            settlement.by = name(of: settlement.by, as: "person")
            settlement.reason = name(of: settlement.reason, as: "text")
            settlement.acceptance = settlement.acceptance.map { self.acceptance($0) }
            return .settled(settlement)
        case .retryPlanned(let instant): return .retryPlanned(time(instant))
        case .calledBack(let callback): return .calledBack(self.callback(callback))
        case .stepBegan(var mark):
            mark.name = name(of: mark.name, as: "step")
            return .stepBegan(mark)
        case .stepEnded(var end):
            end.result = json(end.result)
            return .stepEnded(end)
        case .stepFailed(var failure):
            failure.reason = name(of: failure.reason, as: "text")
            return .stepFailed(failure)
        case .timerSet(var timer):
            timer.name = name(of: timer.name, as: "step")
            timer.until = time(timer.until)
            timer.bootEnd = bootInstant(timer.bootEnd)
            return .timerSet(timer)
        case .noted(let message): return .noted(self.message(message))
        case .imported(var row):
            row.key = row.key.flatMap { key(of: $0) }
            row.message = message(row.message)
            row.acceptance = acceptance(row.acceptance)
            row.origin = nil
            return .imported(row)
        // Numbers and nothing else.
        case .released, .setAside: return fact
        }
    }

    private mutating func beginning(_ beginning: ItemBeginning) -> ItemBeginning {
        var beginning = beginning
        beginning.worker = worker(beginning.worker)
        beginning.leaseEnd = bootInstant(beginning.leaseEnd)
        beginning.request = beginning.request.map { request in
            ItemRequest(
                key: request.key.flatMap { key(of: $0) },
                content: digest(request.content),
                job: request.job.map { name(ofJob: $0) },
                run: request.run,
                worksInSteps: request.worksInSteps,
                message: request.message.map { message($0) }
            )
        }
        return beginning
    }

    private mutating func message(_ message: InteractionMessage) -> InteractionMessage {
        var channel = message.channel
        if case .other(let word) = channel { channel = .other(name(of: word, as: "channel")) }
        return InteractionMessage(
            uuid: name(of: message.uuid, as: "interaction"),
            customer: name(ofCustomer: message.customer),
            channel: channel,
            template: name(of: message.template, as: "template"),
            payload: json(message.payload),
            body: name(of: message.body, as: "text")
        )
    }

    private mutating func acceptance(_ acceptance: ItemAcceptance) -> ItemAcceptance {
        ItemAcceptance(
            provider: name(of: acceptance.provider, as: "provider"),
            providerReference: name(of: acceptance.providerReference, as: "reference"),
            notifyReference: name(of: acceptance.notifyReference, as: "reference"),
            body: name(of: acceptance.body, as: "text"),
            metadata: json(acceptance.metadata)
        )
    }

    private mutating func callback(_ callback: InteractionCallback) -> InteractionCallback {
        let vocabulary = ProviderVocabulary.builtIn
        func isListed(_ detail: String?) -> Bool {
            vocabulary.meaning(provider: callback.provider, word: callback.word, detail: detail)
                != .unknown
        }
        // A word that everybody can look up is nobody's; so is a detail that it takes to know it.
        let isWordKnown = isListed(nil)
        let isPairKnown = isWordKnown || isListed(callback.detail)
        let detail = callback.detail
        var disguised = InteractionCallback(
            provider: name(of: callback.provider, as: "provider"),
            reference: name(of: callback.reference, as: "reference"),
            eventID: name(of: callback.eventID, as: "event"),
            providerKey: callback.providerKey.map { providerKey($0) },
            word: isPairKnown ? callback.word : name(of: callback.word, as: "word"),
            detail: isPairKnown && !isWordKnown ? detail : name(of: detail, as: "word"),
            meaning: callback.meaning,
            providerTime: callback.providerTime.map { time($0) },
            body: json(callback.body)
        )
        disguised.attempt = callback.attempt
        disguised.item = callback.item.map { name(ofKey: $0) }
        return disguised
    }

    /// The key that was given with a send, an item's name and the attempt; what else a provider
    /// gave as one is a text as any other, and so are its digits.
    private mutating func providerKey(_ key: String) -> String {
        guard let mark = key.lastIndex(of: "#") else { return name(of: key, as: "key") }
        let head = String(key[..<mark])
        guard let attempt = Int64(key[key.index(after: mark)...]),
            (1...Self.plainAttemptMax).contains(attempt),
            ItemAttempt.providerKey(head, attempt: attempt).utf8.elementsEqual(key.utf8)
        else { return name(of: key, as: "key") }
        return ItemAttempt.providerKey(name(ofKey: head), attempt: attempt)
    }

    /// Attempts beyond it are none of an item that anybody sends.
    private static var plainAttemptMax: Int64 { 9_999 }

    /// A key is never too long: a stand-in has at most 64 digits.
    private mutating func key(of key: ItemKey) -> ItemKey? {
        try? ItemKey(name(ofKey: key.name))
    }

    // What happens to a job as a whole.

    /// What happened to a job; nil where it cannot be told without a name of its own.
    mutating func event(_ event: JobEvent) -> JobEvent? {
        let fact: JobEvent.Fact
        switch event.fact {
        case .runBegan(var run):
            run.worker = worker(run.worker)
            run.job = name(ofJob: run.job)
            fact = .runBegan(run)
        case .blockSettled(var block, var looked):
            block.digest = digest(block.digest)
            looked.keys = looked.keys.compactMap { key(of: $0) }
            fact = .blockSettled(block, looked)
        case .itemReopened(let key):
            guard let other = self.key(of: key) else { return nil }
            fact = .itemReopened(other)
        case .paused(let decision): fact = .paused(self.decision(decision))
        case .resumed(let decision): fact = .resumed(self.decision(decision))
        case .cancelled(let decision): fact = .cancelled(self.decision(decision))
        // Numbers and nothing else.
        case .runEnded: fact = event.fact
        }
        return JobEvent(fact, at: time(event.at))
    }

    private mutating func decision(_ decision: JobDecision) -> JobDecision {
        JobDecision(
            by: name(of: decision.by, as: "person"),
            reason: name(of: decision.reason, as: "text")
        )
    }
}
