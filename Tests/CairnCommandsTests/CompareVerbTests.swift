import CairnTestSupport
import Foundation
import Testing

/// `cairn compare`, from its arguments to its exit code.
struct CompareVerbTests {
    /// The rows of four requests, and the built-in definition with something changed.
    private func fixture(_ change: (String) -> String = { $0 }) async throws -> Fixture {
        let fixture = try await Fixture()
        let path = ReadmeTests.package.appending(path: "Specs/Pipelines/prior-authorization.json")
        let text = try String(contentsOf: path, encoding: .utf8)
        try fixture.folder.file("old.json", text)
        let changed = change(text)
        try fixture.folder.file("new.json", changed)
        return fixture
    }

    private static func withoutOrder(_ text: String) -> String {
        text.replacing(#", "follows": ["ORCHESTRATION"]"#, with: "")
    }

    private static func renamed(_ text: String) -> String {
        text.replacing("PARSE_START", with: "READ_START")
    }

    private let now = "--now 2025-12-25T10:04:59Z"

    @Test func `the same definition twice finds nothing, and the journal stays as it is`()
        async throws
    {
        let fixture = try await fixture()
        let before = try fixture.bytes()
        for line in [
            "--old old.json --new old.json", "--new new.json", "--old old.json --new new.json",
        ] {
            let run = try await fixture.cairn("compare \(line) \(now)")
            #expect(run.status == 0, "\(run.error)")
            #expect(run.error == "")
            #expect(
                run.output == """
                    the definitions are equal

                    4 requests, 4 in flight: all states are equal

                    """
            )
        }
        #expect(try fixture.bytes() == before)
    }

