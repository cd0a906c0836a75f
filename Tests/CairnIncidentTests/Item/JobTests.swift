import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import CairnTestSupport
import Testing

struct JobTests {
    private func worker(_ number: UInt64) -> WorkerNumber { WorkerNumber(rawValue: number) }

    private func end(
        _ number: UInt64,
        _ ending: JobEnding,
        offered: Int64
    ) -> JobCommand {
        var counts = JobCounts()
        counts.offered = offered
        return .endRun(number, ending, counts)
    }

    @Test func `jobs are told apart by what their runs do`() async throws {
        let story = try ItemStory()
        let desk = story.desk
        let lock = try await story.journal.lockLife(7)
        let decision = JobDecision(by: "ada", reason: "wrong template")
        for (name, number) in [
            ("finished", 7), ("interrupted", 8), ("paused", 7), ("cancelled", 7), ("running", 7),
        ] as [(String, UInt64)] {
            try await desk.give(.beginRun(job: name, worker(number)), to: name)
        }
        try await desk.give(end(1, .finished, offered: 3), to: "finished")
        try await desk.give(.pause(decision), to: "paused")
        try await desk.give(.cancel(decision), to: "cancelled")
        let rows = try await story.view.jobs()
        #expect(rows.map(\.name) == ["running", "cancelled", "paused", "interrupted", "finished"])
        #expect(rows.map(\.standing.rawValue) == rows.map(\.name))
        #expect(rows.map(\.pause?.by) == [nil, nil, "ada", nil, nil])
        #expect(rows.last?.lastEnd?.counts.offered == 3)
        lock.release()
    }

