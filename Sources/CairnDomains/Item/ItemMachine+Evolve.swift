internal import CairnCore

extension ItemMachine {
    public func evolve(_ state: inout ItemState, by event: ItemEvent) {
        // A stream holds the events of one item and nothing else, so they count themselves.
        state.eventCount &+= 1
        state.beganAt = state.beganAt ?? event.at
        switch event.fact {
        case .began(let beginning): state.take(beginning, at: event.at)
        case .accepted(let acceptance):
            state.change { attempt in
                attempt.acceptance = acceptance
                attempt.standing = .accepted
                attempt.facts.take(.sent, at: nil)
            }
        case .rejected(let rejection):
            state.change { attempt in attempt.take(rejection) }
        case .doubted(let doubt):
            if doubt.cause == .holderGone { state.lossCount &+= 1 }
            state.change { attempt in attempt.standing = .doubted(doubt, since: event.at) }
        case .released: state.change { attempt in attempt.standing = .released }
        case .settled(let settlement):
            state.setAside = nil
            state.closeSteps(settlement)
            state.change { attempt in attempt.take(settlement) }
        case .setAside(let why):
            // What was open when its holder was lost stays in doubt until a person decides.
            if case .open = state.current?.standing {
                state.lossCount &+= 1
                state.change { attempt in
                    attempt.standing = .doubted(ItemDoubt(.holderGone), since: event.at)
                }
            }
            state.setAside = why
        case .calledBack(let callback): state.take(callback)
        case .stepBegan(let mark): state.take(mark)
        case .stepEnded(let end): state.setStep(end.number, to: .done(result: end.result))
        case .stepFailed(let failure):
            state.setStep(failure.number, to: .failed(reason: failure.reason))
        case .timerSet(let timer):
            state.addStep(timer.number, ItemStep(name: timer.name, standing: .timer(timer)))
        case .noted(let message):
            if state.request != nil { state.anomalyCount &+= 1 }
            state.isNote = true
            state.request =
                state.request
                ?? ItemRequest(key: nil, content: message.noteContent, message: message)
        }
    }
}

extension ItemState {
    fileprivate mutating func change(_ body: (inout ItemAttempt) -> Void) {
        guard !attempts.isEmpty else { return anomalyCount &+= 1 }
        body(&attempts[attempts.count - 1])
    }

    fileprivate mutating func take(_ beginning: ItemBeginning, at instant: Timestamp) {
        if let request = beginning.request { self.request = self.request ?? request }
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
        attempts[attempts.count - 1].standing = .open
    }

    fileprivate mutating func take(_ callback: InteractionCallback) {
        guard let index = attempts.lastIndex(where: { $0.number == callback.attempt }) else {
            return strayCallbackCount &+= 1
        }
        attempts[index].facts.take(callback.meaning, at: callback.providerTime)
        guard attempts[index].facts.provesAcceptance else { return }
        switch attempts[index].standing {
        // What the provider reports on was sent, whoever has not heard of it yet.
        case .open, .doubted: attempts[index].standing = .accepted
        case .accepted, .rejected, .released: break
        }
    }

    /// What was settled as not having happened leaves no step open.
    fileprivate mutating func closeSteps(_ settlement: ItemSettlement) {
        guard settlement.verdict != .sent else { return }
        for index in steps.indices {
            guard case .open = steps[index].standing else { continue }
            steps[index].standing = .failed(reason: settlement.reason ?? settlement.by)
        }
    }

    fileprivate mutating func take(_ mark: ItemStepMark) {
        let open = ItemStep.Standing.open(fence: current?.fence ?? .zero)
        if step(mark.number) != nil { return setStep(mark.number, to: open) }
        addStep(mark.number, ItemStep(name: mark.name, standing: open))
    }

    fileprivate mutating func addStep(_ number: Int64, _ step: ItemStep) {
        guard number == Int64(steps.count) + 1 else { return anomalyCount &+= 1 }
        steps.append(step)
    }

    fileprivate mutating func setStep(_ number: Int64, to standing: ItemStep.Standing) {
        guard step(number) != nil else { return anomalyCount &+= 1 }
        steps[Int(number) - 1].standing = standing
    }
}

extension InteractionMessage {
    fileprivate var noteContent: ContentDigest {
        ContentDigest(type: "note", content: Array((body ?? "").utf8).span.bytes)
    }
}

extension ItemAttempt {
    fileprivate mutating func take(_ rejection: ItemRejection) {
        standing = .rejected(rejection)
        switch rejection.source {
        case .provider: facts.take(rejection.isFinal ? .hardFailure : .softFailure, at: nil)
        // Nothing was sent, so the interaction has no status by it.
        case .sender, .steps: break
        }
    }

    fileprivate mutating func take(_ settlement: ItemSettlement) {
        self.settlement = settlement
        switch settlement.verdict {
        case .sent:
            acceptance = acceptance ?? settlement.acceptance
            standing = .accepted
            facts.take(.sent, at: nil)
        case .failed, .failedFinal:
            facts.take(settlement.verdict == .failedFinal ? .hardFailure : .softFailure, at: nil)
            standing = .rejected(
                ItemRejection(
                    source: .sender,
                    isFinal: settlement.verdict == .failedFinal,
                    reason: settlement.reason ?? "settled as failed by \(settlement.by)"
                )
            )
        }
    }

    /// The key that is given to the provider: the item's key and the attempt.
    ///
    /// A failure that is known starts a new attempt and so a new key; a doubt is decided under
    /// the old one, by which a provider that ignores repeats knows it.
    public static func providerKey(_ key: String, attempt: Int64) -> String {
        "\(key)#\(attempt)"
    }

    /// The attempt that a provider key names; nil if it is none.
    static func number(inProviderKey key: String) -> Int64? {
        key.utf8.lastIndex(of: UInt8(ascii: "#")).flatMap { mark in
            Int64(key[key.utf8.index(after: mark)...])
        }
    }
}
