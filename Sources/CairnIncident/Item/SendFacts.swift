internal import CairnCore
internal import CairnDomains

/// What may have been sent under a key, read from the stored facts one by one.
///
/// Law 5 told a second time and in another way than by `ItemState`: what a resume would do is
/// held against it, so that a mistake in the one is seen by the other.
struct SendFacts: Sendable {
    private struct Attempt {
        let number: Int64
        /// Whether a report is about one step of several and proves nothing of the whole.
        let isStepwise: Bool
        /// The intent has no outcome: it may have been sent.
        var isUnresolved: Bool
        /// It is known that nothing of it was sent.
        var isKnownNotSent = false
        /// It was sent once more while the send before might have arrived.
        var isRepeat = false
        /// An answer, or whoever decided, says that the provider has it.
        var isAccepted = false
        var said = CallbackFacts()

        /// Whether the provider has it and has not said that it failed.
        var hasArrived: Bool {
            said.status != .failed && (isAccepted || said.status != nil && !isStepwise)
        }
        /// Whether it is known to have failed, so that a new attempt sends nothing twice.
        var hasFailed: Bool {
            !isUnresolved && !hasArrived && (isKnownNotSent || said.status == .failed)
        }
    }

    private var attempts: [Attempt] = []
    private var isStepwise = false
    private var openSteps: Set<Int64> = []

    /// Whether an earlier send may have happened, or has, and is not known to have failed.
    private var mayHaveBeenSent: Bool {
        attempts.contains { $0.isUnresolved || $0.hasArrived } || !openSteps.isEmpty
    }

    /// Takes the next stored fact.
    ///
    /// - Returns: The law that the recorded past itself breaks there; nil for none.
    mutating func take(_ fact: ItemEvent.Fact) -> String? {
        switch fact {
        case .began(let beginning): return take(beginning)
        case .accepted: accept()
        case .rejected(let rejection): take(rejection)
        case .doubted:
            // What is known to have arrived is in no doubt; all else may have been sent.
            change { $0.isUnresolved = !$0.hasArrived }
        case .settled(let settlement): take(settlement)
        case .released: if openSteps.isEmpty { change { $0.isUnresolved = false } }
        case .calledBack(let callback): take(callback)
        case .stepBegan(let mark): openSteps.insert(mark.number)
        case .stepEnded(let end): openSteps.remove(end.number)
        case .stepFailed(let failure): openSteps.remove(failure.number)
        case .retryPlanned, .setAside, .timerSet, .noted, .imported: break
        }
        return nil
    }

    /// What is wrong with doing that next; nil where no law forbids it.
    ///
    /// - Parameters:
    ///   - decision: What a run would do.
    ///   - kind: What that amounts to.
    /// - Returns: The law that is broken, in words.
    func objection(to decision: ItemDecision, _ kind: ResumeKind) -> String? {
        switch (decision, kind) {
        case (.begin, .send) where isGivenBack: return nil
        case (.begin, .send), (.retry, .send):
            return mayHaveBeenSent
                ? "it would be sent although an earlier send may have happened" : nil
        case (.goOn(.steps), .send):
            return openSteps.isEmpty ? nil : "a step would be run that may have happened"
        case (.goOn, .send):
            return attempts.contains(where: \.hasArrived)
                ? "it would be sent again although the provider has it" : nil
        case (.done, _):
            return attempts.contains(where: \.hasArrived)
                ? nil : "it would be skipped as done although nothing is known to have been sent"
        case (_, .skip):
            return attempts.isEmpty || attempts.contains { !$0.hasFailed }
                ? "it would be skipped as failed although it may have been sent, or never was" : nil
        default: return nil
        }
    }

    /// Whether the last attempt was given back between two steps, or never begun outside of them.
    private var isGivenBack: Bool {
        guard isStepwise, openSteps.isEmpty, let last = attempts.last else { return false }
        return !last.isUnresolved && !attempts.contains(where: \.hasArrived)
    }

    private mutating func take(_ beginning: ItemBeginning) -> String? {
        isStepwise = isStepwise || beginning.request?.worksInSteps ?? false
        guard beginning.cause == .attempt || attempts.isEmpty else {
            change { attempt in
                switch beginning.cause {
                case .dedup: attempt.isRepeat = true
                case .notSent: attempt.isRepeat = false
                case .attempt, .steps: break
                }
                attempt.isUnresolved = !attempt.hasArrived
            }
            if isStepwise { change { $0.isUnresolved = false } }
            return nil
        }
        let isTwice = mayHaveBeenSent
        // Nothing is done outside of steps, so that nothing is sent before the first.
        attempts.append(
            Attempt(
                number: beginning.attempt,
                isStepwise: isStepwise,
                isUnresolved: !isStepwise
            )
        )
        return isTwice
            ? "attempt \(beginning.attempt) began although an earlier send may have happened" : nil
    }

    private mutating func take(_ rejection: ItemRejection) {
        guard openSteps.isEmpty else { return }
        change { attempt in
            // That a repeat was not sent says nothing of the send before it.
            if attempt.isUnresolved, attempt.isRepeat, rejection.source != .provider { return }
            attempt.isUnresolved = false
            attempt.isKnownNotSent = true
            guard rejection.source == .provider else { return }
            attempt.said.take(rejection.isFinal ? .hardFailure : .softFailure)
        }
    }

    private mutating func take(_ settlement: ItemSettlement) {
        switch settlement.verdict {
        case .sent: accept()
        case .failed, .failedFinal:
            openSteps = []
            resolve { attempt in
                attempt.isKnownNotSent = true
                guard settlement.source == .lateReply else { return }
                let isFinal = settlement.verdict == .failedFinal
                attempt.said.take(isFinal ? .hardFailure : .softFailure)
            }
        }
    }

    private mutating func take(_ callback: InteractionCallback) {
        guard let index = attempts.lastIndex(where: { $0.number == callback.attempt }) else {
            return
        }
        attempts[index].said.take(callback.meaning)
        // One report proves one step of several, and ends none.
        if attempts[index].said.provesAcceptance, !isStepwise {
            attempts[index].isUnresolved = false
        }
    }

    private mutating func change(_ body: (inout Attempt) -> Void) {
        guard !attempts.isEmpty else { return }
        body(&attempts[attempts.count - 1])
    }

    private mutating func accept() {
        resolve { attempt in
            attempt.isAccepted = true
            attempt.said.take(.sent)
        }
    }

    private mutating func resolve(_ body: (inout Attempt) -> Void) {
        change { attempt in
            body(&attempt)
            attempt.isUnresolved = false
        }
    }
}
