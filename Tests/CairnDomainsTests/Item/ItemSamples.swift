import CairnCore
@testable import CairnDomains

/// Items where the transition table has a column for them, and what may be asked of each.
enum ItemSamples {
    static let now = Timestamp(nanoseconds: 1_767_225_600_000_000_000)
    static let lease = BootInstant(boot: 7, nanoseconds: 60_000_000_000)

    static func digest(_ text: String) -> ContentDigest {
        ContentDigest(type: "sample", content: Array(text.utf8).span.bytes)
    }

    static func request(
        _ key: String = "k",
        content: String = "one",
        worksInSteps: Bool = false
    ) -> ItemRequest {
        ItemRequest(key: try? ItemKey(key), content: digest(content), worksInSteps: worksInSteps)
    }

    static func hold(_ worker: UInt64) -> ItemHold {
        ItemHold(worker: WorkerNumber(rawValue: worker), leaseEnd: lease)
    }

    static func began(
        _ attempt: Int64 = 1,
        _ cause: ItemBeginning.Cause = .attempt,
        worker: UInt64 = 1,
        followsLoss: Bool = false,
        worksInSteps: Bool = false
    ) -> ItemEvent.Fact {
        .began(
            ItemBeginning(
                attempt: attempt,
                cause: cause,
                worker: WorkerNumber(rawValue: worker),
                leaseEnd: lease,
                followsLoss: followsLoss,
                request: attempt == 1 && cause == .attempt
                    ? request(worksInSteps: worksInSteps) : nil
            )
        )
    }

    static func rejected(
        isFinal: Bool = false,
        givenUp: ItemRejection.GivingUp? = nil
    ) -> ItemEvent.Fact {
        .rejected(
            ItemRejection(source: .provider, isFinal: isFinal, reason: "no", givenUp: givenUp)
        )
    }

    static func callback(
        _ meaning: CallbackMeaning,
        id: String? = nil,
        attempt: Int64 = 1
    ) -> InteractionCallback {
        var callback = InteractionCallback(
            provider: "p",
            reference: "r",
            eventID: id,
            word: meaning.word,
            meaning: meaning,
            providerTime: now
        )
        callback.attempt = attempt
        return callback
    }

    static let acceptance = ItemAcceptance(provider: "p", providerReference: "r")
    static let message = InteractionMessage(uuid: "u", customer: "c", channel: .phone)
    static let timer = ItemTimer(number: 2, name: "wait", until: now, bootEnd: lease)

    /// A timer that is over later than any command of the table comes.
    static let alarm = ItemTimer(
        number: 2,
        name: "wait",
        until: now.adding(.seconds(3_600)),
        bootEnd: lease
    )

    private static let inStep = [
        began(worksInSteps: true), .stepBegan(ItemStepMark(number: 1, name: "pay")),
    ]
    private static let betweenSteps =
        inStep + [.stepEnded(ItemStepEnd(number: 1, result: []))]

