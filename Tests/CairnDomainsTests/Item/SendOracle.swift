import CairnCore
@testable import CairnDomains

/// Law 5, told a second time and in another way: from the events alone, attempt by attempt,
/// whether something may have been sent.
struct SendOracle: Hashable {
    /// What is known of one attempt.
    private struct Attempt: Hashable {
        var fence: UInt64
        /// The intent has no outcome.
        var isUnresolved = true
        var meanings: Set<CallbackMeaning> = []
        var isKnownNotSent = false
        /// It was sent again under the same key while the send before might have arrived.
        var isRepeat = false
        /// What reports say is about single steps, which know themselves what was done.
        var isStepwise: Bool

        /// Whether the message is known to have failed, so that another may be sent.
        var isFailed: Bool {
            if isStepwise, isKnownNotSent { return true }
            if meanings.contains(.opened) { return false }
            if meanings.contains(.hardFailure) { return true }
            if meanings.contains(.delivered) { return false }
            if meanings.contains(.softFailure) { return true }
            return isKnownNotSent && !meanings.contains(.sent)
        }
    }

    private var attempts: [Attempt] = []
    private var isDoubted = false
    /// The attempt was given back between two steps, to be gone on with.
    private var isReleased = false
    private var doneSteps: Set<Int64> = []
    /// Whoever began it said that all is done in steps.
    private var worksInSteps = false
    /// Steps begun and not ended, by the fence of who is at them.
    private var openSteps: [Int64: UInt64] = [:]
    private(set) var sequence: UInt64 = 0

    /// The fence of whoever has the right to send; nil where nobody has.
    var holder: UInt64? {
        guard let last = attempts.last, last.isUnresolved, !isDoubted, !isReleased
        else { return nil }
        return last.fence
    }

    /// Whether a send may be at its steps, in doubt or not.
    private var mayEndSteps: Bool { attempts.last?.isUnresolved == true && !isReleased }

    /// Takes an event that a command led to.
    ///
    /// - Returns: Which law it breaks; nil for none.
    mutating func take(
        _ fact: ItemEvent.Fact,
        from command: ItemCommand,
        fence: UInt64
    ) -> String? {
        sequence += 1
        switch command {
        case .begin, .receive, .note: break
        default:
            guard fence == attempts.last?.fence else { return "written under fence \(fence)" }
        }
        switch fact {
        case .began(let beginning): return take(beginning, from: command)
        case .accepted:
            resolve { attempt in
                attempt.meanings.insert(.sent)
                attempt.isKnownNotSent = false
            }
        case .rejected(let rejection):
            guard openSteps.isEmpty else { return "rejected while a step may have happened" }
            guard rejection.source == .provider || attempts.last?.isRepeat == false else {
                return "rejected though an earlier send of the key may have arrived"
            }
            resolve { attempt in
                if rejection.source == .provider {
                    attempt.meanings.insert(rejection.isFinal ? .hardFailure : .softFailure)
                }
                attempt.isKnownNotSent = true
            }
        case .settled(let settlement):
            guard isDoubted else { return "settled without a doubt" }
            if command.isLateRejection, attempts.last?.isRepeat == true {
                return "settled by a repeat that says nothing of what came before it"
            }
            // What is known not to have happened leaves no step that may have.
            if settlement.verdict != .sent { openSteps = [:] }
            resolve { attempt in
                if settlement.verdict != .sent, attempt.isStepwise { attempt.isKnownNotSent = true }
                switch (settlement.verdict, settlement.source) {
                case (.sent, _): attempt.meanings.insert(.sent)
                case (.failed, .lateReply): attempt.meanings.insert(.softFailure)
                case (.failedFinal, .lateReply): attempt.meanings.insert(.hardFailure)
                case (.failed, _), (.failedFinal, _): attempt.isKnownNotSent = true
                }
            }
        case .doubted, .setAside: isDoubted = true
        case .released:
            guard holder != nil, worksInSteps, openSteps.isEmpty else {
                return "released with something open"
            }
            isReleased = true
        case .calledBack(let callback): take(callback)
        case .stepBegan(let mark):
            guard holder != nil else { return "a step without the right to send" }
            if doneSteps.contains(mark.number) { return "step \(mark.number) is done already" }
            if openSteps[mark.number] == fence { return "step \(mark.number) runs already" }
            guard worksInSteps else { return "a step of an item that may send without" }
            openSteps[mark.number] = fence
        case .stepEnded(let end):
            guard mayEndSteps else { return "a step's end after the attempt's" }
            doneSteps.insert(end.number)
            openSteps[end.number] = nil
        case .stepFailed(let failure):
            guard mayEndSteps else { return "a step's failure after the attempt's" }
            openSteps[failure.number] = nil
        case .timerSet:
            guard worksInSteps else { return "a timer of an item that may send without" }
        case .retryPlanned:
            guard attempts.allSatisfy(\.isFailed), !isDoubted, !isReleased else {
                return "a retry is planned of what has not failed"
            }
        case .noted, .imported: break
        }
        return nil
    }

