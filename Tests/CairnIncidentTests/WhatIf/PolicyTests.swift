import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import Testing

/// Other rules over the same history.
struct PolicyTests {
    private static let now = History.time(minutes: 60)

    private static func definition(
        _ changes: PolicyChange...
    ) throws -> PipelineDefinition {
        try PipelineDefinition.priorAuthorization.changed(by: changes)
    }

    @Test func `another retry policy decides of the failure that waits`() async throws {
        let view = try await WhatIfStory.view()
        var terms = RetryPolicyChange()
        terms.initialDelay = .seconds(600)
        terms.delayMax = .seconds(3_600)
        terms.jitterThousandths = 100
        let other = try Self.definition(.retry(terms, stage: "PARSER"))
        let answer = try await view.whatIf("R-2", by: other, now: Self.now)
        #expect(!answer.history.differs && answer.differs)
        let outlook = try #require(answer.retries.first)
        #expect(answer.retries.count == 1 && outlook.line == 1)
        #expect(outlook.recordedRetryAt == History.time(minutes: 7))
        #expect(outlook.retryAt == History.time(minutes: 16))
        #expect(
            outlook.policy
                == .again(
                    earliest: History.time(minutes: 15),
                    latest: History.time(minutes: 16)
                )
        )
        // What was tried again is a fact that no policy changes.
        let first = try await view.whatIf("R-1", by: other, now: Self.now)
        #expect(first.retries.map(\.retryAt) == [nil])
        #expect(first.retries.map(\.recordedRetryAt) == [nil])
    }

    @Test func `a policy without attempts left tries nothing again`() async throws {
        let view = try await WhatIfStory.view()
        var terms = RetryPolicyChange()
        terms.attemptCountMax = 1
        let other = try Self.definition(.retry(terms, stage: nil))
        let answer = try await view.whatIf("R-2", by: other, now: Self.now)
        #expect(answer.retries.map(\.retryAt) == [nil])
        #expect(answer.retries.map(\.policy) == [.exhausted(attemptCountMax: 1)])
        // And the other way about: where the recorded one was at its end.
        let strict = PipelineView(view.journal, definition: other)
        var more = RetryPolicyChange()
        more.attemptCountMax = 3
        more.jitterThousandths = 0
        let overlay = Overlay([
            .merge(try WhatIfStory.json(#"{"next_retry_at":null}"#), into: WhatIfStory.place(2))
        ])
        let again = try await strict.whatIf(
            "R-2",
            overlay,
            by: try other.changed(by: [.retry(more, stage: nil)]),
            now: Self.now
        )
        #expect(again.retries.map(\.retryAt) == [History.time(minutes: 6, seconds: 30)])
    }

    @Test func `a deadline says from when on a request is stuck`() async throws {
        let view = try await WhatIfStory.view()
        let other = try Self.definition(.deadline(.seconds(7_200), stage: "PARSING"))
        let answer = try await view.whatIf("R-2", by: other, now: Self.now)
        let recorded = try #require(answer.recordedRest)
        let rest = try #require(answer.rest)
        #expect(recorded.isStuck && !rest.isStuck)
        #expect(rest.deadline == History.time(minutes: 126))
        let stuck = try await view.stuck(now: Self.now, usesDeadlines: true)
        #expect(stuck.map(\.requestID) == ["R-2"])
        #expect(stuck.first?.reason == recorded.reason)
        let later = try await view.whatIf("R-2", by: other, now: History.time(minutes: 127))
        #expect(later.rest?.isStuck == true)
    }

    @Test func `a lost worker is one that recorded nothing since in either history`() async throws {
        let view = try await WhatIfStory.view()
        let overlay = Overlay((3...5).map { .drop(WhatIfStory.place($0)) })
        let answer = try await view.whatIf("R-1", overlay, now: Self.now)
        // It began another request later.
        #expect(answer.rest?.reason == .waiting)
        let early = PipelineView(view.journal, asOf: Position(rawValue: 3))
        let alone = try await early.whatIf(
            "R-1",
            Overlay([.drop(WhatIfStory.place(3))]),
            now: Self.now
        )
        #expect(alone.rest?.reason == .lostWorker)
        #expect(alone.rest?.isStuck == true)
    }

    @Test func `an event type that ends requests changes what is odd`() async throws {
        let view = try await WhatIfStory.view()
        let other = try Self.definition(.terminal(true, eventType: "PARSE_FAIL"))
        let answer = try await view.whatIf("R-1", by: other, now: Self.now)
        #expect(answer.history.anomalyChanges.map(\.name).contains("reopened"))
        let first = try #require(answer.history.firstDifferingIndex)
        #expect(answer.history.lines[first].event.recorded?.sequence.rawValue == 3)
    }

    @Test func `unknown stages and types are named, with what is near`() throws {
        #expect(throws: PolicyChangeError.unknownStage("PARSIN", near: ["PARSING"])) {
            try Self.definition(.deadline(.zero, stage: "PARSIN"))
        }
        #expect(throws: PolicyChangeError.self) {
            try Self.definition(.terminal(true, eventType: "nothing"))
        }
    }
}