    static let standings: [(name: String, facts: [ItemEvent.Fact])] = [
        ("absent", []),
        ("open", [began()]),
        ("repeated", [began(), .doubted(ItemDoubt(.timeout)), began(1, .dedup, worker: 2)]),
        (
            "done before",
            [
                began(), .accepted(acceptance), .calledBack(callback(.softFailure)), began(2),
                .calledBack(callback(.delivered)),
            ]
        ),
        ("open for steps", [began(worksInSteps: true)]),
        ("in a step", inStep),
        ("in another's step", inStep + [began(1, .steps, worker: 2, followsLoss: true)]),
        ("between steps", betweenSteps),
        (
            "step failed",
            inStep + [.stepFailed(ItemStepFailure(number: 1, reason: "no"))]
        ),
        ("asleep", betweenSteps + [.timerSet(alarm)]),
        ("in a second step", betweenSteps + [.stepBegan(ItemStepMark(number: 2, name: "ship"))]),
        ("released", betweenSteps + [.released]),
        ("doubted", [began(), .doubted(ItemDoubt(.timeout))]),
        ("doubted, ended", [began(), .doubted(ItemDoubt(.error))]),
        ("doubted for steps", [began(worksInSteps: true), .doubted(ItemDoubt(.timeout))]),
        ("doubted after a step", betweenSteps + [.doubted(ItemDoubt(.timeout))]),
        ("late in a step", inStep + [.doubted(ItemDoubt(.timeout))]),
        (
            "ended in a step",
            inStep + [.doubted(ItemDoubt(.step)), .doubted(ItemDoubt(.error))]
        ),
        ("set aside", [began(), .doubted(ItemDoubt(.holderGone)), .setAside(.losses(3))]),
        ("accepted", [began(), .accepted(acceptance)]),
        ("reported", [began(), .calledBack(callback(.delivered))]),
        (
            "settled as sent",
            [
                began(), .doubted(ItemDoubt(.timeout)),
                .settled(ItemSettlement(.sent, source: .ask, by: "policy")),
            ]
        ),
        ("hard failure", [began(), .accepted(acceptance), .calledBack(callback(.hardFailure))]),
        ("soft failure", [began(), .accepted(acceptance), .calledBack(callback(.softFailure))]),
        ("rejected", [began(), rejected()]),
        ("planned", [began(), rejected(), .retryPlanned(now)]),
        ("rejected for good", [began(), rejected(isFinal: true)]),
        ("given up", [began(), rejected(givenUp: .attempts)]),
        ("note", [.noted(message)]),
    ]

    static let commands: [(name: String, command: ItemCommand)] = [
        ("begin", .begin(request(), hold(2), .standard)),
        ("begin in steps", .begin(request(worksInSteps: true), hold(2), .standard)),
        ("begin, if no key exists", .begin(request(), hold(2), .ifKeyExists)),
        ("begin, unless failed", .begin(request(), hold(2), .unlessFailed)),
        ("begin with other content", .begin(request(content: "two"), hold(2), .unlessFailed)),
        ("begin with another key", .begin(request("other"), hold(2), .unlessFailed)),
        ("resume as a new attempt", .resume(hold(2), .attempt, .standard)),
        ("resume by dedup", .resume(hold(2), .dedup, .standard)),
        ("resume as not sent", .resume(hold(2), .notSent, .standard)),
        ("resume in steps", .resume(hold(2), .steps, .standard)),
        (
            "resume, no loss allowed",
            .resume(hold(2), .dedup, ResumeBounds(lossCountMax: 1, resendCountMax: 9))
        ),
        (
            "resume, no resend allowed",
            .resume(hold(2), .dedup, ResumeBounds(lossCountMax: 9, resendCountMax: 1))
        ),
        ("accept", .accept(acceptance)),
        ("reject", .reject(.provider, isFinal: false, reason: "no", .standard)),
        ("reject for good", .reject(.provider, isFinal: true, reason: "no", .standard)),
        ("doubt", .doubt(ItemDoubt(.error))),
        ("doubt, timed out", .doubt(ItemDoubt(.timeout))),
        ("release", .release),
        ("noteLoss", .noteLoss),
        ("settle as sent", .settle(ItemSettlement(.sent, source: .ask, by: "policy"))),
        ("settle as failed", .settle(ItemSettlement(.failed, source: .person, by: "ann"))),
        ("planRetry", .planRetry(.standard)),
        ("planRetry, no attempt left", .planRetry(.once)),
        ("beginStep 1", .beginStep(ItemStepMark(number: 1, name: "pay"))),
        ("beginStep 2", .beginStep(ItemStepMark(number: 2, name: "ship"))),
        ("beginStep 1, renamed", .beginStep(ItemStepMark(number: 1, name: "bill"))),
        ("endStep 1", .endStep(ItemStepEnd(number: 1, result: []))),
        ("failStep 1", .failStep(ItemStepFailure(number: 1, reason: "no"))),
        ("setTimer 2", .setTimer(timer)),
        ("receive", .receive(callback(.delivered))),
        ("note", .note(message)),
    ]

    /// The state that facts lead to, each a second after the one before it.
    static func state(_ facts: [ItemEvent.Fact]) -> ItemState {
        ItemMachine().replay(
            facts.enumerated().map { index, fact in
                ItemEvent(fact, at: now.adding(.seconds(Int64(index))))
            }
        )
    }
}
