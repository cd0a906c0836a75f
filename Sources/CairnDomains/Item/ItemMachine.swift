public import CairnCore

/// One thing to do once: from its intent to its outcome, and all that providers report of it.
///
/// Seed 001 and law 5. The transition table is `Specs/Machines/Item.md`; `ItemTableTests` keeps
/// the two equal.
public struct ItemMachine: Machine {
    public init() {}

    public var initial: ItemState { ItemState() }

    public func decide(
        _ command: ItemCommand,
        in state: ItemState,
        context: TurnContext
    ) throws(ItemRefusal) -> [ItemEvent] {
        let fact: ItemEvent.Fact? =
            switch command {
            case .begin(let request, let hold, let rule):
                try begin(request, hold, rule, in: state)
            case .resume(let hold, let cause, let bounds):
                try resume(hold, cause, bounds, in: state, context)
            case .accept(let acceptance): try accept(acceptance, in: state, context)
            case .reject(let source, let isFinal, let reason, let policy):
                try reject(source, isFinal, reason, policy, in: state, context)
            case .doubt(let doubt): try self.doubt(doubt, in: state, context)
            case .release: try release(in: state, context)
            case .noteLoss: try noteLoss(in: state, context)
            case .settle(let settlement): try settle(settlement, in: state, context)
            case .planRetry(let policy): try planRetry(policy, in: state, context)
            case .beginStep(let mark): try beginStep(mark, in: state, context)
            case .endStep(let end): try endStep(end, in: state, context)
            case .failStep(let failure): try failStep(failure, in: state, context)
            case .setTimer(let timer): try setTimer(timer, in: state, context)
            case .receive(let callback): try receive(callback, in: state)
            case .note(let message): try note(message, in: state)
            }
        return fact.map { [ItemEvent($0, at: context.now)] } ?? []
    }

    private func begin(
        _ request: ItemRequest,
        _ hold: ItemHold,
        _ rule: SkipRule,
        in state: ItemState
    ) throws(ItemRefusal) -> ItemEvent.Fact {
        if let known = state.request, known.key != request.key { throw .keyCollision }
        let verdict = state.verdict(for: request.content)
        var number = (state.current?.number ?? 0) &+ 1
        var cause = ItemBeginning.Cause.attempt
        if let current = state.current, case .released = current.standing,
            case .failedRetryable = verdict
        {
            // It goes on and does not begin anew, whatever the rule says of that.
            (number, cause) = (current.number, .steps)
        } else {
            guard rule.allowsAttempt(after: verdict) else { throw .verdict(verdict) }
        }
        // Whether nothing is done outside of steps is what every later outcome is read by.
        if let known = state.request, !state.hasUnknownContent,
            known.worksInSteps != request.worksInSteps
        {
            throw .otherWay(isStepwise: known.worksInSteps)
        }
        return .began(
            ItemBeginning(
                attempt: number,
                cause: cause,
                worker: hold.worker,
                leaseEnd: hold.leaseEnd,
                followsLoss: false,
                request: state.request == nil || state.hasUnknownContent ? request : nil
            )
        )
    }

    private func resume(
        _ hold: ItemHold,
        _ cause: ItemBeginning.Cause,
        _ bounds: ResumeBounds,
        in state: ItemState,
        _ context: TurnContext
    ) throws(ItemRefusal) -> ItemEvent.Fact {
        let attempt = try held(in: state, context)
        switch attempt.standing {
        case .open, .doubted: break
        case .accepted, .rejected, .released: throw .notOpen(state.verdict())
        }
        let verdict = state.verdict(isHolderGone: true)
        // An earlier attempt may have arrived after all, and then this one is not wanted.
        if case .done = verdict { throw .verdict(verdict) }
        guard state.setAside == nil, state.allowsResume(cause) else { throw .verdict(verdict) }
        if let why = state.reasonToSetAside(before: cause, bounds, at: context.clockNow) {
            return .setAside(why)
        }
        return .began(
            ItemBeginning(
                attempt: attempt.number,
                cause: cause,
                worker: hold.worker,
                leaseEnd: hold.leaseEnd,
                followsLoss: state.isLost(at: context.clockNow)
            )
        )
    }

