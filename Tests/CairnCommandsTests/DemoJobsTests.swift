import Cairn
import CairnTestSupport
import Foundation
import Testing

struct DemoJobsTests {
    @Test func `a batch that kills itself three times arrives once at each customer`() async throws
    {
        let folder = try ScratchFolder()
        let run = try await folder.cairn("demo", "jobs", "--count", "400", "--format", "json")
        #expect(run.status == 0, "\(run.error)")
        let all = try #require(run.json as? [String: Any])
        let report = all.compactMapValues { $0 as? Int }
        #expect(report["delivered_exactly_once"] == 400)
        #expect(report["delivered_twice"] == 0)
        #expect(report["never_delivered"] == 0)
        #expect(report["still_in_doubt"] == 0)
        #expect((report["in_doubt"] ?? 0) > 0)
        let doubts = try #require(all["doubts"] as? [[String: Any]])
        #expect(doubts.count == report["in_doubt"])
        for doubt in doubts {
            let key = try #require(doubt["idempotency_key"] as? String)
            #expect(key.hasPrefix("newsletter-2026-11/customer-"))
            let word = doubt["resolution"] as? String ?? "none"
            #expect(["found_sent", "found_not_sent", "answered_late"].contains(word), "\(key)")
        }
        for word in ["found_sent", "found_not_sent", "answered_late"] {
            #expect(doubts.count { $0["resolution"] as? String == word } == report[word])
        }
        let job = try await folder.cairn("job", "newsletter", "--journal", "cairn-jobs-demo")
        #expect(job.status == 0)
        #expect(job.output.contains("finished"))
        let verify = try await folder.cairn("verify", "--journal", "cairn-jobs-demo")
        #expect(verify.status == 0)
        // Each run kept the tables beside the journal, at least as far as it was when they began.
        let path = folder.path("cairn-jobs-demo")
        let journal = try LMDBJournal(path: path, configuration: .readOnly)
        defer { journal.close() }
        let begins = try await journal.records(of: StreamID("job/newsletter"))
            .filter { $0.type == "run.began" }.map(\.position)
        #expect(begins.count == 4)
        let end = try journal.head().lastPosition
        let tables = try #require(journal.projectionStore).tables()
        #expect(tables.contains { $0.table.name == "cairn.keys" })
        for (table, mark) in tables {
            // The last run, and the one before it, may be over sooner than the tables are there.
            let range = begins[1].previous...end
            #expect(range.contains(mark.position), "\(table.name)")
        }
    }

    @Test func `the batch leaves what is there alone`() async throws {
        let folder = try ScratchFolder()
        try folder.file("taken", "text")
        let run = try await folder.cairn("demo", "jobs", "--journal", "taken")
        #expect(run.status == 64)
        #expect(
            run.error == "cairn: demo jobs: taken exists; choose another place with --journal\n"
        )
        #expect(try folder.text("taken") == "text")
    }

    @Test(arguments: [
        "0", "-1", "1000001", "9223372036854775807", "92233720368547758070", "many",
    ])
    func `a number of messages that makes no sense starts nothing`(count: String) async throws {
        let folder = try ScratchFolder()
        let run = try await folder.cairn("demo", "jobs", "--count=\(count)")
        #expect(run.status == 64)
        #expect(run.output == "")
        #expect(run.error.contains("from 1 to 1000000"), "\(run.error)")
        #expect(run.error.split(separator: "\n").count == 1)
        #expect(try folder.names() == [])
    }

    @Test func `a place where no journal can be starts nothing that stays`() async throws {
        let folder = try ScratchFolder()
        for (path, status, clue) in [
            ("", 64, "it is empty"), ("no/such/j", 66, "the folder no/such does not exist"),
        ] as [(String, Int32, String)] {
            let run = try await folder.cairn("demo", "jobs", "--count", "9", "--journal", path)
            #expect(run.status == status)
            #expect(run.output == "")
            #expect(run.error.contains(clue), "\(run.error)")
            #expect(run.error.split(separator: "\n").count == 1, "\(run.error)")
            #expect(try folder.names() == [])
        }
    }

    @Test(arguments: [1, 2, 3, 7])
    func `a small batch arrives, too, and leaves nothing but its journal`(
        count: Int
    ) async throws {
        let folder = try ScratchFolder()
        let run = try await folder.cairn("demo", "jobs", "--count", "\(count)")
        #expect(run.status == 0, "\(run.error)")
        #expect(run.output.contains("delivered_exactly_once  \(count)"), "\(run.output)")
        #expect(try folder.names() == ["cairn-jobs-demo"])
    }

    @Test(.timeLimit(.minutes(30)))
    func `when the demonstration is killed its processes end, too`() async throws {
        let folder = try ScratchFolder()
        let process = try await CairnProcess.command(
            ["demo", "jobs", "--count", "100000"],
            in: folder.url
        ).start()
        func place() throws -> String? {
            try folder.names().first { $0.hasPrefix("cairn-demo-") }
        }
        // The journal is made once the provider answers.
        while try !folder.names().contains("cairn-jobs-demo") {
            try #require(process.isRunning)
            try await Task.sleep(for: .milliseconds(2))
        }
        #expect(try place() != nil)
        try await process.kill()
        // The provider takes its folder along.
        while try place() != nil { try await Task.sleep(for: .milliseconds(2)) }
    }
}
