import CairnTestSupport
import Foundation
import Testing

/// `cairn testcase`, from its arguments to its file; what becomes of the sources is told where
/// they are compiled.
struct TestcaseVerbTests {
    @Test func `a failure becomes a test, and the journal stays as it is`() async throws {
        let fixture = try await Fixture()
        let before = try fixture.bytes()
        let run = try await fixture.cairn("testcase R-3")
        #expect(run.status == 0, "\(run.error)")
        #expect(run.error == "cairn: testcase: kept 3 of 3 events\n")
        #expect(run.output.contains("@Test func `the request ends in a failure`() {"))
        #expect(run.output.contains(#"#expect(state.current?.eventType == "PARSE_FAIL")"#))
        #expect(run.output.contains("$0.errorCode") == false)
        #expect(try fixture.bytes() == before)
        #expect(try await fixture.cairn("testcase R-3").output == run.output)
    }

    @Test func `what was removed since is in no test`() async throws {
        let fixture = try await Fixture()
        let last = try await fixture.cairn("info --format json").json as? [String: Any]
        let position = try #require(last?["last_position"] as? Int)
        let line = "testcase R-3 --as-of \(position)"
        #expect(try await fixture.cairn(line).status == 0)
        #expect(try await fixture.cairn("forget --request R-3 --yes").status == 0)
        let run = try await fixture.cairn(line)
        #expect(run.status == 65 && run.output == "")
        #expect(
            run.error == "cairn: testcase: request R-3 was removed, and what was removed goes into "
                + "no test\n"
        )
        #expect(try await fixture.cairn("testcase R-4 --as-of \(position)").status == 0)
    }

    @Test func `anomalies become a test`() async throws {
        let fixture = try await Fixture()
        let run = try await fixture.cairn("testcase R-4")
        #expect(run.status == 0, "\(run.error)")
        #expect(run.error == "cairn: testcase: kept 1 of 2 events\n")
        #expect(run.output.contains("`the request shows out_of_order_stage`"))
        #expect(run.output.contains("#expect(state.anomalies[.outOfOrderStage] == 1)"))
    }

    @Test func `a predicate says what the test is to show`() async throws {
        let fixture = try await Fixture()
        let run = try await fixture.cairn([
            "testcase", "R-3", "--keep", "error_code == API_TIMEOUT && duration_ms > 1m",
        ])
        #expect(run.status == 0, "\(run.error)")
        #expect(run.output.contains("#expect(state.lastError?.code == \"code-1\")"))
        #expect(run.output.contains("?.lastDurationMilliseconds == 90_000)"))
        for text in ["API_TIMEOUT", "anthem", "R-3", "no answer", "pod-1", "2025"] {
            #expect(!run.output.contains(text), "\(text)")
        }
    }

    @Test func `the result for programs names the file, the counts and the facts`() async throws {
        let fixture = try await Fixture()
        let run = try await fixture.cairn("testcase R-3 --format json -o T.swift")
        let result = try #require(run.json as? [String: Any])
        #expect(result["path"] as? String == "T.swift")
        #expect(result["event_count"] as? Int == 3)
        #expect(result["kept_count"] as? Int == 3)
        #expect(result["minimal"] as? Bool == true)
        #expect((result["facts"] as? [String])?.contains("state.current?.attempt == 1") == true)
        let source = try fixture.folder.text("T.swift")
        #expect(result["source"] as? String == source)
        let suite = try #require(result["suite"] as? String)
        #expect(source.contains("@Suite struct \(suite) {"))
    }

    @Test func `a file that exists is kept unless it is said to go`() async throws {
        let fixture = try await Fixture()
        try fixture.folder.file("T.swift", "mine\n")
        let refused = try await fixture.cairn("testcase R-3 -o T.swift")
        #expect(refused.status == 65)
        #expect(
            refused.error
                == "cairn: testcase: T.swift exists; name another file, or give --overwrite\n"
        )
        #expect(try fixture.folder.text("T.swift") == "mine\n")
        let written = try await fixture.cairn("testcase R-3 -o T.swift --overwrite")
        #expect(written.status == 0, "\(written.error)")
        #expect(written.output == "")
        let printed = try await fixture.cairn("testcase R-3").output
        #expect(try fixture.folder.text("T.swift") == printed)
        #expect(symlink("/dev/full", fixture.folder.path("full")) == 0)
        let full = try await fixture.cairn("testcase R-3 -o full --overwrite")
        #expect(full.status == 74)
        #expect(access(fixture.folder.path("full"), F_OK) == 0, "it is not ours to remove")
        let nowhere = try await fixture.cairn("testcase R-3 -o no/T.swift")
        #expect(nowhere.status == 66)
        #expect(nowhere.error.contains("its folder does not exist"))
    }

    struct Refusal: CustomTestStringConvertible {
        let arguments: [String]
        let status: Int32
        let clue: String

        var testDescription: String { arguments.joined(separator: " ") }
    }

    static let refusals = [
        Refusal(arguments: ["R-1"], status: 64, clue: "say with --keep what the test is to show"),
        Refusal(arguments: ["R-9"], status: 66, clue: "no event of request R-9"),
        Refusal(
            arguments: ["R-3", "--keep", "attempt > 3"],
            status: 65,
            clue: "the predicate does not hold of request R-3"
        ),
        Refusal(arguments: ["R-1", "-o", ""], status: 64, clue: "the file has no name"),
    ]

    @Test(arguments: refusals)
    func `what cannot be told is one line with its code`(_ refusal: Refusal) async throws {
        let fixture = try await Fixture()
        let run = try await fixture.cairn(["testcase"] + refusal.arguments)
        #expect(run.status == refusal.status)
        #expect(run.output == "")
        #expect(run.error.contains(refusal.clue), "\(run.error)")
        #expect(run.error.split(separator: "\n").count == 1)
    }

    @Test func `a mistake in the predicate is pointed at`() async throws {
        let fixture = try await Fixture()
        let run = try await fixture.cairn(["testcase", "R-3", "--keep", "attempt > 3 & status"])
        #expect(run.status == 64)
        #expect(
            run.error == """
                cairn: testcase: --keep: at character 13: write '&&' or 'and'
                attempt > 3 & status
                            ^ write '&&' or 'and'

                """
        )
    }

    @Test func `what is no request is called what it is`() async throws {
        let fixture = try await TouchFixture()
        let run = try await fixture.cairn("testcase 7")
        #expect(run.status == 65)
        #expect(run.error.contains("7 is a user of the touch log and no request of a pipeline"))
    }

    @Test func `another pipeline goes with its test`() async throws {
        let fixture = try await Fixture()
        try fixture.folder.file(
            "p.json",
            #"{"name":"p","version":1,"open":false,"stages":[{"name":"PARSING"}],"#
                + #""event_types":[{"name":"PARSE_OK","stage":"PARSING","status":"COMPLETED"}]}"#
        )
        let run = try await fixture.cairn("testcase R-1 --pipeline p.json")
        #expect(run.status == 0, "\(run.error)")
        #expect(run.output.contains("PipelineMachine(try PipelineDefinition.parse(definition))"))
        #expect(run.output.contains(#""name": "p""#) || run.output.contains(#""name":"p""#))
        #expect(run.output.contains("state.anomalies[.unknownStage] == 1"))
        // It names neither the stage nor the types of the events that are odd.
        #expect(!run.output.contains("ORCHESTRATION"))
    }
}
