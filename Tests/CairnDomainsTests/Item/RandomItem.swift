import CairnCore
@testable import CairnDomains
import CairnTesting

/// Facts about an item, drawn from few values so that they meet in every order.
enum RandomItem {
    static func fact(_ generator: inout SeededGenerator, isFull: Bool? = nil) -> ItemEvent.Fact {
        let kind = generator.pick(ItemEventKind.allCases)
        return fact(kind, isFull: isFull ?? generator.isHit(1, outOf: 2), &generator)
    }

    /// A fact of a kind, with everything that it may carry or with nothing.
    static func fact(
        _ kind: ItemEventKind,
        isFull: Bool,
        _ generator: inout SeededGenerator
    ) -> ItemEvent.Fact {
        let number: Int64 = generator.isHit(1, outOf: 20) ? generator.pick([.max, .min, 0, -1]) : 1
        let place = number == 1 ? Int64(generator.below(3)) + 1 : number
        switch kind {
        case .began: return .began(beginning(place, isFull, &generator))
        case .accepted: return .accepted(acceptance(isFull))
        case .rejected: return .rejected(rejection(isFull, &generator))
        case .doubted:
            let cause = generator.pick(ItemDoubt.Cause.allCases)
            return .doubted(ItemDoubt(cause, detail: isFull ? "caf\u{E9}" : nil))
        case .released: return .released
        case .settled: return .settled(settlement(isFull, &generator))
        case .retryPlanned: return .retryPlanned(instant(&generator))
        case .setAside: return .setAside(isFull ? .losses(place) : .resends(place))
        case .calledBack: return .calledBack(callback(isFull, attempt: place, &generator))
        case .stepBegan:
            return .stepBegan(ItemStepMark(number: place, name: generator.pick(["a", "b", ""])))
        case .stepEnded:
            return .stepEnded(ItemStepEnd(number: place, result: isFull ? [0, 255] : []))
        case .stepFailed:
            return .stepFailed(ItemStepFailure(number: place, reason: isFull ? "no" : ""))
        case .timerSet:
            return .timerSet(
                ItemTimer(number: place, name: "a", until: instant(&generator), bootEnd: boot)
            )
        case .noted: return .noted(message(isFull, &generator))
        case .imported:
            return .imported(
                ImportedInteraction(
                    key: nil,
                    message: message(isFull, &generator),
                    status: InteractionStatus.allCases[generator.below(4)],
                    acceptance: ItemAcceptance(provider: isFull ? "p" : nil),
                    doubtedAttempt: isFull ? place : nil
                )
            )
        }
    }

    static let boot = BootInstant(boot: .max, nanoseconds: .min)

    static func beginning(
        _ attempt: Int64,
        _ isFull: Bool,
        _ generator: inout SeededGenerator
    ) -> ItemBeginning {
        var beginning = ItemBeginning(
            attempt: attempt,
            cause: generator.pick(ItemBeginning.Cause.allCases),
            worker: WorkerNumber(rawValue: generator.next()),
            leaseEnd: boot,
            followsLoss: isFull
        )
        guard isFull || generator.isHit(1, outOf: 2) else { return beginning }
        var request = ItemRequest(key: nil, content: ItemSamples.digest("one"))
        if isFull {
            request.key = try? ItemKey("k\u{0}\u{1F600}")
            request.job = "job"
            request.run = .max
            request.worksInSteps = true
            request.message = message(generator.isHit(1, outOf: 2), &generator)
        }
        beginning.request = request
        return beginning
    }

    static func acceptance(_ isFull: Bool) -> ItemAcceptance {
        guard isFull else { return ItemAcceptance() }
        return ItemAcceptance(
            provider: "p",
            providerReference: "r",
            notifyReference: "",
            body: "hello",
            metadata: Array(#"{"a":1}"#.utf8)
        )
    }

    static func rejection(_ isFull: Bool, _ generator: inout SeededGenerator) -> ItemRejection {
        ItemRejection(
            source: generator.pick(ItemRejection.Source.allCases),
            isFinal: isFull,
            reason: isFull ? "no" : "",
            retryAt: isFull ? instant(&generator) : nil,
            givenUp: isFull ? generator.pick(ItemRejection.GivingUp.allCases) : nil
        )
    }

    static func settlement(_ isFull: Bool, _ generator: inout SeededGenerator) -> ItemSettlement {
        ItemSettlement(
            generator.pick(ItemSettlement.Verdict.allCases),
            source: generator.pick(ItemSettlement.Source.allCases),
            by: "ann",
            reason: isFull ? "asked" : nil,
            acceptance: isFull ? acceptance(generator.isHit(1, outOf: 2)) : nil
        )
    }

    static func callback(
        _ isFull: Bool,
        attempt: Int64,
        _ generator: inout SeededGenerator
    ) -> InteractionCallback {
        let meaning = generator.pick(CallbackMeaning.allCases)
        var callback = InteractionCallback(
            provider: "p",
            reference: "r",
            eventID: isFull ? "e\(generator.below(9))" : nil,
            providerKey: isFull ? "k#1" : nil,
            word: meaning.word,
            detail: isFull ? "detail" : nil,
            meaning: meaning,
            providerTime: isFull ? instant(&generator) : nil,
            body: isFull ? [0, 1, 255] : nil
        )
        callback.attempt = attempt
        return callback
    }

    static func message(
        _ isFull: Bool,
        _ generator: inout SeededGenerator
    ) -> InteractionMessage {
        let channels: [Channel] = [.email, .sms, .phone, .system, .other("fax"), .other("email")]
        return InteractionMessage(
            uuid: "u",
            customer: "",
            channel: generator.pick(channels),
            template: isFull ? "t" : nil,
            payload: isFull ? Array("[]".utf8) : nil,
            body: isFull ? "" : nil
        )
    }

    static func instant(_ generator: inout SeededGenerator) -> Timestamp {
        Timestamp(nanoseconds: generator.pick([.min, -1, 0, 1, ItemSamples.now.nanoseconds, .max]))
    }
}