    @Test func `a job has its runs, its decisions and its items by verdict`() async throws {
        let story = try ItemStory()
        let desk = story.desk
        let lock = try await story.journal.lockLife(7)
        try await desk.give(.beginRun(job: "news", worker(7)), to: "news")
        let decision = JobDecision(by: "ada", reason: "wrong template")
        try await desk.give(.pause(decision), to: "news")
        try await desk.give(.resume(JobDecision(by: "bob", reason: "mended")), to: "news")
        for key in ["a", "b", "c"] {
            story.advance(by: .seconds(1))
            let stream = try await desk.begin(key, worker: 7, job: "news")
            if key != "c" { try await desk.give(.accept(ItemStory.acceptance), to: stream) }
        }
        story.advance(by: .seconds(10))
        try await desk.begin("lost", worker: 8, job: "news")
        try await desk.begin("other", worker: 8, job: "other")
        story.advance(by: .seconds(7))
        let job = try #require(try await story.view.job(named: "news", now: story.now))
        #expect(job.row.standing == .running)
        #expect(
            job.itemCounts.map { "\($0.verdict) \($0.count)" } == [
                "done 2", "in_flight 1", "in_doubt 1", "failed_retryable 0", "failed_final 0",
            ]
        )
        #expect(job.doubts.map(\.key) == ["lost"])
        #expect(job.doubts.map(\.inDoubtFor) == [.seconds(7)])
        #expect(job.runs.map(\.isAlive) == [true])
        let decisions = job.decisions.map { "\($0.kind) \($0.decision.by)" }
        #expect(decisions == ["paused ada", "resumed bob"])
        #expect(job.rate == JobRate(outcomeCount: 2, span: .seconds(20)))
        #expect(job.rate?.perSecondText == "0.1")
        #expect(job.timeLeft == nil)
        lock.release()
    }

    @Test func `the time left is known once a run went through all items`() async throws {
        let story = try ItemStory()
        let desk = story.desk
        try await desk.give(.beginRun(job: "news", worker(6)), to: "news")
        let failed = try await desk.begin("a", worker: 6, job: "news")
        try await desk.give(
            .reject(.provider, isFinal: false, reason: "busy", .standard),
            to: failed
        )
        try await desk.give(end(1, .finished, offered: 5), to: "news")
        story.advance(by: .seconds(3_600))
        let lock = try await story.journal.lockLife(7)
        try await desk.give(.beginRun(job: "news", worker(7)), to: "news")
        try await desk.begin("a", worker: 7)
        try await desk.give(.accept(ItemStory.acceptance), to: failed)
        story.advance(by: .seconds(10))
        let job = try #require(try await story.view.job(named: "news", now: story.now))
        #expect(job.offeredCount == 5)
        // One outcome in the ten seconds of this run; four items are left.
        #expect(job.rate == JobRate(outcomeCount: 1, span: .seconds(10)))
        #expect(job.timeLeft == .seconds(40))
        lock.release()
        let ended = try #require(try await story.view.job(named: "news", now: story.now))
        #expect(ended.row.standing == .interrupted)
        #expect(ended.timeLeft == nil)
        #expect(ended.rate == nil)
    }

    @Test func `the time left is known from the first run on, where that says how many items`()
        async throws
    {
        let story = try ItemStory()
        let desk = story.desk
        try await desk.give(.beginRun(job: "news", worker(6), itemCount: 10), to: "news")
        let first = try await desk.begin("a", worker: 6, job: "news")
        try await desk.give(.accept(ItemStory.acceptance), to: first)
        // It was killed, and is gone on with.
        story.advance(by: .seconds(3_600))
        let lock = try await story.journal.lockLife(7)
        try await desk.give(.beginRun(job: "news", worker(7), itemCount: 8), to: "news")
        let second = try await desk.begin("b", worker: 7, job: "news")
        try await desk.give(.accept(ItemStory.acceptance), to: second)
        let busy = try await desk.begin("c", worker: 7, job: "news")
        try await desk.give(.reject(.provider, isFinal: false, reason: "busy", .standard), to: busy)
        story.advance(by: .seconds(10))
        let job = try #require(try await story.view.job(named: "news", now: story.now))
        #expect(job.offeredCount == 8)
        // What is tried again has come to nothing yet.
        #expect(job.rate == JobRate(outcomeCount: 1, span: .seconds(10)))
        #expect(job.timeLeft == .seconds(60))
        lock.release()
    }

    @Test func `items that others began count as they end`() async throws {
        let story = try ItemStory()
        let desk = story.desk
        let lock = try await story.journal.lockLife(7)
        try await desk.give(.beginRun(job: "news", worker(7), itemCount: 3_000), to: "news")
        let own = try await desk.begin("a", worker: 7, job: "news")
        try await desk.give(.accept(ItemStory.acceptance), to: own)
        let block = JobBlock(
            number: 0,
            digest: ContentDigest(type: "block", content: [UInt8]().span.bytes),
            doneCount: 1_024,
            failedCount: 0,
            foreignCount: 1_023
        )
        try await desk.give(.settleBlock(block), to: "news")
        story.advance(by: .seconds(1))
        let job = try #require(try await story.view.job(named: "news", now: story.now))
        // One a second, of which 1,024 have an end.
        #expect(job.timeLeft == .seconds(3_000 - 1_024))
        var counts = JobCounts()
        counts.sent = 1
        counts.done = 1_999
        try await desk.give(.endRun(1, .stopped, counts), to: "news")
        try await desk.give(.beginRun(job: "news", worker(7)), to: "news")
        let next = try await desk.begin("b", worker: 7, job: "news")
        story.advance(by: .seconds(1))
        try await desk.give(.accept(ItemStory.acceptance), to: next)
        let later = try #require(try await story.view.job(named: "news", now: story.now))
        #expect(later.offeredCount == 3_000, "the latest run that knew")
        #expect(later.timeLeft == .seconds(1_000))
        lock.release()
    }

    @Test func `counts that cannot be make no time left`() async throws {
        let story = try ItemStory()
        let desk = story.desk
        let lock = try await story.journal.lockLife(7)
        var counts = JobCounts()
        (counts.sent, counts.done, counts.failed) = (.max, .max, .min)
        let digest = ContentDigest(type: "block", content: [UInt8]().span.bytes)
        try await desk.give(.beginRun(job: "news", worker(7), itemCount: .min), to: "news")
        for number in Int64(0)..<3 {
            let block = JobBlock(
                number: number,
                digest: digest,
                doneCount: .max,
                failedCount: .max,
                foreignCount: .max
            )
            try await desk.give(.settleBlock(block), to: "news")
        }
        try await desk.give(.endRun(1, .stopped, counts), to: "news")
        try await desk.give(.beginRun(job: "news", worker(7), itemCount: .min), to: "news")
        let own = try await desk.begin("a", worker: 7, job: "news")
        try await desk.give(.accept(ItemStory.acceptance), to: own)
        story.advance(by: .seconds(1))
        let job = try #require(try await story.view.job(named: "news", now: story.now))
        #expect(job.timeLeft == .zero)
        lock.release()
    }

    @Test func `a job that nobody began is none`() async throws {
        let story = try ItemStory()
        try await story.desk.give(.beginRun(job: "news", worker(7)), to: "news")
        #expect(try await story.view.job(named: "new", now: story.now) == nil)
        let before = ItemView(story.journal, asOf: .zero)
        #expect(try await before.job(named: "news", now: story.now) == nil)
    }
}
