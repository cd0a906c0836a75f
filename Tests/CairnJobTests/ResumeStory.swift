import Cairn
import CairnTestSupport
import CairnTesting
import Testing

/// A job with a random past: attempts that failed, were lost, set aside, reported on or settled,
/// by holders of whom one lives.
struct ResumeStory {
    static let job = "letters"
    private static let living: UInt64 = 50_000
    private static let gone: UInt64 = 50_001
    private static let holder = WorkerNumber(rawValue: living)

    let site: TestSite
    let policy: ItemPolicy
    let summary: String
    private let keys: [String]
    /// Keys that stand for something else than the run has.
    private let changed: Set<String>
    private let lock: any LifeLock

    /// What is to be seen of a run.
    struct Expectation {
        var sent: Set<String> = []
        var parked: Set<String> = []
        var changed: Set<String> = []
        var left: Set<String> = []
        var skipCount: Int64 = 0
    }

    init(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        site = try await TestSite()
        let worksInSteps = seed.isMultiple(of: 4)
        let doubts: [DoubtPolicy] = [
            .park, .dedupByKey, .awaitCallback(until: .seconds(3)),
            .ask(settle: .zero) { _ in .notSent },
        ]
        let skips = SkipRule.allCases
        var policy = ItemPolicy.thrice(
            doubts[Int.random(in: 0..<doubts.count, using: &random)],
            worksInSteps: worksInSteps
        )
        policy.skip = skips[Int.random(in: 0..<skips.count, using: &random)]
        // So long that no send runs out of its time on a busy machine.
        policy.timeout = .seconds(600)
        policy.bounds = ResumeBounds(lossCountMax: 2, resendCountMax: 100)
        self.policy = policy
        summary = "\(policy.skip), \(policy.doubt), in steps: \(worksInSteps)"
        keys = (0..<24).map { "k-\($0)" }
        lock = try await site.journal.lockLife(Self.living)
        let desk = ItemDesk(site.journal)
        let worker = WorkerNumber(rawValue: Self.gone)
        try await desk.give(
            .beginRun(job: Self.job, worker, itemCount: Int64(keys.count)),
            to: Self.job
        )
        var changed: Set<String> = []
        for key in keys where Int.random(in: 0..<6, using: &random) > 0 {
            let isOther = Int.random(in: 0..<8, using: &random) == 0
            if isOther { changed.insert(key) }
            try await Self.live(
                key,
                content: isOther ? "other" : key,
                worksInSteps: worksInSteps,
                policy,
                desk,
                site.time,
                &random
            )
        }
        self.changed = changed
    }

