import CairnTestSupport
import Foundation
import Testing

/// What passes a gate, what does not, and what is no answer at all.
struct CheckTests {
    @Test func `stuck requests are a finding only where that was asked for`() async throws {
        let fixture = try await Fixture()
        let now = "--now 2025-12-25T10:20:00Z"
        #expect(try await fixture.cairn("stuck \(now)").status == 0)
        let found = try await fixture.cairn("stuck --check \(now)")
        #expect(found.status == 1)
        #expect(found.output.contains("R-2"))
        #expect(found.error == "")
        #expect(try await fixture.cairn("stuck --check --older-than 1h \(now)").status == 0)
    }

    @Test(arguments: [
        "conformance --check --tenant nope", "conformance --check --where attempt>99",
        "conformance --check --since 2025-12-26T00:00:00Z", "compare --new p.json --tenant nope",
        "compare --new p.json --tenant nope --in-flight", "stuck --check --tenant nope",
    ])
    func `a gate does not pass where no request fits`(line: String) async throws {
        let fixture = try await fixture()
        for format in ["text", "json"] {
            let run = try await fixture.cairn("\(line) --format \(format)")
            #expect(run.status == 66 && run.output == "")
            #expect(run.error.contains(": no request fits, so nothing was "), "\(run.error)")
            #expect(run.error.split(separator: "\n").count == 1)
        }
    }

    @Test(arguments: [
        "conformance --tenant nope", "stuck --tenant nope",
        // What of what there is may well be none.
        "stuck --check --tenant other --older-than 20000d",
        "conformance --check --kind tenant_mismatch",
    ])
    func `a question about nothing, and a gate on something, pass`(line: String) async throws {
        let run = try await fixture().cairn(line)
        #expect(run.status == 0, "\(run.error)")
    }

    @Test func `that nothing is in flight passes a gate`() async throws {
        let fixture = try await fixture()
        // Ends every request at its first event.
        let text = try fixture.folder.text("p.json")
        let ended = text.replacing(
            #""name": "PARSE_OK","#,
            with: #""name": "PARSE_OK", "terminal": true,"#
        )
        #expect(ended != text)
        try fixture.folder.file("ended.json", ended)
        let line = "compare --old ended.json --new ended.json --where event_type==PARSE_OK"
        let run = try await fixture.cairn(line + " --in-flight")
        #expect(run.status == 0, "\(run.error)")
        #expect(run.output.contains("0 requests, 0 in flight"), "\(run.output)")
        #expect(try await fixture.cairn(line).status == 0)
    }

    @Test func `interactions of a job that there is not pass no gate`() async throws {
        let folder = try await ItemFixture().folder
        for (line, status) in [
            ("--job nope", 66), ("--customer nope", 66), ("--channel PIGEON", 66),
            ("--job newsletter --status OPENED", 0), ("--status OPENED", 0),
        ] as [(String, Int32)] {
            let words = "interactions --journal j --check \(line)".split(separator: " ")
            let run = try await CairnProcess.run(words.map(String.init), in: folder.url)
            #expect(run.status == status, "\(line): \(run.error)\(run.output)")
            #expect(run.error.isEmpty == (status == 0))
        }
    }

    /// The rows of four requests, and the built-in definition.
    private func fixture() async throws -> Fixture {
        let fixture = try await Fixture()
        let path = ReadmeTests.package.appending(path: "Specs/Pipelines/prior-authorization.json")
        try fixture.folder.file("p.json", try String(contentsOf: path, encoding: .utf8))
        return fixture
    }
}