    private func accept(
        _ acceptance: ItemAcceptance,
        in state: ItemState,
        _ context: TurnContext
    ) throws(ItemRefusal) -> ItemEvent.Fact {
        let attempt = try held(in: state, context)
        switch attempt.standing {
        case .open: return .accepted(acceptance)
        case .doubted:
            return .settled(
                ItemSettlement(.sent, source: .lateReply, by: "provider", acceptance: acceptance)
            )
        case .accepted where attempt.acceptance == nil: return .accepted(acceptance)
        // It took too long between its steps, and has come to its end after all.
        case .rejected(let rejection) where rejection.source == .steps && !state.hasOpenStep:
            return .accepted(acceptance)
        case .accepted, .rejected, .released: throw .notOpen(state.verdict())
        }
    }

    private func reject(
        _ source: ItemRejection.Source,
        _ isFinal: Bool,
        _ reason: String,
        _ policy: AttemptPolicy,
        in state: ItemState,
        _ context: TurnContext
    ) throws(ItemRefusal) -> ItemEvent.Fact {
        let attempt = try held(in: state, context)
        switch attempt.standing {
        // As long as a step may have happened, it is not known that nothing did.
        case .open where state.hasOpenStep:
            return .doubted(ItemDoubt(.step, detail: reason))
        case .open where !attempt.isFailure(source):
            return .doubted(ItemDoubt(.repeated, detail: reason))
        case .open: break
        // A report was faster than the answer; both are facts about the same send.
        case .accepted
        where attempt.isKnownByReport && source == .provider
            && attempt.isFailure(source):
            break
        case .doubted where state.hasOpenStep || !attempt.isFailure(source):
            // It does not say what became of all that may have been sent, but that it has ended.
            let cause = state.hasOpenStep ? ItemDoubt.Cause.error : .repeated
            let end = try self.doubt(ItemDoubt(cause, detail: reason), in: state, context)
            guard let end else { throw .notOpen(state.verdict()) }
            return end
        case .doubted:
            let settlement = ItemSettlement(
                isFinal ? .failedFinal : .failed,
                source: source == .provider ? .lateReply : .sender,
                by: source == .provider ? "provider" : "sender",
                reason: reason
            )
            return .settled(settlement)
        case .accepted, .rejected, .released: throw .notOpen(state.verdict())
        }
        return .rejected(
            policy.rejection(source, isFinal: isFinal, reason: reason, in: state, context)
        )
    }

    private func doubt(
        _ doubt: ItemDoubt,
        in state: ItemState,
        _ context: TurnContext
    ) throws(ItemRefusal) -> ItemEvent.Fact? {
        let attempt = try held(in: state, context)
        switch attempt.standing {
        case .open: return .doubted(doubt)
        case .doubted(let known, _):
            return attempt.takes(doubt, after: known) ? .doubted(doubt) : nil
        case .accepted, .rejected, .released: throw .notOpen(state.verdict())
        }
    }

    private func release(
        in state: ItemState,
        _ context: TurnContext
    ) throws(ItemRefusal) -> ItemEvent.Fact {
        guard case .open = try held(in: state, context).standing, state.isBetweenSteps else {
            throw .notOpen(state.verdict())
        }
        return .released
    }

    private func noteLoss(
        in state: ItemState,
        _ context: TurnContext
    ) throws(ItemRefusal) -> ItemEvent.Fact? {
        let attempt = try held(in: state, context)
        switch attempt.standing {
        case .open: return state.isBetweenSteps ? nil : .doubted(ItemDoubt(.holderGone))
        case .doubted: return nil
        case .accepted, .rejected, .released: throw .notOpen(state.verdict())
        }
    }

    private func settle(
        _ settlement: ItemSettlement,
        in state: ItemState,
        _ context: TurnContext
    ) throws(ItemRefusal) -> ItemEvent.Fact {
        let attempt = try held(in: state, context)
        guard case .doubted = attempt.standing else { throw .notInDoubt(state.verdict()) }
        return .settled(settlement)
    }

    private func planRetry(
        _ policy: AttemptPolicy,
        in state: ItemState,
        _ context: TurnContext
    ) throws(ItemRefusal) -> ItemEvent.Fact? {
        _ = try held(in: state, context)
        let verdict = state.verdict()
        guard case .failedRetryable(_, let known) = verdict, !state.isReleased else {
            throw .notOpen(verdict)
        }
        if known != nil { return nil }
        return policy.retryAt(in: state, context).map { .retryPlanned($0) }
    }

