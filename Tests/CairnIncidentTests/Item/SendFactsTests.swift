import CairnCore
@testable import CairnDomains
@testable import CairnIncident
import Testing

/// The second reading of law 5 objects to whatever the first one must not decide.
struct SendFactsTests {
    private static let doubt = ItemEvent.Fact.doubted(ItemDoubt(.timeout))
    private static let accepted = ItemEvent.Fact.accepted(ItemAcceptance())
    private static let step = ItemEvent.Fact.stepBegan(ItemStepMark(number: 1, name: "first"))

    private static func began(
        _ attempt: Int64 = 1,
        _ cause: ItemBeginning.Cause = .attempt,
        worksInSteps: Bool = false
    ) -> ItemEvent.Fact {
        .began(
            ItemBeginning(
                attempt: attempt,
                cause: cause,
                worker: WorkerNumber(rawValue: 7),
                leaseEnd: BootInstant(boot: 1, nanoseconds: 1),
                followsLoss: false,
                request: attempt > 1
                    ? nil
                    : ItemRequest(
                        key: nil,
                        content: ContentDigest(type: "t", content: [UInt8]().span.bytes),
                        worksInSteps: worksInSteps
                    )
            )
        )
    }

    private static func rejected(
        _ source: ItemRejection.Source = .sender,
        isFinal: Bool = false
    ) -> ItemEvent.Fact {
        .rejected(ItemRejection(source: source, isFinal: isFinal, reason: "no"))
    }

    private static func report(_ meaning: CallbackMeaning) -> ItemEvent.Fact {
        var callback = InteractionCallback(
            provider: "p",
            reference: "r",
            word: "w",
            meaning: meaning
        )
        callback.attempt = 1
        return .calledBack(callback)
    }

    /// A past, and whether a new attempt, a skip as done and a skip as failed are objected to.
    struct Case: CustomTestStringConvertible {
        let testDescription: String
        let facts: [ItemEvent.Fact]
        let forbids: Forbidden

        struct Forbidden: OptionSet {
            let rawValue: Int
            static let send = Forbidden(rawValue: 1)
            static let done = Forbidden(rawValue: 2)
            static let failed = Forbidden(rawValue: 4)
        }
    }

    static let cases = [
        Case(testDescription: "nothing", facts: [], forbids: [.done, .failed]),
        Case(testDescription: "open", facts: [began()], forbids: [.send, .done, .failed]),
        Case(testDescription: "doubt", facts: [began(), doubt], forbids: [.send, .done, .failed]),
        Case(testDescription: "taken", facts: [began(), accepted], forbids: [.send, .failed]),
        Case(testDescription: "refused", facts: [began(), rejected()], forbids: [.done]),
        Case(
            testDescription: "refused, then reported on",
            facts: [began(), rejected(), report(.delivered)],
            forbids: [.send, .failed]
        ),
        Case(
            testDescription: "taken, then failed by a report",
            facts: [began(), accepted, report(.softFailure)],
            forbids: [.done]
        ),
        Case(
            testDescription: "a repeat that was not sent",
            facts: [began(), doubt, began(1, .dedup), rejected()],
            forbids: [.send, .done, .failed]
        ),
        Case(
            testDescription: "a repeat that the provider refused",
            facts: [began(), doubt, began(1, .dedup), rejected(.provider)],
            forbids: [.done]
        ),
        Case(
            testDescription: "settled as failed",
            facts: [
                began(), doubt, .settled(ItemSettlement(.failed, source: .person, by: "ada")),
            ],
            forbids: [.done]
        ),
        Case(
            testDescription: "the first attempt arrived after the second began",
            facts: [began(), rejected(), began(2), report(.sent), rejected()],
            forbids: [.send, .failed]
        ),
        Case(
            testDescription: "a step that may have happened",
            facts: [began(worksInSteps: true), step],
            forbids: [.send, .done, .failed]
        ),
        Case(
            testDescription: "steps that are known",
            facts: [
                began(worksInSteps: true), step,
                .stepEnded(ItemStepEnd(number: 1, result: [])),
            ],
            forbids: [.done, .failed]
        ),
    ]

    @Test(arguments: cases)
    func `what may have been sent is not sent, and what was not is not skipped`(
        _ past: Case
    ) {
        var facts = SendFacts()
        for fact in past.facts { #expect(facts.take(fact) == nil) }
        let retry = ItemDecision.retry(reason: "", at: nil)
        let isSent = facts.objection(to: retry, .send) != nil
        #expect(isSent == past.forbids.contains(.send))
        let isDone = facts.objection(to: .done(ItemAcceptance()), .skip) != nil
        #expect(isDone == past.forbids.contains(.done))
        let isFailed = facts.objection(to: .failed(reason: ""), .skip) != nil
        #expect(isFailed == past.forbids.contains(.failed))
        let wait = ItemDecision.wait(WorkerNumber(rawValue: 1), until: Self.never)
        #expect(facts.objection(to: wait, .wait) == nil)
    }

    private static let never = BootInstant(boot: 1, nanoseconds: .max)

    @Test func `a past that sent twice is told where it did`() {
        var facts = SendFacts()
        #expect(facts.take(Self.began()) == nil)
        #expect(facts.take(Self.began(2)) != nil)
        #expect(facts.take(Self.rejected()) == nil)
        // The first of them may still have been sent.
        #expect(facts.take(Self.began(3)) != nil)
    }

    @Test func `a step is gone on with and not repeated`() {
        var facts = SendFacts()
        _ = facts.take(Self.began(worksInSteps: true))
        #expect(facts.objection(to: .goOn(.steps), .send) == nil)
        _ = facts.take(Self.step)
        #expect(facts.objection(to: .goOn(.steps), .send) != nil)
        #expect(facts.objection(to: .goOn(.steps), .park) == nil)
    }
}
