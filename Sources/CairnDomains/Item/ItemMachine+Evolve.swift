internal import CairnCore

extension ItemMachine {
    public func evolve(_ state: inout ItemState, by event: ItemEvent) {
        // A stream holds the events of one item and nothing else, so they count themselves.
        state.eventCount &+= 1
        state.beganAt = state.beganAt ?? event.at
        switch event.fact {
        case .began(let beginning): state.take(beginning, at: event.at)
        case .accepted(let acceptance):
            state.change { attempt in attempt.take(acceptance) }
        case .rejected(let rejection):
            state.change { attempt in attempt.take(rejection) }
        case .doubted(let doubt):
            if doubt.cause == .holderGone, state.isOpen { state.lossCount &+= 1 }
            state.change { attempt in attempt.take(doubt, at: event.at) }
        case .released: state.change { attempt in attempt.takeRelease() }
        case .settled(let settlement):
            state.setAside = nil
            if case .doubted = state.current?.standing { state.lossCount = 0 }
            state.closeSteps(settlement)
            state.change { attempt in attempt.take(settlement) }
        case .retryPlanned(let instant): state.change { attempt in attempt.plan(instant) }
        case .setAside(let why): state.take(why, at: event.at)
        case .calledBack(let callback): state.take(callback)
        case .stepBegan(let mark): state.take(mark)
        case .stepEnded(let end):
            // What went on did not kill its workers.
            if state.isOpen(step: end.number) { state.lossCount = 0 }
            state.setStep(end.number, to: .done(result: end.result))
        case .stepFailed(let failure):
            state.setStep(failure.number, to: .failed(reason: failure.reason))
        case .timerSet(let timer):
            state.addStep(timer.number, ItemStep(name: timer.name, standing: .timer(timer)))
        case .noted(let message):
            guard state.request == nil else { return state.anomalyCount &+= 1 }
            state.isNote = true
            state.request = ItemRequest(key: nil, content: message.noteContent, message: message)
        case .imported(let row): state.take(row, at: event.at)
        }
    }
}

extension ItemState {
    /// Whether the holder of the current attempt may be sending.
    fileprivate var isOpen: Bool {
        if case .open = current?.standing { true } else { false }
    }

    /// Changes the current attempt; the body says whether the fact came where it belongs.
    fileprivate mutating func change(_ body: (inout ItemAttempt) -> Bool) {
        guard !attempts.isEmpty else { return anomalyCount &+= 1 }
        if !body(&attempts[attempts.count - 1]) { anomalyCount &+= 1 }
    }

    fileprivate mutating func take(_ why: ItemSetAside, at instant: Timestamp) {
        switch current?.standing {
        case nil, .accepted, .rejected, .released: return anomalyCount &+= 1
        case .doubted: break
        // What was open when its holder was lost stays in doubt until a person decides.
        case .open:
            lossCount &+= 1
            change { attempt in attempt.take(ItemDoubt(.holderGone), at: instant) }
        }
        setAside = why
    }

    fileprivate mutating func take(_ beginning: ItemBeginning, at instant: Timestamp) {
        if !isInPlace(beginning) { anomalyCount &+= 1 }
        if hasUnknownContent, let asked = beginning.request { adopt(asked) }
        request = request ?? beginning.request
        let fence = SequenceNumber(rawValue: eventCount)
        let attempt = ItemAttempt(
            number: beginning.attempt,
            fence: fence,
            worker: beginning.worker,
            leaseEnd: beginning.leaseEnd,
            beganAt: instant,
            standing: .open
        )
        guard beginning.cause != .attempt, let current else { return attempts.append(attempt) }
        // A loss that was written down as a doubt is counted already.
        if beginning.followsLoss, case .open = current.standing { lossCount &+= 1 }
        attempts[attempts.count - 1].fence = fence
        attempts[attempts.count - 1].worker = beginning.worker
        attempts[attempts.count - 1].leaseEnd = beginning.leaseEnd
        if beginning.cause != .steps { attempts[attempts.count - 1].resendCount &+= 1 }
        switch beginning.cause {
        case .dedup: attempts[attempts.count - 1].mayHaveArrived = true
        case .notSent: attempts[attempts.count - 1].mayHaveArrived = false
        case .attempt, .steps: break
        }
        // No later intent makes unknown again what is known to have arrived.
        if !isTaken(current) { attempts[attempts.count - 1].standing = .open }
    }

