import Cairn
import CairnTestSupport
import Foundation
import Testing

/// What `resume --dry-run` says of a job of three items: one done, one lost, one that is held.
struct ResumeVerbTests {
    private static let now = ["--now", "2026-02-02T10:07:00Z"]

    private static func object(_ run: CairnProcess) throws -> [String: Any] {
        try #require(run.json as? [String: Any], "\(run.error)")
    }

    /// The counts of send, skip, wait and park.
    private static func counts(_ object: [String: Any]) -> [Int?] {
        ["send", "skip", "wait", "park"].map { object[$0] as? Int }
    }

    @Test func `nothing is ever sent, nor written`() async throws {
        let fixture = try await ItemFixture()
        let bytes = try fixture.bytes()
        let run = try await fixture.cairn("resume newsletter")
        #expect(run.status == 64)
        #expect(run.error.contains("cairn sends nothing") && run.error.contains("JobRunner"))
        #expect(run.error.split(separator: "\n").count == 1)
        for line in ["", "newsletter", "newsletter --crashed", "newsletter --every-point"] {
            #expect(try await fixture.cairn("resume --dry-run \(line)").status == 0)
        }
        #expect(try fixture.bytes() == bytes)
    }

    @Test func `a job's items are told apart by what becomes of them`() async throws {
        let fixture = try await ItemFixture()
        let line = ["resume", "newsletter", "--dry-run", "--format", "json"] + Self.now
        let plan = try Self.object(try await fixture.cairn(line))
        #expect(Self.counts(plan) == [0, 1, 1, 1])
        #expect(plan["new"] is NSNull)
        #expect(plan["obstacle"] as? String == "paused by ada: wrong template")
        #expect(plan["crashed"] as? Bool == false)
        let items = try #require(plan["items"] as? [[String: Any]])
        #expect(items.map { $0["idempotency_key"] as? String } == ["k-5", "k-2"])
        #expect(items.map { $0["decision"] as? String } == ["wait", "park"])
        #expect(items.map { $0["in_doubt_for"] as? Double } == [nil, 300])
        #expect(items[0]["settled_by"] is NSNull)
        #expect((items[1]["settled_by"] as? String)?.contains("cairn resolve k-2") == true)
        let all = try await fixture.cairn("resume --dry-run --format json").json
        let jobs = try #require(all as? [[String: Any]])
        #expect(jobs.map { $0["job"] as? String } == ["newsletter"])
        #expect(jobs.map { Self.counts($0) } == [[0, 1, 1, 1]])
    }

    struct Case: CustomTestStringConvertible {
        let options: String
        let counts: [Int]
        let keys: [String]

        var testDescription: String { options }
    }

    static let cases = [
        Case(options: "--crashed", counts: [0, 1, 0, 2], keys: ["k-5", "k-2"]),
        Case(options: "--as-of 2026-02-02T10:02:30Z", counts: [0, 1, 0, 1], keys: ["k-2"]),
        Case(options: "--in-doubt dedup_by_key", counts: [1, 1, 1, 0], keys: ["k-5", "k-2"]),
        Case(options: "--decision skip", counts: [0, 1, 1, 1], keys: ["k-1"]),
        Case(options: "--verdict in_doubt", counts: [0, 1, 1, 1], keys: ["k-2"]),
        Case(options: "--limit 1", counts: [0, 1, 1, 1], keys: ["k-5"]),
        Case(options: "--policy unless_failed", counts: [0, 1, 1, 1], keys: ["k-5", "k-2"]),
    ]

    @Test(arguments: cases)
    func `options say what is asked`(_ asked: Case) async throws {
        let fixture = try await ItemFixture()
        let line = "resume newsletter --dry-run --format json \(asked.options)"
        let plan = try Self.object(try await fixture.cairn(line))
        #expect(Self.counts(plan) == asked.counts)
        // The words of the options are those of the answer.
        for (option, key) in [("--policy ", "policy"), ("--in-doubt ", "in_doubt")]
        where asked.options.hasPrefix(option) {
            #expect(plan[key] as? String == String(asked.options.dropFirst(option.count)))
        }
        let items = try #require(plan["items"] as? [[String: Any]])
        #expect(items.map { $0["idempotency_key"] as? String } == asked.keys)
    }

    @Test func `each point of the past is one before a crash`() async throws {
        let fixture = try await ItemFixture()
        let line = "resume newsletter --dry-run --every-point --format json"
        let past = try Self.object(try await fixture.cairn(line))
        #expect(past["point_count"] as? Int == 7)
        #expect(past["breach_count"] as? Int == 0)
        #expect(past["parked_max"] as? Int == 2)
        let stretches = try #require(past["stretches"] as? [[String: Any]])
        #expect(stretches.map { $0["from"] as? Int } == [1, 2, 4, 6, 13])
        #expect(stretches.map { $0["to"] as? Int } == [1, 3, 5, 12, 14])
        #expect(
            stretches.map { Self.counts($0) }
                == [[0, 0, 0, 0], [0, 0, 0, 1], [0, 1, 0, 0], [0, 1, 0, 1], [0, 1, 0, 2]]
        )
        let cut = try await fixture.cairn("resume newsletter --dry-run --every-point --limit 2")
        #expect(cut.output.contains("and 3 more; --limit shows them"))
    }

    @Test func `a past that sent a key twice ends with 1 and its position`() async throws {
        let fixture = try await ItemFixture()
        let journal = try LMDBJournal(path: fixture.folder.path("j"))
        let failed = try await StreamFold(ItemMachine(), of: try ItemKey("k-3").stream)
            .folded(in: journal).state
        let request = try #require(failed.request)
        // What no decision leads to: a second attempt while the first may have been sent.
        let second = try #require(
            try ItemMachine()
                .decide(
                    .begin(request, ItemDesk.hold(8), .unlessFailed),
                    in: failed,
                    context: TurnContext(now: .unixEpoch)
                )
                .first
        )
        let stream = try ItemKey("k-2").stream
        let receipt = try await journal.append(try ItemMachine().newEvent(second), to: stream)
        journal.close()
        let line = "resume newsletter --dry-run --every-point"
        let run = try await fixture.cairn(line)
        #expect(run.status == 1)
        #expect(run.error.hasPrefix("cairn: resume: position \(receipt.position): attempt 2 began"))
        let past = try Self.object(try await fixture.cairn("\(line) --format json"))
        let breaches = try #require(past["breaches"] as? [[String: Any]])
        #expect(breaches.map { $0["idempotency_key"] as? String } == ["k-2"])
    }

    @Test(
        arguments: [
            ("resume --dry-run --every-point", 64), ("resume --dry-run --decision send", 64),
            ("resume newsletter --dry-run --every-point --verdict done", 64),
            ("resume newsletter --dry-run --decision conflict", 64),
            ("resume newsletter --dry-run --policy twice", 64),
            ("resume newsletter --dry-run --attempts 0", 64),
            ("resume nothing --dry-run", 66), ("resume nothing --dry-run --every-point", 66),
        ] as [(String, Int32)]
    )
    func `what makes no sense is refused`(line: String, status: Int32) async throws {
        let run = try await ItemFixture().cairn(line)
        #expect(run.status == status)
        #expect(run.output == "")
        #expect(run.error.split(separator: "\n").count == 1, "\(run.error)")
    }
}