    private static func live(
        _ key: String,
        content: String,
        worksInSteps: Bool,
        _ policy: ItemPolicy,
        _ desk: ItemDesk,
        _ time: TestTime,
        _ random: inout SeededGenerator
    ) async throws {
        let request = ItemRequest(
            key: try ItemKey(key),
            content: digest(of: content),
            job: job,
            run: 1,
            worksInSteps: worksInSteps
        )
        let stream = try ItemKey(key).stream
        let worker = Int.random(in: 0..<5, using: &random) == 0 ? living : gone
        let begin = ItemCommand.begin(request, ItemDesk.hold(worker), .standard)
        try await desk.give(begin, to: stream)
        let commands = commands(worker, policy)
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            time.advance(by: .milliseconds(Int64.random(in: 0...400, using: &random)))
            // Refused where the key forbids it, as other commands are.
            if Int.random(in: 0..<4, using: &random) == 0 {
                _ = try? await desk.give(begin, to: stream)
            }
            guard let command = commands.randomElement(using: &random) else { continue }
            _ = try? await desk.give(command, to: stream)
        }
    }

    private static func commands(_ worker: UInt64, _ policy: ItemPolicy) -> [ItemCommand] {
        let bounds = ResumeBounds(lossCountMax: 2, resendCountMax: 3)
        return [
            .resume(ItemDesk.hold(worker), .dedup, bounds),
            .resume(ItemDesk.hold(worker), .notSent, bounds),
            .resume(ItemDesk.hold(worker), .steps, bounds),
            .accept(ItemAcceptance(provider: "p", providerReference: "r")),
            .reject(.provider, isFinal: false, reason: "busy", policy.attempts),
            .reject(.sender, isFinal: false, reason: "offline", policy.attempts),
            .reject(.sender, isFinal: false, reason: "offline", .once),
            .reject(.steps, isFinal: false, reason: "a step failed", policy.attempts),
            .reject(.provider, isFinal: true, reason: "no such address", policy.attempts),
            .doubt(ItemDoubt(.timeout, detail: "30s")), .noteLoss, .noteLoss, .release,
            .settle(ItemSettlement(.sent, source: .person, by: "ada")),
            .settle(ItemSettlement(.failed, source: .ask, by: "policy", reason: "not there")),
            .settle(ItemSettlement(.failedFinal, source: .lateReply, by: "provider")),
            .beginStep(ItemStepMark(number: 1, name: "first")),
            .endStep(ItemStepEnd(number: 1, result: Array("[1]".utf8))),
            .failStep(ItemStepFailure(number: 1, reason: "no")),
            .receive(callback(.delivered)), .receive(callback(.softFailure)),
            .receive(callback(.hardFailure)),
        ]
    }

    private static func callback(_ meaning: CallbackMeaning) -> InteractionCallback {
        InteractionCallback(provider: "p", reference: "r", word: "word", meaning: meaning)
    }

    private static func digest(of content: String) -> ContentDigest {
        ContentDigest(type: "item", content: Array(content.utf8).span.bytes)
    }

    /// What a resume would do now, with all rows.
    func plan(comparing: Bool = true) async throws -> ResumePlan {
        let content: @Sendable (ItemKey) -> ContentDigest? = { Self.digest(of: $0.name) }
        var rows: [ResumeRow] = []
        var plan: ResumePlan?
        for kind in ResumeKind.allCases {
            let query = ResumeQuery(
                rule: policy.rule,
                kind: kind,
                limit: 1_000,
                content: comparing ? content : nil
            )
            plan = try await ItemView(site.journal)
                .resumePlan(of: Self.job, for: query, now: site.time.now)
            rows += plan?.rows ?? []
        }
        let last = try #require(plan)
        #expect(rows.count == last.counts.known)
        let listed = rows
        self.rows.change { $0 = listed }
        return last
    }

    private let rows = Shared<[ResumeRow]>([])

    /// What a run has to do by the plan that was made last.
    func expectation(of plan: ResumePlan) -> Expectation {
        var expected = Expectation()
        let rows = rows.value
        for row in rows {
            let key = row.item.key ?? ""
            switch (row.decision, row.kind) {
            // What a living worker may still send is not asked about, and parked in the end.
            case (.ask, _) where row.item.state.current?.laggards.contains(Self.holder) ?? false:
                expected.parked.insert(key)
            case (.ask, _) where row.isSetAsideOnceAsked(under: policy.rule):
                expected.parked.insert(key)
            // The provider says that it never came there, and it is sent again.
            case (.ask, _): expected.sent.insert(key)
            case (.awaitReport, _): expected.parked.insert(key)
            case (_, .send): expected.sent.insert(key)
            case (_, .skip): expected.skipCount += 1
            case (_, .wait): expected.left.insert(key)
            case (_, .park): expected.parked.insert(key)
            case (_, .conflict): expected.changed.insert(key)
            }
        }
        let known = Set(rows.compactMap(\.item.key))
        let fresh = keys.filter { !known.contains($0) }
        #expect(plan.counts.new == Int64(fresh.count))
        #expect(expected.changed.isSubset(of: changed))
        expected.sent.formUnion(fresh)
        return expected
    }

    /// Runs the job until no more items are left than that, each of which another holds.
    func run(leaving count: Int) async throws -> (report: JobReport, sent: Set<String>) {
        let (sent, worksInSteps) = (Shared<Set<String>>([]), policy.worksInSteps)
        let (runner, time, policy, keys) = (site.runner(), site.time, policy, keys)
        let run = Shared<Task<JobReport, any Error>?>(nil)
        let task = Task {
            try await runner.run(
                job: Self.job,
                items: keys,
                reading: JobItems(key: { $0 }, content: { Array($0.utf8) }),
                policy: JobPolicy(item: policy),
                progress: { progress in
                    guard count > 0, progress.counts.left == count,
                        progress.counts.offered == keys.count
                    else { return }
                    run.value?.cancel()
                }
            ) { key, attempt in
                if worksInSteps { _ = try await attempt.step("first") { 1 } }
                sent.change { _ = $0.insert(key) }
                return .accepted
            }
        }
        run.change { $0 = task }
        let report = try await time.flowing { try await task.value }
        return (report, sent.value)
    }
}

extension ResumeRow {
    /// Whether its bounds keep it from being sent once the provider says that it has not got it.
    fileprivate func isSetAsideOnceAsked(under rule: ItemRule) -> Bool {
        let decision = item.state.goingOn(.notSent, under: rule, at: item.now)
        return if case .setAside = decision { true } else { false }
    }
}
