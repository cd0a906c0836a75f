import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import CairnTestSupport
import CairnTesting
import Testing

/// A bundle of items and jobs: each key stands at what it stands at in the original.
struct BundleItemTests {
    private static let job = "newsletter of Ada"

    private static let commands: [ItemCommand] = [
        .resume(ItemDesk.hold(8), .dedup, .standard),
        .resume(ItemDesk.hold(9), .notSent, ResumeBounds(lossCountMax: 1, resendCountMax: 2)),
        .accept(ItemStory.acceptance),
        .reject(.provider, isFinal: false, reason: "busy", .standard),
        .reject(.sender, isFinal: false, reason: "offline", .once),
        .reject(.provider, isFinal: true, reason: "no such address", .standard),
        .doubt(ItemDoubt(.timeout, detail: "30s")),
        .noteLoss,
        .release,
        .settle(ItemSettlement(.sent, source: .person, by: "ada")),
        .settle(ItemSettlement(.failed, source: .ask, by: "policy", reason: "not there")),
        .settle(ItemSettlement(.failedFinal, source: .lateReply, by: "provider")),
        .beginStep(ItemStepMark(number: 1, name: "first")),
        .endStep(ItemStepEnd(number: 1, result: Array("{}".utf8))),
        .failStep(ItemStepFailure(number: 1, reason: "no")),
        .receive(ItemStory.callback(.delivered, word: "ok")),
        .receive(ItemStory.callback(.softFailure, word: "later")),
        .receive(ItemStory.callback(.opened, reference: "R-2", word: "open")),
        .receive(ItemStory.callback(.hardFailure, word: "never")),
    ]