    /// Whether an intent is one that a decision could lead to.
    fileprivate mutating func take(_ row: ImportedInteraction, at instant: Timestamp) {
        guard request == nil else { return anomalyCount &+= 1 }
        imported = row
        hasUnknownContent = true
        request = ItemRequest(
            key: row.key,
            content: row.message.noteContent,
            message: row.message
        )
        let fence = SequenceNumber(rawValue: eventCount)
        attempts = row.attempts(fence: fence, at: instant)
    }

    /// Learns what is asked for under the key of a row; it stays the interaction that it was.
    private mutating func adopt(_ asked: ItemRequest) {
        request = ItemRequest(
            key: request?.key,
            content: asked.content,
            job: asked.job,
            run: asked.run,
            worksInSteps: asked.worksInSteps,
            message: request?.message
        )
        hasUnknownContent = false
    }

    private func isInPlace(_ beginning: ItemBeginning) -> Bool {
        guard !isNote else { return false }
        guard beginning.cause == .attempt else {
            guard beginning.request == nil else { return false }
            switch current?.standing {
            case .open, .doubted, .released: return beginning.attempt == current?.number
            case nil, .accepted, .rejected: return false
            }
        }
        let isAsked = request == nil || hasUnknownContent
        guard isAsked == (beginning.request != nil),
            beginning.attempt == (current?.number ?? 0) &+ 1
        else { return false }
        switch current?.standing {
        case nil, .accepted, .rejected: return true
        case .open, .doubted, .released: return false
        }
    }

    fileprivate mutating func take(_ callback: InteractionCallback) {
        guard let index = attempts.lastIndex(where: { $0.number == callback.attempt }) else {
            return strayCallbackCount &+= 1
        }
        attempts[index].facts.take(callback)
        // One report proves one step of several, and ends none.
        guard attempts[index].facts.provesAcceptance, !isStepwise else { return }
        switch attempts[index].standing {
        // What the provider reports on was sent, whoever has not heard of it yet.
        case .open, .doubted, .released:
            attempts[index].standing = .accepted
            attempts[index].laggards = []
            if index == attempts.count - 1 { setAside = nil }
        case .accepted, .rejected: break
        }
    }

    /// What was settled as not having happened leaves no step open.
    fileprivate mutating func closeSteps(_ settlement: ItemSettlement) {
        guard settlement.verdict != .sent, case .doubted = current?.standing else { return }
        for index in steps.indices {
            guard case .open = steps[index].standing else { continue }
            steps[index].standing = .failed(reason: settlement.reason ?? settlement.by)
        }
    }

    fileprivate mutating func take(_ mark: ItemStepMark) {
        let open = ItemStep.Standing.open(fence: current?.fence ?? .zero)
        guard let known = step(mark.number) else {
            return addStep(mark.number, ItemStep(name: mark.name, standing: open))
        }
        switch known.standing {
        case .open, .failed:
            guard known.name.hasSameBytes(as: mark.name) else { return anomalyCount &+= 1 }
            steps[Int(mark.number) - 1].standing = open
        case .done, .timer: anomalyCount &+= 1
        }
    }

    fileprivate mutating func addStep(_ number: Int64, _ step: ItemStep) {
        guard number == Int64(steps.count) + 1 else { return anomalyCount &+= 1 }
        steps.append(step)
    }

    fileprivate mutating func setStep(_ number: Int64, to standing: ItemStep.Standing) {
        guard case .open = step(number)?.standing else { return anomalyCount &+= 1 }
        steps[Int(number) - 1].standing = standing
    }
}

extension InteractionMessage {
    fileprivate var noteContent: ContentDigest {
        ContentDigest(type: "note", content: Array((body ?? "").utf8).span.bytes)
    }
}

