import Cairn
import CairnTestSupport
import Foundation
import Testing

/// A person's decision of a doubt, and every case in which there is nothing to decide.
struct ResolveTests {
    private static let by = ["--by", "ada", "--reason", "the provider says so"]

    private func row(
        _ fixture: ItemFixture,
        _ key: String
    ) async throws -> [String: Any] {
        let run = try await fixture.cairn("key \(key) --format json")
        return try #require(run.json as? [String: Any])
    }

    struct Decision: CustomTestStringConvertible, Sendable {
        let flags: [String]
        let verdict: String
        let status: String

        var testDescription: String { flags.joined(separator: " ") }
    }

    static let decisions = [
        Decision(flags: ["--sent"], verdict: "done", status: "SENT"),
        Decision(flags: ["--failed"], verdict: "failed_retryable", status: "FAILED"),
        Decision(flags: ["--failed", "--final"], verdict: "failed_final", status: "FAILED"),
    ]

    @Test(arguments: decisions)
    func `a decision is an event, and the loss before it, too`(_ decision: Decision) async throws {
        let fixture = try await ItemFixture()
        let run = try await fixture.cairn(["resolve", "k-2"] + decision.flags + Self.by)
        #expect(run.status == 0, "\(run.error)")
        #expect(run.error == "")
        let row = try await row(fixture, "k-2")
        #expect(row["verdict"] as? String == decision.verdict)
        #expect(row["status"] as? String == decision.status)
        #expect(row["resolved_by"] as? String == "ada")
        let events = try #require(row["events"] as? [[String: Any]])
        #expect(
            events.map { $0["type"] as? String } == [
                "attempt.began", "attempt.doubted", "attempt.settled",
            ]
        )
        // Repeated, it changes nothing.
        let before = try fixture.bytes()
        let again = try await fixture.cairn(["resolve", "k-2"] + decision.flags + Self.by)
        #expect(again.status == 65)
        #expect(
            again.error
                == "cairn: resolve: it is so already, decided by ada: the provider says so\n"
        )
        #expect(try fixture.bytes() == before)
        let other = decision.flags == ["--sent"] ? "--failed" : "--sent"
        let contrary = try await fixture.cairn(["resolve", "k-2", other] + Self.by)
        #expect(contrary.status == 65)
        #expect(contrary.error.contains("its verdict is \(decision.verdict)"))
    }

    @Test func `a decision prints what the key verb does`() async throws {
        let fixture = try await ItemFixture()
        let arguments = ["resolve", "--uuid", "u-2", "--sent", "--format", "json"] + Self.by
        let run = try await fixture.cairn(arguments)
        #expect(try await fixture.cairn("key k-2 --format json").output == run.output)
    }

    struct Refusal: CustomTestStringConvertible, Sendable {
        let arguments: [String]
        let status: Int32
        let clue: String

        init(_ line: String, _ status: Int32, _ clue: String) {
            arguments = line.split(separator: " ").map(String.init)
            self.status = status
            self.clue = clue
        }

        var testDescription: String { arguments.joined(separator: " ") }
    }

    static let refusals = [
        Refusal("k-5 --sent --by a --reason b", 65, "worker 1000 is alive and has it"),
        Refusal("k-1 --sent --by a --reason b", 65, "its verdict is done"),
        Refusal("k-3 --failed --by a --reason b", 65, "failed_final (no such number)"),
        Refusal("--uuid u-4 --sent --by a --reason b", 65, "its verdict is done"),
        Refusal("nosuch --sent --by a --reason b", 66, "its verdict is fresh"),
        Refusal("--uuid nosuch --sent --by a --reason b", 66, "no interaction nosuch"),
        Refusal("k-2 --by a --reason b", 64, "--sent or --failed"),
        Refusal("k-2 --sent --failed --by a --reason b", 64, "--sent or --failed"),
        Refusal("k-2 --sent --final --by a --reason b", 64, "--final goes with --failed"),
        Refusal("k-2 --failed --whole-item --by a --reason b", 64, "goes with --sent"),
        Refusal("k-2 --sent --by  --reason b", 64, "Missing value for '--by"),
        Refusal("k-2 --sent --reason b", 64, "--by"),
        Refusal("k-2 --sent --by a", 64, "--reason"),
        Refusal("k-2 --uuid u-2 --sent --by a --reason b", 64, "two items"),
        Refusal("--sent --by a --reason b", 64, "no item is named"),
    ]

    @Test(arguments: refusals)
    func `what is not in doubt is not decided`(_ refusal: Refusal) async throws {
        let fixture = try await ItemFixture()
        let before = try fixture.bytes()
        let run = try await fixture.cairn(["resolve"] + refusal.arguments)
        #expect(run.status == refusal.status)
        #expect(run.output == "")
        #expect(run.error.contains(refusal.clue), "\(run.error)")
        #expect(run.error.split(separator: "\n").count == 1)
        #expect(try fixture.bytes() == before)
    }

    /// Gives an item commands, as its worker would.
    private func give(
        _ commands: [ItemCommand],
        to key: String,
        worksInSteps: Bool = false,
        in fixture: ItemFixture
    ) async throws {
        let journal = try LMDBJournal(path: fixture.folder.path("j"))
        let desk = ItemDesk(journal)
        let stream = try await desk.begin(
            key,
            worker: ItemFixture.deadWorker,
            worksInSteps: worksInSteps
        )
        for command in commands { try await desk.give(command, to: stream) }
        journal.close()
    }

    @Test func `what was set aside for a person is decided by one`() async throws {
        let fixture = try await ItemFixture()
        let bounds = ResumeBounds(lossCountMax: 1, resendCountMax: 1)
        try await give([.resume(ItemDesk.hold(9), .dedup, bounds)], to: "k-9", in: fixture)
        let row = try await row(fixture, "k-9")
        #expect(row["verdict"] as? String == "in_doubt")
        #expect(
            row["reason"] as? String == "set aside: holders that ended while they had it: 1"
        )
        let run = try await fixture.cairn(["resolve", "k-9", "--failed"] + Self.by)
        #expect(run.status == 0, "\(run.error)")
        #expect(run.output.contains("failed_retryable"))
    }

    @Test func `an item between its steps goes on without a person`() async throws {
        let fixture = try await ItemFixture()
        let first = ItemStepMark(number: 1, name: "first")
        let end = ItemStepEnd(number: 1, result: Array("{}".utf8))
        try await give(
            [.beginStep(first), .endStep(end)],
            to: "k-9",
            worksInSteps: true,
            in: fixture
        )
        let run = try await fixture.cairn(["resolve", "k-9", "--failed"] + Self.by)
        #expect(run.status == 65)
        #expect(run.error.contains("each of its steps is known"))
        // Within a step, nobody knows.
        try await give([.beginStep(first)], to: "k-10", worksInSteps: true, in: fixture)
        let before = try fixture.bytes()
        let refused = try await fixture.cairn(["resolve", "k-10", "--sent"] + Self.by)
        #expect(refused.status == 65)
        #expect(refused.error.contains("the doubt is about step 1 'first'"), "\(refused.error)")
        #expect(refused.error.contains("no later step would be run"))
        #expect(refused.error.split(separator: "\n").count == 1)
        #expect(try fixture.bytes() == before)
        let whole = ["resolve", "k-10", "--sent", "--whole-item"] + Self.by
        #expect(try await fixture.cairn(whole).status == 0)
        // That it did not happen needs no such word.
        try await give([.beginStep(first)], to: "k-11", worksInSteps: true, in: fixture)
        #expect(try await fixture.cairn(["resolve", "k-11", "--failed"] + Self.by).status == 0)
    }

    @Test func `what may still arrive is not called failed`() async throws {
        let fixture = try await ItemFixture()
        let journal = try LMDBJournal(path: fixture.folder.path("j"))
        let lock = try journal.lockLife(4_711)
        let desk = ItemDesk(journal)
        let stream = try await desk.begin("k-9", worker: 4_711)
        try await desk.give(.doubt(ItemDoubt(.timeout)), to: stream)
        let before = try journal.head()
        let refused = try await fixture.cairn(["resolve", "k-9", "--failed"] + Self.by)
        #expect(refused.status == 65)
        #expect(refused.error.contains("a send of worker 4711 ran out of its time"))
        #expect(refused.error.split(separator: "\n").count == 1)
        #expect(try journal.head() == before)
        lock.release()
        journal.close()
        let run = try await fixture.cairn(["resolve", "k-9", "--failed"] + Self.by)
        #expect(run.status == 0, "\(run.error)")
    }

    @Test func `nobody decides in an empty name`() async throws {
        let fixture = try await ItemFixture()
        let run = try await fixture.cairn(
            ["resolve", "k-2", "--sent", "--by", "", "--reason", "x"]
        )
        #expect(run.status == 64)
        #expect(run.error.contains("it is empty"))
    }

    static let badCommands = [
        Refusal("interactions --status READ", 64, "SENT, DELIVERED, FAILED, OPENED"),
        Refusal("interactions --verdict lost", 64, "one of done, in_flight, in_doubt, failed_"),
        Refusal("interactions --verdict fresh", 64, "one of done"),
        Refusal("interactions --verdict conflict", 64, "one of done"),
        Refusal("interactions --limit=-1", 64, "from 1"),
        Refusal("jobs --limit 0", 64, "from 1"),
        Refusal("interactions --limit 0", 64, "from 1"),
        Refusal("history", 64, "Missing expected argument"),
        Refusal("key", 64, "no item is named"),
        Refusal("key nosuch", 66, "its verdict is fresh"),
        Refusal("key k-5 --as-of 3", 66, "its verdict is fresh"),
        Refusal("job nosuch", 66, "'cairn jobs' lists all"),
        Refusal("key \(String(repeating: "x", count: 256))", 65, "at most 255"),
    ]

    @Test(arguments: badCommands)
    func `a wrong command about items ends with its code and one line`(
        _ command: Refusal
    ) async throws {
        let run = try await ItemFixture().cairn(command.arguments)
        #expect(run.status == command.status)
        #expect(run.output == "")
        #expect(run.error.contains(command.clue), "\(run.error)")
        #expect(run.error.split(separator: "\n").count == 1)
    }

    @Test(arguments: ["key", "history", "job"])
    func `an empty name is refused`(verb: String) async throws {
        let run = try await ItemFixture().cairn([verb, ""])
        #expect(run.status == 64)
        #expect(run.error.contains("is empty"), "\(run.error)")
    }

    @Test(arguments: ["--customer", "--job", "--channel"])
    func `an empty filter is refused`(option: String) async throws {
        let run = try await ItemFixture().cairn(["interactions", option, ""])
        #expect(run.status == 64)
        #expect(run.error.contains("is empty"), "\(run.error)")
    }

    @Test func `a journal that is not there is not to be made first`() async throws {
        let folder = try ScratchFolder()
        for arguments in [["resolve", "k", "--sent"] + Self.by, ["key", "k", "--private-copy"]] {
            let run = try await CairnProcess.run(arguments + ["--journal", "no"], in: folder.url)
            #expect(run.status == 66)
            #expect(run.error.contains("no journal at no"), "\(run.error)")
            #expect(!run.error.contains("make it first"))
        }
        #expect(try folder.names() == [])
    }

    @Test func `jobs are listed as far as their limit`() async throws {
        let fixture = try await ItemFixture()
        let journal = try LMDBJournal(path: fixture.folder.path("j"))
        let worker = WorkerNumber(rawValue: 1)
        try await ItemDesk(journal).give(.beginRun(job: "second", worker), to: "second")
        journal.close()
        let run = try await fixture.cairn("jobs --limit 1 --format json")
        let rows = try #require(run.json as? [[String: Any]])
        #expect(rows.map { $0["job"] as? String } == ["second"])
    }

    @Test func `a journal without items has none to list`() async throws {
        let fixture = try await Fixture()
        #expect(try await fixture.cairn("interactions").output == "no such interactions\n")
        #expect(try await fixture.cairn("jobs").output == "no jobs\n")
        #expect(try await fixture.cairn("history 1").status == 0)
    }
}
