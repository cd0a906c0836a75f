import CairnTestSupport
import Foundation
import Testing

/// What a user can get wrong: one clear line, the documented exit code, and nothing lost.
struct BadInputTests {
    struct BadFile: CustomTestStringConvertible {
        let name: String
        let content: Data
        /// What the line must say.
        let clue: String

        init(_ name: String, _ text: String, _ clue: String) {
            self.init(name, Data(text.utf8), clue)
        }

        init(_ name: String, _ content: Data, _ clue: String) {
            self.name = name
            self.content = content
            self.clue = clue
        }

        var testDescription: String { name }
    }

    private static let header = "tenant,pagw_id,stage,event_type,status,sequence_no,created_at"
    private static let row = "a,R-1,PARSING,PARSE_OK,COMPLETED,1,2025-12-25T10:00:00Z"

    static let files = [
        BadFile("empty.csv", "", "it is empty"),
        BadFile("junk.bin", Data((0..<2_000).map { UInt8($0 * 7 % 256) }), "neither"),
        BadFile("half.xes.gz", Data([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 0x4B]), "too early"),
        BadFile(
            "bytes.jsonl",
            Data(#"{"pagw_id":""#.utf8) + Data([0xFF, 0xFE]) + Data("\"}\n".utf8),
            "line 1: the bytes are not valid UTF-8"
        ),
        BadFile("noid.csv", "\(header)\na,,S,E,COMPLETED,1,2025-12-25T10:00:00Z\n", "pagw_id"),
        BadFile("unknown.csv", "\(header),colour\n\(row),red\n", "unknown column 'colour'"),
        BadFile("twice.csv", "\(header),stage\n\(row),S\n", "'stage' twice"),
        BadFile(
            "range.csv",
            "\(header)\na,R-1,S,E,COMPLETED,99999999999999999999,2025-12-25T10:00:00Z\n",
            "out of range"
        ),
        BadFile("zone.csv", "\(header)\na,R-1,S,E,COMPLETED,1,2025-12-25T10:00:00\n", "zone"),
        BadFile("pretty.json", "{\n  \"tenant\": \"a\"\n}\n", "one JSON document"),
        BadFile("array.json", "[\n  {\"tenant\": \"a\"}\n]\n", "jq -c"),
        BadFile("broken.xes", "<log><trace></log>", "not well-formed"),
        BadFile(
            "doctype.xes",
            "<!DOCTYPE log [<!ENTITY a 'b'>]><log></log>",
            "DOCTYPE"
        ),
    ]

    @Test(arguments: files)
    func `a bad file ends with 65 and one line that names it`(_ file: BadFile) async throws {
        let folder = try ScratchFolder()
        try folder.file(file.name, file.content)
        let run = try await folder.cairn("import", file.name, "--journal", "j", "--format", "json")
        #expect(run.status == 65)
        #expect(run.output == "")
        #expect(run.error.hasPrefix("cairn: import: \(file.name)"))
        #expect(run.error.contains(file.clue))
        #expect(run.error.split(separator: "\n").count == 1)
    }

    @Test func `a line of 100 MB is refused and not held in memory`() async throws {
        let folder = try ScratchFolder()
        var line = Data(#"{"pagw_id":""#.utf8)
        line.append(Data(repeating: UInt8(ascii: "x"), count: 100_000_000))
        try folder.file("long.jsonl", line)
        let run = try await folder.cairn("import", "long.jsonl", "--journal", "j")
        #expect(run.status == 65)
        #expect(run.error.contains("longer than"))
    }

    struct BadCommand: CustomTestStringConvertible {
        let line: String
        let status: Int32
        let clue: String

        var testDescription: String { line }
    }

    static let commands = [
        BadCommand(line: "nosuch", status: 64, clue: "no verb 'nosuch'"),
        BadCommand(line: "timeline", status: 64, clue: "Missing expected argument"),
        BadCommand(line: "stuck --older-than 15", status: 64, clue: "has no unit"),
        BadCommand(line: "stuck --now yesterday", status: 64, clue: "not a time"),
        BadCommand(line: "stuck --format yaml", status: 64, clue: "yaml"),
        BadCommand(line: "requests --limit 0", status: 64, clue: "from 1"),
        BadCommand(line: "find --where durationms>5", status: 64, clue: "near it: duration_ms"),
        BadCommand(line: "find --columns nosuch", status: 64, clue: "no field"),
        BadCommand(line: "tail --follow --as-of 3", status: 64, clue: "give one of them"),
        BadCommand(line: "tail -n 0", status: 64, clue: "--lines 0 is for --follow"),
        BadCommand(line: "events --lead-id x", status: 64, clue: "a lead's id, a whole number"),
        BadCommand(line: "help nosuch", status: 64, clue: "no verb 'nosuch'"),
        BadCommand(
            line: "stats --as-of -5m",
            status: 64,
            clue: "Missing value for '--as-of <position|time|span>'; '-5m' begins with a dash"
        ),
        BadCommand(line: "stats --as-of=-5m", status: 64, clue: "give it without the sign"),
        BadCommand(line: "stats --since=-5m", status: 64, clue: "give it without the sign"),
        BadCommand(line: "what-if R-1 --insert -1 {}", status: 64, clue: "'-1' begins with a dash"),
        BadCommand(
            line: "stats --as-of 18446744073709551616",
            status: 64,
            clue: "no journal has so many positions"
        ),
        BadCommand(line: "export --format json", status: 64, clue: "give --to jsonl"),
        BadCommand(line: "stuck --as-of 1y", status: 64, clue: "1y"),
        BadCommand(line: "backup j", status: 64, clue: "something is there already"),
        BadCommand(line: "stats --as-of 0", status: 64, clue: "count from 1"),
        BadCommand(line: "stats --as-of 3:12", status: 64, clue: "not a time of day"),
        BadCommand(line: "stats --as-of 24:00", status: 64, clue: "no day has such a time"),
        BadCommand(
            line: "stats --as-of 09:59",
            status: 65,
            clue: "--as-of 2025-12-25T09:59:00Z is before the first event"
        ),
        BadCommand(line: "stats --as-of 11", status: 65, clue: "last position, 10"),
        BadCommand(
            line: "stats --as-of 1999-12-31T00:00:00Z",
            status: 65,
            clue: "before the first event"
        ),
        BadCommand(line: "timeline NOSUCH", status: 66, clue: "NOSUCH"),
        BadCommand(line: "state R-4 --as-of 8", status: 66, clue: "R-4"),
        BadCommand(line: "import nosuch.csv", status: 66, clue: "no such file"),
        BadCommand(line: "import .", status: 66, clue: "it is a folder"),
        BadCommand(line: "requests --pipeline nosuch.json", status: 66, clue: "no such file"),
        BadCommand(line: "requests --pipeline rows.csv", status: 65, clue: "not JSON"),
        BadCommand(line: "backup no/such/folder", status: 66, clue: "make it first"),
    ]

    @Test(arguments: commands)
    func `a wrong command ends with its code and one line`(_ command: BadCommand) async throws {
        let fixture = try await Fixture()
        let before = try fixture.bytes()
        let run = try await fixture.cairn(command.line)
        #expect(run.status == command.status, "\(run.error)")
        #expect(run.output == "")
        #expect(run.error.hasPrefix("cairn: "))
        #expect(run.error.contains(command.clue), "\(run.error)")
        let isPointing = run.error.contains("--where") || run.error.contains("--columns")
        #expect(run.error.split(separator: "\n").count == (isPointing ? 3 : 1))
        #expect(try fixture.bytes() == before)
    }

    @Test func `a mistake in a predicate is pointed at`() async throws {
        let run = try await Fixture().cairn(["find", "--where", "status == FAILED and attmpt > 3"])
        #expect(run.status == 64)
        #expect(
            run.error == """
                cairn: find: --where: at character 22: no field is called 'attmpt'; near it: attempt
                status == FAILED and attmpt > 3
                                     ^ no field is called 'attmpt'; near it: attempt

                """
        )
    }

    @Test func `a journal must be named`() async throws {
        let run = try await ScratchFolder().cairn("stuck")
        #expect(run.status == 64)
        #expect(run.error.contains("--journal PATH"))
    }

    /// Runs a line in a shell that finds the tool.
    private func shell(_ line: String, in folder: URL) async throws -> CairnProcess {
        let tool = try CairnProcess.executable().deletingLastPathComponent().path
        let path = "PATH='\(tool)':\"$PATH\""
        return try await CairnProcess.run(
            [],
            in: folder,
            prefix: ["/bin/sh", "-c", "\(path); \(line)"]
        )
    }

    @Test(arguments: [
        "key \"$(printf 'k\\377')\"", "history \"$(printf '\\303')\"", "job \"$(printf '\\200x')\"",
        "resolve k-2 --sent --by \"$(printf 'a\\377')\" --reason b",
        "interactions --customer \"$(printf '\\376')\"",
    ])
    func `bytes that are no text are refused and name nothing else`(line: String) async throws {
        let fixture = try await ItemFixture()
        let before = try fixture.bytes()
        let run = try await shell("cairn \(line) --journal j", in: fixture.folder.url)
        #expect(run.status == 64)
        #expect(run.output == "")
        #expect(run.error.contains("is not valid UTF-8"), "\(run.error)")
        #expect(run.error.split(separator: "\n").count == 1)
        #expect(try fixture.bytes() == before)
    }

    @Test func `a replacement character that was meant is one`() async throws {
        let fixture = try await ItemFixture()
        let run = try await fixture.cairn(["key", "k\u{FFFD}"])
        #expect(run.status == 66)
    }

    @Test func `a command whose streams are closed leaves the journal whole`() async throws {
        let fixture = try await ItemFixture()
        let line = "cairn resolve k-2 --sent --by a --reason b --journal j <&- >&- 2>&-"
        #expect(try await shell(line, in: fixture.folder.url).status == 74)
        #expect(try await fixture.cairn("verify").status == 0)
        let key = try await fixture.cairn("key k-2 --format json")
        #expect((key.json as? [String: Any])?["resolved_by"] as? String == "a")
    }

    @Test func `a message ends where it goes on`() async throws {
        let run = try await ItemFixture().cairn("jobs --format xml")
        #expect(run.status == 64)
        #expect(run.error.hasSuffix("'text' and 'json'; see 'cairn jobs --help'\n"))
        let demo = try await ScratchFolder().cairn("demo", "jobs", "--count", "x")
        #expect(demo.error.hasPrefix("cairn: demo jobs: The value 'x'"), "\(demo.error)")
        #expect(demo.error.hasSuffix("see 'cairn demo jobs --help'\n"), "\(demo.error)")
        let day = try await ScratchFolder().cairn("demo", "--journal", "")
        #expect(day.status == 64)
        #expect(day.error.contains("it is empty"), "\(day.error)")
    }
}