extension ItemAttempt {
    /// The provider has it, wherever the attempt was thought to stand; the first answer counts.
    fileprivate mutating func take(_ acceptance: ItemAcceptance) -> Bool {
        let isInPlace: Bool
        switch standing {
        case .open: isInPlace = true
        case .accepted: isInPlace = self.acceptance == nil
        case .rejected(let rejection): isInPlace = rejection.source == .steps
        case .doubted, .released: isInPlace = false
        }
        self.acceptance = self.acceptance ?? acceptance
        standing = .accepted
        laggards = []
        facts.take(.sent)
        return isInPlace
    }

    /// What was taken by the provider is in no doubt.
    fileprivate mutating func take(_ doubt: ItemDoubt, at instant: Timestamp) -> Bool {
        switch standing {
        case .open:
            standing = .doubted(doubt, since: instant)
            if doubt.mayRunOn { laggards.append(worker) }
            return true
        case .rejected, .released:
            standing = .doubted(doubt, since: instant)
            return false
        case .doubted(let known, let since) where takes(doubt, after: known):
            // What is not known of a step stays the doubt that it is.
            if known.cause == .timeout { standing = .doubted(doubt, since: since) }
            endLaggard()
            return true
        case .accepted, .doubted: return false
        }
    }

    /// The send that has the fence has ended; others of the same worker may be at it still.
    private mutating func endLaggard() {
        if let index = laggards.firstIndex(of: worker) { laggards.remove(at: index) }
    }

    /// A failure that has no instant gets one.
    fileprivate mutating func plan(_ instant: Timestamp) -> Bool {
        guard plannedRetry == nil else { return false }
        switch standing {
        case .accepted where facts.status == .failed && !facts.isFailureFinal: break
        case .rejected(let rejection) where rejection.isOpen: break
        case .open, .accepted, .rejected, .released, .doubted: return false
        }
        plannedRetry = instant
        return true
    }

    fileprivate mutating func takeRelease() -> Bool {
        guard case .open = standing else { return false }
        standing = .released
        return true
    }

    fileprivate mutating func take(_ rejection: ItemRejection) -> Bool {
        switch standing {
        case .open where isFailure(rejection.source):
            standing = .rejected(rejection)
        // A report has told already that the provider has it; the answer is one more fact.
        case .accepted where isKnownByReport && rejection.source == .provider: break
        case .open, .accepted, .rejected, .released, .doubted: return false
        }
        switch rejection.source {
        case .provider: facts.take(rejection.isFinal ? .hardFailure : .softFailure)
        // Nothing was sent, so nothing is known of the message.
        case .sender, .steps: break
        }
        return true
    }

    fileprivate mutating func take(_ settlement: ItemSettlement) -> Bool {
        let isInDoubt = if case .doubted = standing { true } else { false }
        switch settlement.verdict {
        case .sent:
            self.settlement = settlement
            acceptance = acceptance ?? settlement.acceptance
            standing = .accepted
            laggards = []
            facts.take(.sent)
        case .failed, .failedFinal:
            guard isInDoubt else { return false }
            self.settlement = settlement
            if settlement.source == .lateReply || settlement.source == .sender { endLaggard() }
            // Only the provider's own word is a fact about the message: whoever else settled was
            // wrong if a report on it comes after all.
            if settlement.source == .lateReply {
                let isFinal = settlement.verdict == .failedFinal
                facts.take(isFinal ? .hardFailure : .softFailure)
            }
            standing = .rejected(
                ItemRejection(
                    source: .sender,
                    isFinal: settlement.verdict == .failedFinal,
                    reason: settlement.reason ?? "settled as failed by \(settlement.by)"
                )
            )
        }
        return isInDoubt
    }

    /// The key that is given to the provider: the item's key and the attempt.
    ///
    /// A failure that is known starts a new attempt and so a new key; a doubt is decided under
    /// the old one, by which a provider that ignores repeats knows it.
    public static func providerKey(_ key: String, attempt: Int64) -> String {
        "\(key)#\(attempt)"
    }
}
