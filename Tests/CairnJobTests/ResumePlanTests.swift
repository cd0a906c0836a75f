import Cairn
import CairnTestSupport
import CairnTesting
import Testing

/// What a plan says a resume would do is what a run then does.
struct ResumePlanTests {
    @Test(.timeLimit(.minutes(2)), arguments: 1...16 as ClosedRange<UInt64>)
    func `a run does what the plan said`(seed: UInt64) async throws {
        let story = try await ResumeStory(seed: seed)
        let plan = try await story.plan()
        let expected = story.expectation(of: plan)
        let outcome = try await story.run(leaving: expected.left.count)
        let context = Comment(rawValue: "seed \(seed), \(story.summary)")
        #expect(outcome.sent == expected.sent, context)
        #expect(Set(outcome.report.parked.keys) == expected.parked, context)
        #expect(Set(outcome.report.changed) == expected.changed, context)
        // What is gone on with may be known to have failed by a report that came before.
        let counts = outcome.report.counts
        let endedCount = Int64(expected.sent.count) + expected.skipCount
        #expect(counts.sent + counts.done + counts.failed == endedCount, context)
        #expect(outcome.report.counts.left == expected.left.count, context)
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func `the past tells of each position what a plan as of it tells`(
        seed: UInt64
    ) async throws {
        let story = try await ResumeStory(seed: seed)
        _ = try await story.run(leaving: story.expectation(of: try await story.plan()).left.count)
        var rule = story.policy.rule
        // What time alone ends is told as of an item's own last event.
        if case .awaitCallback = rule.doubt { rule.doubt = .park }
        let past = try #require(
            try await ItemView(story.site.journal)
                .resumePast(of: ResumeStory.job, under: rule, limit: .max)
        )
        #expect(past.breaches == [], "seed \(seed)")
        #expect(past.stretchCount == past.stretches.count)
        for (stretch, next) in zip(past.stretches, past.stretches.dropFirst()) {
            #expect(stretch.last.next == next.first)
            #expect(stretch.counts != next.counts)
        }
        let parked = past.stretches.map(\.counts.park)
        #expect(past.worst?.counts.park ?? 0 == parked.max() ?? 0)
        for stretch in past.stretches {
            for position in [stretch.first, stretch.last] {
                let view = ItemView(story.site.journal, asOf: position)
                let query = ResumeQuery(rule: rule, limit: 1_000)
                let plan = try await view.resumePlan(
                    of: ResumeStory.job,
                    for: query,
                    now: stretch.recordedAt
                )
                #expect(plan?.counts == stretch.counts, "seed \(seed), position \(position)")
            }
        }
    }

    @Test func `a plan lists what it counts, and what is asked for`() async throws {
        let story = try await ResumeStory(seed: 3)
        let view = ItemView(story.site.journal)
        func rows(_ kind: ResumeKind?, _ verdict: String? = nil) async throws -> [ResumeRow] {
            let query = ResumeQuery(rule: story.policy.rule, kind: kind, verdict: verdict)
            let plan = try await view.resumePlan(
                of: ResumeStory.job,
                for: query,
                now: story.site.time.now
            )
            return try #require(plan).rows
        }
        let plan = try await story.plan(comparing: false)
        #expect(try await rows(.send).count == plan.counts.send)
        #expect(try await rows(.skip).count == plan.counts.skip)
        #expect(try await rows(.park).count == plan.counts.park)
        #expect(try await rows(nil).allSatisfy { $0.kind != .skip })
        #expect(try await rows(nil).count == plan.counts.known - plan.counts.skip)
        let done = try await rows(nil, "done")
        #expect(!done.isEmpty && done.allSatisfy { $0.kind == .skip })
        #expect(try await view.resumePlan(of: "another", now: story.site.time.now) == nil)
    }

    @Test func `after a crash nobody holds anything`() async throws {
        let site = try await TestSite()
        let desk = ItemDesk(site.journal)
        let lock = try await site.journal.lockLife(77)
        let job = ResumeStory.job
        try await desk.give(.beginRun(job: job, WorkerNumber(rawValue: 77), itemCount: 3), to: job)
        try await desk.begin("a", worker: 77, job: job)
        let view = ItemView(site.journal)
        func counts(_ query: ResumeQuery, _ view: ItemView) async throws -> ResumeCounts {
            try #require(try await view.resumePlan(of: job, for: query, now: site.time.now)).counts
        }
        let now = try await counts(ResumeQuery(), view)
        #expect((now.new, now.wait, now.park) == (2, 1, 0))
        let crashed = try await counts(ResumeQuery(isCrashed: true), view)
        #expect((crashed.wait, crashed.park) == (0, 1))
        let last = try await site.journal.head().lastPosition
        let then = try await counts(ResumeQuery(), ItemView(site.journal, asOf: last))
        #expect((then.wait, then.park) == (0, 1))
        lock.release()
        #expect(try await counts(ResumeQuery(), view).park == 1)
    }

    @Test func `a past in which a key was sent twice is told`() async throws {
        let site = try await TestSite()
        let desk = ItemDesk(site.journal)
        let job = ResumeStory.job
        try await desk.give(.beginRun(job: job, WorkerNumber(rawValue: 7)), to: job)
        let open = try await desk.begin("open", worker: 7, job: job)
        let failed = try await desk.begin("failed", worker: 7, job: job)
        try await desk.give(
            .reject(.sender, isFinal: false, reason: "offline", .standard),
            to: failed
        )
        let state = try await site.state(of: "failed")
        let request = try #require(state.request)
        // What no decision leads to: a second attempt while the first may have been sent.
        let second = try #require(
            try ItemMachine()
                .decide(
                    .begin(request, ItemDesk.hold(8), .standard),
                    in: state,
                    context: TurnContext(now: site.time.now)
                )
                .first
        )
        let receipt = try await site.journal.append(
            try ItemMachine().newEvent(second),
            to: open
        )
        let past = try #require(try await ItemView(site.journal).resumePast(of: job))
        #expect(past.breachCount == 1)
        #expect(past.breaches.map(\.position) == [receipt.position])
        #expect(past.breaches.map(\.key) == ["open"])
    }
}
