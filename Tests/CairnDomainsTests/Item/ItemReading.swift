import CairnCore
@testable import CairnDomains
import CairnTesting

/// How a turn of an item is found in its transition table.
///
/// An item has more sides than a table has columns: its last attempt, its steps, and whether an
/// earlier attempt turned out to be done. A command counts in the column of the side it asks for.
enum ItemReading {
    fileprivate static let names = Dictionary(
        uniqueKeysWithValues: ItemSamples.commands.map { ($0.command, $0.name) }
    )

    static let reading = TransitionReading<ItemMachine>(
        cell: { command, state, context in
            guard state.imported == nil else { return nil }
            return ItemSight(state: state, context: context).cell(of: command)
        },
        answer: { outcome in
            switch outcome {
            case .success(let events): events.first.map { "`\($0.fact.kind.rawValue)`" } ?? "`[]`"
            case .failure(let refusal): "*\(refusal.tableWord)*"
            }
        }
    )
}

/// An item when a command comes.
private struct ItemSight {
    let state: ItemState
    let context: TurnContext

    func cell(of command: ItemCommand) -> TransitionCell? {
        if state.request == nil || state.isNote {
            let standing = state.isNote ? "note" : "absent"
            return name(of: command).map { TransitionCell(command: $0, standing: standing) }
        }
        switch command {
        case .begin(let request, _, let rule): return begin(request, rule)
        case .note: return TransitionCell(command: "note", standing: verdictStanding)
        case .resume(_, let cause, let bounds): return resume(cause, bounds)
        case .accept, .reject: return cell(command, in: answerStanding)
        case .doubt: return cell(command, in: doubtStanding)
        case .planRetry: return planRetry(command)
        case .beginStep, .setTimer:
            return cell(command, in: isOpen ? standing(ofStepFor: command) : standing)
        case .endStep, .failStep:
            let isAsked = isOpen || isDoubted
            return cell(command, in: isAsked ? standing(ofStepFor: command) : standing)
        case .release, .noteLoss, .settle, .receive: return cell(command, in: standing)
        }
    }

    private func cell(_ command: ItemCommand, in standing: String) -> TransitionCell? {
        name(of: command).map { TransitionCell(command: $0, standing: standing) }
    }

    /// The row of a command, where it does not depend on the item.
    private func name(of command: ItemCommand) -> String? {
        switch command {
        case .reject(_, let isFinal, _, _): return isFinal ? "reject for good" : "reject"
        case .receive: return "receive"
        case .beginStep(let mark) where mark.number == 1:
            let isRenamed = mark.name != state.step(1)?.name ?? "pay"
            return isRenamed ? "beginStep 1, renamed" : "beginStep 1"
        default: return ItemReading.names[command]
        }
    }
}

extension ItemSight {
    private var attempt: ItemAttempt? { state.current }
    private var isOpen: Bool { if case .open = attempt?.standing { true } else { false } }
    private var isDoubted: Bool { if case .doubted = attempt?.standing { true } else { false } }
    private var isDone: Bool { if case .done = state.verdict() { true } else { false } }

    /// The column of the last attempt, whatever became of those before it.
    private var standing: String {
        guard let attempt else { return "absent" }
        switch attempt.standing {
        case .open: return openStanding(attempt)
        case .released: return "released"
        case .doubted: return state.setAside == nil ? doubtedStanding : "set aside"
        case .accepted:
            if let failure { return failure }
            guard attempt.acceptance == nil else { return "accepted" }
            return attempt.settlement == nil ? "reported" : "settled as sent"
        case .rejected(let rejection):
            if rejection.isFinal { return "rejected for good" }
            if rejection.givenUp != nil { return "given up" }
            return rejection.retryAt ?? attempt.plannedRetry == nil ? "rejected" : "planned"
        }
    }

    private func openStanding(_ attempt: ItemAttempt) -> String {
        guard state.isStepwise else {
            if isDone { return "done before" }
            return attempt.mayHaveArrived ? "repeated" : "open"
        }
        if let stepStanding { return stepStanding }
        if state.hasOpenStep { return "in a step" }
        return isAsleep ? "asleep" : "between steps"
    }

