import CairnTestSupport
import Foundation
import Testing

struct DemoJobsTests {
    @Test func `a batch that kills itself three times arrives once at each customer`() async throws {
        let folder = try ScratchFolder()
        let run = try await folder.cairn("demo", "jobs", "--count", "400", "--format", "json")
        #expect(run.status == 0, "\(run.error)")
        let report = try JSONDecoder().decode([String: Int].self, from: Data(run.output.utf8))
        #expect(report["delivered_exactly_once"] == 400)
        #expect(report["delivered_twice"] == 0)
        #expect(report["never_delivered"] == 0)
        #expect(report["still_in_doubt"] == 0)
        #expect((report["in_doubt"] ?? 0) > 0)
        let job = try await folder.cairn("job", "newsletter", "--journal", "cairn-jobs-demo")
        #expect(job.status == 0)
        #expect(job.output.contains("finished"))
        let verify = try await folder.cairn("verify", "--journal", "cairn-jobs-demo")
        #expect(verify.status == 0)
    }

    @Test func `the batch leaves what is there alone`() async throws {
        let folder = try ScratchFolder()
        try folder.file("taken", "text")
        let run = try await folder.cairn("demo", "jobs", "--journal", "taken")
        #expect(run.status == 64)
        #expect(run.error == "cairn: jobs: taken exists; choose another place with --journal\n")
        #expect(try folder.text("taken") == "text")
    }
}