    private func receive(
        _ callback: InteractionCallback,
        in state: ItemState
    ) throws(ItemRefusal) -> ItemEvent.Fact {
        guard state.request != nil else { throw .unknown }
        var callback = callback
        callback.attempt = state.attempt(of: callback) ?? 0
        if callback.eventID == nil, callback.providerTime == nil {
            callback.item = state.request?.key?.name ?? state.request?.message?.uuid
        }
        return .calledBack(callback)
    }

    private func note(
        _ message: InteractionMessage,
        in state: ItemState
    ) throws(ItemRefusal) -> ItemEvent.Fact? {
        guard state.request != nil else { return .noted(message) }
        guard state.isNote, state.request?.message == message else {
            throw .verdict(state.verdict())
        }
        return nil
    }

    /// The current attempt, if the command is given under its fence.
    func held(
        in state: ItemState,
        _ context: TurnContext
    ) throws(ItemRefusal) -> ItemAttempt {
        guard let current = state.current else { throw .unknown }
        guard current.fence.rawValue == context.fence else {
            throw .fenced(holds: current.fence, given: context.fence)
        }
        return current
    }
}

extension ItemState {
    /// Whether the current attempt was given back between two steps, to be gone on with at once.
    package var isReleased: Bool {
        if case .released = current?.standing { true } else { false }
    }

    /// Whether an attempt may be gone on with for a reason: never as a new one, and in steps only
    /// where it does its work in steps.
    func allowsResume(_ cause: ItemBeginning.Cause) -> Bool {
        switch cause {
        case .attempt: false
        case .dedup, .notSent: true
        case .steps: isStepwise
        }
    }

    /// Whether the item waits for a timer, as far as its events say.
    package func isAsleep(at now: Timestamp) -> Bool {
        guard case .timer(let timer) = steps.last?.standing, !hasOpenStep else { return false }
        return timer.until > now
    }

    /// The attempt that a report is about.
    ///
    /// By our own key, if the report brings that back: providers give their own names again. Else
    /// by the provider's name; and where the report has no key and its name is new, the last one.
    func attempt(of callback: InteractionCallback) -> Int64? {
        if let own = callback.providerKey.flatMap({ attempt(named: $0) }) { return own }
        let name = ProviderName(provider: callback.provider, reference: callback.reference)
        if let named = attempts.last(where: { $0.isCalled(name) }) { return named.number }
        // A row does not say whose its reference is; whoever linked it to the item does.
        if let told = imported?.acceptance.providerReference,
            told.hasSameBytes(as: callback.reference)
        {
            return attempts.first?.number
        }
        return callback.providerKey == nil ? attempts.last?.number : nil
    }

    /// The attempt that was given a provider key; nil if none was.
    public func attempt(named providerKey: String) -> Int64? {
        guard let name = request?.key?.name ?? request?.message?.uuid else { return nil }
        return attempts.last { attempt in
            ItemAttempt.providerKey(name, attempt: attempt.number).hasSameBytes(as: providerKey)
        }?.number
    }
}

extension ItemAttempt {
    /// Whether a provider calls it so, by its answer or by a report.
    func isCalled(_ name: ProviderName) -> Bool {
        if facts.names.contains(name) { return true }
        guard let reference = acceptance?.providerReference else { return false }
        return ProviderName(provider: acceptance?.provider ?? "", reference: reference) == name
    }

    /// What the provider calls it: by its answer, or else by a report.
    public var providerName: ProviderName? {
        acceptance?.providerReference.map { reference in
            ProviderName(provider: acceptance?.provider ?? "", reference: reference)
        } ?? facts.names.first
    }
}

extension ItemAttempt {
    /// Whether a second doubt says more than the first: that a send which was in doubt while it ran
    /// has ended.
    func takes(_ doubt: ItemDoubt, after known: ItemDoubt) -> Bool {
        doubt.hasEnded && known.mayRunOn && laggards.contains(worker)
    }

    /// Whether only reports have told that the provider has it, and nobody decided so.
    var isKnownByReport: Bool { acceptance == nil && settlement == nil }

    /// Whether an answer that says no says so of all that was sent under the attempt's key.
    ///
    /// The provider's word does. That a repeat was not sent is nothing about the send before it.
    func isFailure(_ source: ItemRejection.Source) -> Bool {
        !mayHaveArrived || source == .provider
    }
}