    /// The column of an open attempt whose steps are those of a column; nil for any others.
    private var stepStanding: String? {
        guard let first = state.step(1)?.standing else { return "open for steps" }
        guard let second = state.step(2)?.standing else { return firstStanding(first) }
        guard case .done = first else { return nil }
        switch second {
        case .timer: return isAsleep ? "asleep" : nil
        case .open(let fence): return fence == attempt?.fence ? "in a second step" : nil
        case .done, .failed: return nil
        }
    }

    private func firstStanding(_ first: ItemStep.Standing) -> String {
        switch first {
        case .open(let fence): fence == attempt?.fence ? "in a step" : "in another's step"
        case .done, .timer: "between steps"
        case .failed: "step failed"
        }
    }

    private var doubtedStanding: String {
        guard state.isStepwise else { return isLate ? "doubted" : "doubted, ended" }
        if state.hasOpenStep { return isLate ? "late in a step" : "ended in a step" }
        if case .done = state.step(1)?.standing { return "doubted after a step" }
        return "doubted for steps"
    }

    /// Whether the send was in doubt while it ran, and is not known to have ended.
    private var isLate: Bool {
        guard let attempt, case .doubted(let doubt, _) = attempt.standing else { return false }
        return attempt.laggards.contains(attempt.worker)
            && (doubt.cause == .timeout || doubt.cause == .step)
    }

    /// Whether the item waits for a timer that is its last step.
    private var isAsleep: Bool {
        guard case .timer(let timer) = state.steps.last?.standing, !state.hasOpenStep else {
            return false
        }
        return timer.until > context.clockNow
    }

    /// The column of an attempt whose failure the provider reported; nil where there is none.
    private var failure: String? {
        guard let attempt, case .accepted = attempt.standing, attempt.facts.status == .failed else {
            return nil
        }
        if attempt.facts.isFailureFinal { return "hard failure" }
        return attempt.plannedRetry == nil ? "soft failure" : "planned"
    }

    /// The column for what asks for the verdict: done as soon as any attempt is.
    private var verdictStanding: String {
        let done = ["accepted", "reported", "settled as sent", "done before"]
        return isDone && !done.contains(standing) ? "accepted" : standing
    }

    /// The column for the send's own answer, which adds to a report whatever that said, and says
    /// of a step in doubt no more than that the send has ended.
    private var answerStanding: String {
        guard let attempt else { return standing }
        switch attempt.standing {
        case .accepted where attempt.acceptance == nil:
            return attempt.settlement == nil ? "reported" : "settled as sent"
        case .doubted where state.hasOpenStep: return isLate ? "late in a step" : "ended in a step"
        case .open, .accepted, .rejected, .released, .doubted: return standing
        }
    }

    /// The column for a doubt, which adds to an earlier one only that the send has ended.
    private var doubtStanding: String {
        guard isDoubted, !state.hasOpenStep else { return isDoubted ? doubtedStanding : standing }
        if isLate { return state.isStepwise && state.setAside == nil ? standing : "doubted" }
        return state.setAside == nil ? "doubted, ended" : "set aside"
    }

    private func begin(_ request: ItemRequest, _ rule: SkipRule) -> TransitionCell? {
        func cell(_ command: String, _ standing: String) -> TransitionCell {
            TransitionCell(command: command, standing: standing)
        }
        guard let known = state.request else { return nil }
        if known.key != request.key { return cell("begin with another key", verdictStanding) }
        if known.content != request.content {
            return cell("begin with other content", verdictStanding)
        }
        let name =
            switch rule {
            case .standard: request.worksInSteps ? "begin in steps" : "begin"
            case .ifKeyExists: "begin, if no key exists"
            case .unlessFailed: "begin, unless failed"
            }
        // What is released goes on in steps, and the rows say which request does.
        if isDone || !known.worksInSteps || standing == "released" {
            return cell(name, verdictStanding)
        }
        // For an item that works in steps the table's requests stand for those of the other way.
        let isOther = !request.worksInSteps
        switch rule {
        case .standard: return cell(isOther ? "begin in steps" : "begin", standing)
        case .ifKeyExists: return cell(name, standing)
        case .unlessFailed:
            let verdict = state.verdict().word
            guard verdict.hasPrefix("failed"), isOther else { return cell(name, standing) }
            return cell("begin in steps", "rejected")
        }
    }