    /// A job of items with all that may become of them; worker 7 lives and worker 8 does not.
    private static func items(seed: UInt64, in story: ItemStory) async throws {
        var random = SeededGenerator(seed: seed)
        try await story.desk.give(
            .beginRun(job: job, WorkerNumber(rawValue: 7), itemCount: 24),
            to: job
        )
        for number in 1...24 {
            let name = number == 5 ? String(repeating: "\u{10348}", count: 127) : "k-\(number)"
            let message = ItemStory.message("u-\(number)", customer: "c-\(number % 3)")
            let stream = try await story.desk.begin(
                name,
                worker: 7 + UInt64(number % 2),
                number.isMultiple(of: 4) ? nil : message,
                job: job,
                worksInSteps: number.isMultiple(of: 3)
            )
            story.advance(by: .seconds(1))
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                if Int.random(in: 0..<6, using: &random) == 0 {
                    _ = try? await story.desk.begin(name, worker: 7)
                }
                guard let command = commands.randomElement(using: &random) else { continue }
                _ = try? await story.desk.give(command, to: stream)
            }
        }
        try await story.desk.give(.pause(JobDecision(by: "ada", reason: "template")), to: job)
    }

    /// What a row says without the texts in it.
    private static func facts(_ row: ItemRow, shift: TimeSpan) -> [String] {
        let state = row.state
        func time(_ time: Timestamp?) -> String {
            time.map { $0.adding(shift).nanoseconds.description } ?? "-"
        }
        let attempts = state.attempts.map { attempt in
            "\(attempt.number) \(attempt.fence) \(attempt.status?.word ?? "-") "
                + "\(attempt.resendCount) \(attempt.laggards.count) \(time(attempt.beganAt)) "
                + "\(time(attempt.plannedRetry)) \(attempt.mayHaveArrived)"
        }
        return [
            row.verdict.word, state.status?.word ?? "-", "\(state.eventCount)", "\(state.isNote)",
            "\(state.lossCount) \(state.anomalyCount) \(state.strayCallbackCount)",
            "\(state.steps.count) \(state.setAside != nil)", "\(row.run ?? 0)",
            row.channel?.word ?? "-", time(row.createdAt), time(row.updatedAt), time(row.retryAt),
            time(row.inDoubtSince), "\(row.isContradicted)",
        ] + attempts
    }

    private static func view(of story: BundleStory) async throws -> ItemView {
        let workers = try await BundleManifest.liveWorkers(of: story.bundle.journal)
        let live = try #require(workers)
        return ItemView(story.bundle.journal) { worker in live.contains(worker) }
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func `each item of a job has its verdict`(seed: UInt64) async throws {
        let story = try ItemStory()
        let lock = try await story.journal.lockLife(7)
        try await Self.items(seed: seed, in: story)
        let bundled = try await BundleStory(
            BundleSelection(jobs: [Self.job]),
            of: story.journal
        )
        let view = try await Self.view(of: bundled)
        let before = try await story.view.items(now: story.now)
        let after = try await view.items(now: story.now)
        #expect(before.count == 24 && after.count == 24)
        let first = try #require(before.last?.createdAt)
        let shift = try #require(after.last?.createdAt).since(first)
        #expect(shift < .seconds(-364 * 86_400))
        for (row, other) in zip(before, after) {
            let expected = Self.facts(row, shift: shift)
            #expect(Self.facts(other, shift: .zero) == expected, "\(row.stream), seed \(seed)")
            // Every way to an item leads to it under its other name.
            let key = try ItemKey(try #require(other.key))
            let sight = try await view.item(key: key, now: story.now)
            #expect(sight?.row == other, "\(other.stream)")
            guard let uuid = other.uuid, let customer = other.customer else { continue }
            #expect(try await view.item(uuid: uuid, now: story.now)?.row == other)
            let history = try await view.history(customer: customer, now: story.now)
            #expect(history.contains(other))
        }
        let name = try #require(after.first?.job)
        let job = try #require(try await view.job(named: name, now: story.now.adding(shift)))
        let original = try await story.view.job(named: Self.job, now: story.now)
        #expect(job.itemCounts == original?.itemCounts)
        #expect(job.doubts.count == original?.doubts.count)
        #expect(job.runs.count == 1 && job.decisions.count == 1)
        #expect(job.offeredCount == 24)
        lock.release()
    }

    @Test func `an item goes without its job and without others of its customer`() async throws {
        let story = try ItemStory()
        try await Self.items(seed: 1, in: story)
        let key = try ItemKey("k-6")
        let row = try #require(try await story.view.item(key: key, now: story.now)).row
        let bundled = try await BundleStory(
            BundleSelection(items: [row.stream, row.stream]),
            of: story.journal
        )
        #expect(bundled.manifest.counts.items == 1)
        #expect(bundled.manifest.counts.jobs == 0)
        let view = try await Self.view(of: bundled)
        let rows = try await view.items(now: story.now)
        #expect(rows.count == 1)
        #expect(rows.first?.verdict.word == row.verdict.word)
        let customer = try #require(rows.first?.customer)
        #expect(try await view.history(customer: customer, now: story.now) == rows)
        #expect(try await view.jobs().isEmpty)
        await #expect(throws: BundleError.unknownJob("nobody's")) {
            _ = try await BundleStory(BundleSelection(jobs: ["nobody's"]), of: story.journal)
        }
    }

    @Test func `as of a moment it is open who lived, in the bundle as well`() async throws {
        let story = try ItemStory()
        let stream = try await story.desk.begin("k-1", worker: 8)
        let bound = try await story.journal.head().lastPosition
        try await story.desk.give(.accept(ItemStory.acceptance), to: stream)
        let bundled = try await BundleStory(
            BundleSelection(items: [stream]),
            of: story.journal,
            asOf: bound
        )
        let rows = try await Self.view(of: bundled).items(now: story.now)
        #expect(rows.map(\.verdict.word) == ["in_flight"])
        let now = try await BundleStory(BundleSelection(items: [stream]), of: story.journal)
        #expect(try await Self.view(of: now).items(now: story.now).map(\.verdict.word) == ["done"])
    }
}