    @Test func `what differs is grouped by its cause`() async throws {
        let fixture = try await fixture(Self.withoutOrder)
        let run = try await fixture.cairn("compare --new new.json \(now)")
        #expect(run.status == 1, "\(run.error)")
        #expect(
            run.output == """
                definition              old                new
                stages.PARSING.follows  ["ORCHESTRATION"]  -

                4 requests, 4 in flight: 1 differs, 1 of them in flight

                stage    event_type   request_count  in_flight_count  healed_count  example  position  fields
                PARSING  PARSE_START              1                1             0  R-4             9  anomalies.out_of_order_stage, anomaly_count

                """
        )
        #expect(try await fixture.cairn("compare --old new.json --new old.json \(now)").status == 1)
        let ignoring = "--ignore anomaly_count anomalies.*"
        let ignored = try await fixture.cairn("compare --new new.json \(ignoring) \(now)")
        #expect(ignored.status == 0, "\(ignored.output)")
        let early = try await fixture.cairn("compare --new new.json --as-of 8")
        #expect(early.status == 0, "\(early.output)")
        let others = try await fixture.cairn("compare --new new.json --tenant anthem \(now)")
        #expect(others.status == 0 && others.output.contains("3 requests"), "\(others.output)")
        let chosen = try await fixture.cairn("compare --new new.json --where pagw_id==R-4 \(now)")
        #expect(chosen.status == 1 && chosen.output.contains("1 request, 1 in flight"))
    }

    @Test func `what breaks for requests in flight comes before their causes`() async throws {
        let fixture = try await fixture(Self.renamed)
        let run = try await fixture.cairn("compare --new new.json --in-flight \(now)")
        #expect(run.status == 1, "\(run.error)")
        let lines = run.output.components(separatedBy: "\n")
        let broken = try #require(lines.firstIndex { $0.hasPrefix("break ") })
        let cause = try #require(lines.firstIndex { $0.hasPrefix("stage ") })
        #expect(broken < cause)
        #expect(lines[broken + 1].hasPrefix("event_type_gone  PARSE_START"), "\(run.output)")
    }

    @Test func `programs get one object with always the same keys`() async throws {
        let fixture = try await fixture(Self.withoutOrder)
        let run = try await fixture.cairn("compare --new new.json --format json \(now)")
        #expect(run.status == 1)
        let result = try #require(run.json as? [String: Any])
        #expect(result["request_count"] as? Int == 4)
        #expect(result["diverged_count"] as? Int == 1)
        #expect(result["cause_count"] as? Int == 1)
        let cause = try #require((result["causes"] as? [[String: Any]])?.first)
        #expect(cause["fields"] as? [String] == ["anomalies.out_of_order_stage", "anomaly_count"])
        let example = try #require((cause["examples"] as? [[String: Any]])?.first)
        #expect(example["pagw_id"] as? String == "R-4" && example["position"] as? Int == 9)
        #expect((example["event"] as? [String: Any])?["event_type"] as? String == "PARSE_START")
        let differences = try #require(example["differences"] as? [[String: Any]])
        #expect(
            differences.map { $0["path"] as? String } == [
                "anomaly_count", "anomalies.out_of_order_stage",
            ]
        )
        #expect(differences.first?["old"] as? Int == 1 && differences.first?["new"] as? Int == 0)
        #expect(example["healed"] as? Bool == false)
        let same = try await fixture.cairn("compare --new old.json --format json \(now)")
        #expect(
            same.output == """
                {"request_count":4,"in_flight_count":4,"diverged_count":0,\
                "diverged_in_flight_count":0,"definition":[],"breaks":[],"answers":[],\
                "cause_count":0,"causes":[]}

                """
        )
    }

    @Test func `one request is told with all that differs`() async throws {
        let fixture = try await fixture(Self.withoutOrder)
        let run = try await fixture.cairn("compare --new new.json --request R-4 \(now)")
        #expect(run.status == 1, "\(run.error)")
        #expect(
            run.output == """
                pagw_id     R-4
                in_flight   yes
                diverged    yes
                position    9
                sequence    1
                stage       PARSING
                event_type  PARSE_START
                healed      no

                after_this_event              old  new
                anomaly_count                   1    0
                anomalies.out_of_order_stage    1    -

                """
        )
        let same = try await fixture.cairn("compare --new new.json --request R-1 --format json")
        #expect(same.status == 0)
        #expect(same.output.hasPrefix(#"{"pagw_id":"R-1","in_flight":true,"diverged":false,"#))
    }

    @Test func `a longer list of causes is cut, and says so`() async throws {
        let fixture = try await fixture(Self.renamed)
        let whole = try await fixture.cairn("compare --new new.json --format json \(now)")
        let count = try #require((whole.json as? [String: Any])?["cause_count"] as? Int)
        try #require(count > 1, "\(whole.output)")
        let run = try await fixture.cairn("compare --new new.json --limit 1 \(now)")
        #expect(run.output.hasSuffix("and \(count - 1) more: --limit shows them\n"))
    }

    struct Refusal: CustomTestStringConvertible {
        let line: String
        let status: Int32
        let clue: String

        var testDescription: String { line }
    }

    static let refusals = [
        Refusal(line: "", status: 64, clue: "--new"),
        Refusal(line: "--new none.json", status: 66, clue: "none.json: no such file"),
        Refusal(
            line: "--new bad.json",
            status: 65,
            clue: "bad.json: the pipeline definition is not JSON"
        ),
        Refusal(line: "--old bad.json --new new.json", status: 65, clue: "bad.json: "),
        Refusal(line: "--new new.json --request R-9", status: 66, clue: "no event of request R-9"),
        Refusal(line: "--new new.json --ignore stagex", status: 64, clue: "near it: stage"),
        Refusal(line: "--new new.json --ignore a..b", status: 64, clue: "is not a path"),
        Refusal(line: "--new new.json --where attempt>", status: 64, clue: "--where: at character"),
        Refusal(
            line: "--new new.json --request R-1 --in-flight",
            status: 64,
            clue: "one request is named, so --in-flight"
        ),
        Refusal(line: "--new new.json --request R-1 --limit 3", status: 64, clue: "and --limit"),
        Refusal(line: "--new new.json --request R-1 --stage S", status: 64, clue: "to choose"),
        Refusal(line: "--new new.json --limit 0", status: 64, clue: "--limit"),
        Refusal(line: "--new new.json --as-of 99", status: 65, clue: "beyond the last position"),
        Refusal(
            line: "--old old.json --pipeline old.json --new new.json",
            status: 64,
            clue: "give one of them"
        ),
    ]

    @Test(arguments: refusals)
    func `what cannot be told is one line with its code`(_ refusal: Refusal) async throws {
        let fixture = try await fixture()
        try fixture.folder.file("bad.json", #"{"name":"#)
        let run = try await fixture.cairn("compare \(refusal.line)")
        #expect(run.status == refusal.status, "\(run.error)")
        #expect(run.output == "")
        #expect(run.error.contains(refusal.clue), "\(run.error)")
        #expect(run.error.hasPrefix("cairn: compare: "))
    }
}
