internal import CairnCore
internal import CairnDomains

extension ItemEvent {
    /// What happened, in words.
    var summary: String {
        switch fact {
        case .began(let beginning): beginning.words
        case .accepted(let acceptance): "taken\(acceptance.words)"
        case .rejected(let rejection): rejection.words
        case .doubted(let doubt): "in doubt: \(doubt.words)"
        case .released: "given back between two steps"
        case .settled(let settlement): settlement.words
        case .retryPlanned(let instant): "to be tried again at \(instant.rfc3339)"
        case .setAside(let why): "set aside for a person: \(why.words)"
        case .calledBack(let callback): callback.words
        case .stepBegan(let mark): "step \(mark.number) '\(mark.name)' begins"
        case .stepEnded(let end): "step \(end.number) is done"
        case .stepFailed(let failure):
            "step \(failure.number) did not happen: \(failure.reason)"
        case .timerSet(let timer):
            "step \(timer.number) '\(timer.name)' waits until \(timer.until.rfc3339)"
        case .noted: "a note by hand"
        case .imported(let row):
            row.doubtedAttempt.map { "imported with attempt \($0) in doubt" }
                ?? "imported as \(row.status.word)"
        }
    }
}

extension ItemBeginning {
    fileprivate var words: String {
        let loss = followsLoss ? ", after a holder that was gone" : ""
        return switch cause {
        case .attempt: "attempt \(attempt) begins, held by worker \(worker)"
        case .dedup:
            "attempt \(attempt) goes on with worker \(worker)\(loss): the provider ignores repeats"
        case .notSent:
            "attempt \(attempt) goes on with worker \(worker)\(loss): it was found not sent"
        case .steps:
            "attempt \(attempt) goes on with worker \(worker)\(loss): its steps are known"
        }
    }
}

extension ItemAcceptance {
    /// By whom and under which names, to follow a verb.
    fileprivate var words: String {
        (provider.map { " by \($0)" } ?? "") + (providerReference.map { " as \($0)" } ?? "")
            + (notifyReference.map { ", notify reference \($0)" } ?? "")
    }
}

extension ItemRejection {
    fileprivate var words: String {
        let verb =
            switch source {
            case .provider: isFinal ? "refused for good" : "refused for now"
            case .sender: isFinal ? "not sent, for good" : "not sent"
            case .steps: "its steps failed"
            }
        let next: String
        if let retryAt {
            next = "; to be tried again at \(retryAt.rfc3339)"
        } else {
            switch givenUp {
            case .attempts: next = "; no attempt is left"
            case .duration: next = "; the time for it is over"
            case nil: next = ""
            }
        }
        return "\(verb): \(reason)\(next)"
    }
}

extension ItemSettlement {
    fileprivate var words: String {
        let verdict =
            switch self.verdict {
            case .sent: "sent"
            case .failed: "failed"
            case .failedFinal: "failed for good"
            }
        let source =
            switch self.source {
            case .ask: "the provider was asked by \(by)"
            case .person: "decided by \(by)"
            case .lateReply, .sender: "a late answer of the \(by)"
            }
        return "settled as \(verdict)\(acceptance?.words ?? ""): \(source)"
            + (reason.map { ", \($0)" } ?? "")
    }
}

extension InteractionCallback {
    fileprivate var words: String {
        let word = detail.map { "\(self.word) (\($0))" } ?? self.word
        let target = attempt == 0 ? "no attempt" : "attempt \(attempt)"
        return "\(provider) reports \(word) on \(target): \(meaning.word)"
            + (providerTime.map { ", at \($0.rfc3339)" } ?? "")
    }
}

extension ItemDoubt {
    /// Why nobody knows, in words.
    var words: String {
        let words =
            switch cause {
            case .holderGone: "its holder is gone and left no outcome"
            case .error: "the sender ended with an error"
            case .timeout: "the sender ran out of time"
            case .cancelled: "the sender was cancelled"
            case .step: "a step is in doubt"
            case .repeated: "its repeat was not taken, and what came before it may have been"
            }
        return words + (detail.map { ": \($0)" } ?? "")
    }
}

extension ItemSetAside {
    /// Which bound was reached, in words.
    var words: String {
        switch self {
        case .losses(let count): "holders that ended while they had it: \(count)"
        case .resends(let count): "sends under one key without an answer: \(count)"
        }
    }
}