    private mutating func take(_ beginning: ItemBeginning, from command: ItemCommand) -> String? {
        if let request = beginning.request { worksInSteps = request.worksInSteps }
        if case .begin = command, isReleased, attempts.last?.isUnresolved == true {
            guard beginning.attempt == Int64(attempts.count), openSteps.isEmpty else {
                return "gone on with what was not given back"
            }
            guard !attempts.contains(where: { !$0.isUnresolved && !$0.isFailed }) else {
                return "gone on with though an earlier attempt arrived"
            }
            attempts[attempts.count - 1].fence = sequence
        } else if case .begin = command {
            guard attempts.allSatisfy({ !$0.isUnresolved }) else {
                return "begun while an earlier send may have happened"
            }
            guard attempts.allSatisfy(\.isFailed) else { return "begun after a send that is known" }
            guard beginning.attempt == Int64(attempts.count) + 1 else { return "a wrong number" }
            attempts.append(Attempt(fence: sequence, isStepwise: worksInSteps))
        } else {
            guard case .resume = command else { return "begun by another command" }
            guard let last = attempts.last, last.isUnresolved else { return "nothing to resume" }
            guard beginning.attempt == Int64(attempts.count) else { return "a wrong number" }
            guard !attempts.contains(where: { !$0.isUnresolved && !$0.isFailed }) else {
                return "resumed though an earlier attempt arrived"
            }
            attempts[attempts.count - 1].fence = sequence
            switch beginning.cause {
            case .dedup: attempts[attempts.count - 1].isRepeat = true
            case .notSent: attempts[attempts.count - 1].isRepeat = false
            case .attempt, .steps: break
            }
        }
        (isDoubted, isReleased) = (false, false)
        return nil
    }

    private mutating func take(_ callback: InteractionCallback) {
        let index = Int(callback.attempt) - 1
        guard attempts.indices.contains(index) else { return }
        attempts[index].meanings.insert(callback.meaning)
        // A report is about one step of several.
        if worksInSteps, attempts[index].isUnresolved { return }
        switch callback.meaning {
        case .sent, .delivered, .opened, .softFailure, .hardFailure:
            attempts[index].isUnresolved = false
            if index == attempts.count - 1 { isDoubted = false }
        case .note, .unknown: break
        }
    }

    private mutating func resolve(_ change: (inout Attempt) -> Void) {
        guard !attempts.isEmpty else { return }
        change(&attempts[attempts.count - 1])
        attempts[attempts.count - 1].isUnresolved = false
        isDoubted = false
    }

    /// Which sentence about a state is not true of these events; nil where all are.
    func disagreement(with state: ItemState) -> String? {
        let verdict = state.verdict()
        let isDone = attempts.contains { !$0.isFailed && !$0.isUnresolved }
        switch verdict {
        case .fresh: if !attempts.isEmpty { return "fresh after \(attempts.count) attempts" }
        case .done: if !isDone { return "done, and nothing is known to have been taken" }
        case .inFlight: if isDone || holder == nil { return "in flight without a holder" }
        case .inDoubt: if isDone || !isDoubted { return "in doubt without a doubt" }
        case .failedRetryable, .failedFinal:
            guard attempts.allSatisfy({ $0.isFailed || isReleased && $0 == attempts.last }) else {
                return "failed, and an attempt has not"
            }
        case .conflict: return "a conflict nobody asked about"
        }
        if state.eventCount != sequence { return "\(state.eventCount) events for \(sequence)" }
        if state.anomalyCount != 0 { return "a decision led to an anomaly" }
        if let fence = state.current?.fence.rawValue, fence != attempts.last?.fence {
            return "fence \(fence)"
        }
        return nil
    }
}

extension ItemCommand {
    /// Whether it is the sender's own late answer that says no.
    fileprivate var isLateRejection: Bool {
        if case .reject(.sender, _, _, _) = self { true } else { false }
    }
}
