public import CairnCore
public import CairnDomains

/// What a resume would do about an item, in one word.
public enum ResumeKind: String, Hashable, Sendable, CaseIterable {
    /// It is sent, or gone on with.
    case send
    /// It has its end.
    case skip
    /// It is looked at again: its holder lives, or the provider is waited for or asked.
    case wait
    /// A person has to decide.
    case park
    /// The key stands for something else.
    case conflict
}

/// One item, and what a resume would do about it.
public struct ResumeRow: Hashable, Sendable {
    public let item: ItemRow
    /// What the run does first; where the holder is gone, once that is written down.
    public let decision: ItemDecision

    public var kind: ResumeKind { ResumeKind(decision, of: item.state) }

    /// Not before when it is sent, or until when a report is waited for; nil for at once, and
    /// where nobody can say.
    public var at: Timestamp? { decision.instant }

    /// Why, in words.
    public var reason: String {
        let number = item.attempt ?? 0
        return switch decision {
        case .begin where number == 0: "nothing was ever begun under the key"
        case .begin:
            item.state.isReleased
                ? "given back between two steps, to be gone on with"
                : "failed for good, and the policy sends it again: \(item.reason ?? "")"
        case .retry(let reason, _): "attempt \(number) failed: \(reason)"
        case .goOn(.steps): stepReason
        case .goOn: "in doubt, and sent again under the same provider key: \(item.reason ?? "")"
        case .done: "the provider has it"
        case .failed(let reason): "failed for good: \(reason)"
        case .giveUp(let reason): "no attempt is left: \(reason)"
        case .skip(let reason): "the policy sends nothing twice, whatever failed: \(reason)"
        case .wait(let worker, _): "worker \(worker) holds it and lives"
        case .awaitReport: "in doubt, and a report of the provider may come: \(item.reason ?? "")"
        case .ask: "in doubt, and the provider is asked: \(item.reason ?? "")"
        case .noteLoss, .park: item.reason ?? ""
        case .setAside(let why, _): "set aside: \(why.words)"
        case .otherWay(let isStepwise): "\(ItemRefusal.otherWay(isStepwise: isStepwise))"
        case .conflict: "the key stands for other content"
        }
    }

    private var stepReason: String {
        let steps = item.state.steps
        guard let open = steps.last(where: { $0.isOpen }) else {
            return "its holder is gone, and each of its steps is known: \(steps.count) of them"
        }
        return "its holder is gone, and step '\(open.name)' may have happened: parked, unless its "
            + "code says that it may be repeated"
    }
}

extension ItemStep {
    fileprivate var isOpen: Bool {
        if case .open = standing { true } else { false }
    }
}

extension ResumeKind {
    /// What a decision amounts to.
    init(_ decision: ItemDecision, of state: ItemState) {
        self =
            switch decision {
            case .begin, .retry: .send
            // Its code meets the step and, unless it says that repeating does no harm, parks it.
            case .goOn(.steps): state.hasOpenStep ? .park : .send
            case .goOn: .send
            case .done, .failed, .giveUp, .skip: .skip
            case .wait, .awaitReport, .ask: .wait
            case .noteLoss, .park, .setAside, .otherWay: .park
            case .conflict: .conflict
            }
    }
}

extension ItemDecision {
    /// Not before when it is sent, or until when a report is waited for.
    var instant: Timestamp? {
        switch self {
        case .retry(_, let instant): instant
        case .awaitReport(_, _, let until): until
        case .begin, .goOn, .done, .failed, .giveUp, .skip, .wait, .noteLoss, .ask, .park,
            .setAside, .otherWay, .conflict:
            nil
        }
    }
}

extension ItemState {
    /// What a run comes to, once it has written down that a holder is gone.
    func resumeDecision(
        for content: ContentDigest? = nil,
        under rule: ItemRule,
        isHolderGone: Bool,
        at now: Timestamp
    ) -> ItemDecision {
        let first = decision(for: content, under: rule, isHolderGone: isHolderGone, at: now)
        guard case .noteLoss = first else { return first }
        var lost = self
        ItemMachine().evolve(&lost, by: ItemEvent(.doubted(ItemDoubt(.holderGone)), at: now))
        return lost.decision(for: content, under: rule, at: now)
    }
}