    private func resume(
        _ cause: ItemBeginning.Cause,
        _ bounds: ResumeBounds
    ) -> TransitionCell? {
        let name =
            switch cause {
            case .attempt: "resume as a new attempt"
            case .notSent: "resume as not sent"
            case .steps: "resume in steps"
            case .dedup where bounds.lossCountMax == 1: "resume, no loss allowed"
            case .dedup where bounds.resendCountMax == 1: "resume, no resend allowed"
            case .dedup: "resume by dedup"
            }
        guard isOpen || isDoubted else { return TransitionCell(command: name, standing: standing) }
        if isDone { return TransitionCell(command: name, standing: "done before") }
        let isRefused = cause == .attempt || cause == .steps && !state.isStepwise
        guard !isRefused, state.setAside == nil, let attempt else {
            return TransitionCell(command: name, standing: standing)
        }
        // Once a bound is reached, every way to resume is the one that allows nothing more.
        let isLost = state.lossCount + (isOpen && !isAsleep ? 1 : 0) >= bounds.lossCountMax
        let isResent = cause != .steps && attempt.resendCount + 1 >= bounds.resendCountMax
        let isTold = name == "resume, no loss allowed" && state.lossCount == 0 && !isResent
        let isSpent = (isLost || isResent) && !isTold
        return TransitionCell(
            command: isSpent ? "resume, no resend allowed" : name,
            standing: standing
        )
    }

    private func planRetry(_ command: ItemCommand) -> TransitionCell? {
        let isLast = (attempt?.number ?? 0) >= RetryPolicy.standard.attemptCountMax
        let isSpent = command == .planRetry(.once) || isLast
        return TransitionCell(
            command: isSpent ? "planRetry, no attempt left" : "planRetry",
            standing: verdictStanding
        )
    }

    /// The column for what asks for one of the first two steps.
    private func standing(ofStepFor command: ItemCommand) -> String {
        guard state.isStepwise else { return standing }
        let first = state.step(1)?.standing
        guard isOpen else {
            switch first {
            case .open: return isLate ? "late in a step" : "ended in a step"
            case .done, .timer: return "doubted after a step"
            case nil, .failed: return "doubted for steps"
            }
        }
        if let stepStanding { return stepStanding }
        // Both steps are known, and no column has them so: the one that is asked for counts.
        guard let first, let second = state.step(2)?.standing else { return standing }
        let isSecond =
            switch command {
            case .beginStep(let mark): mark.number == 2
            case .setTimer: true
            default: false
            }
        guard isSecond else { return firstStanding(first) }
        switch second {
        case .timer: return "asleep"
        case .open(let fence):
            // One of a holder before may be met again by its name, and is no timer.
            if case .setTimer = command { return "in a second step" }
            return fence == attempt?.fence ? "in a second step" : "between steps"
        case .failed:
            if case .setTimer = command { return "in a second step" }
            return "between steps"
        case .done: return "in a second step"
        }
    }
}

extension ItemRefusal {
    /// The refusal in a cell of the table: the verdict alone where the rule says no.
    fileprivate var tableWord: String {
        switch self {
        case .verdict(let verdict): verdict.word
        case .fenced: "fenced"
        case .notOpen: "not open"
        case .notInDoubt: "not in doubt"
        case .keyCollision: "key collision"
        case .stepMismatch: "step mismatch"
        case .notInSteps: "not in steps"
        case .otherWay: "begun otherwise"
        case .workerLeft: "worker left"
        case .unknown: "unknown"
        }
    }
}
