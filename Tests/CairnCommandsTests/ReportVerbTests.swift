import CairnTestSupport
import Foundation
import Testing

/// `cairn report`, from its arguments to its file.
struct ReportVerbTests {
    @Test func `a page is written whole, and the journal stays as it is`() async throws {
        let fixture = try await Fixture()
        let before = try fixture.bytes()
        let run = try await fixture.cairn("report -o r.html --now 2025-12-25T11:00:00Z")
        #expect(run.status == 0, "\(run.error)")
        #expect(
            run.output == """
                path              r.html
                request_count     4
                event_count       10
                first_created_at  2025-12-25T10:00:00Z
                last_created_at   2025-12-25T10:05:00Z

                """
        )
        #expect(try fixture.bytes() == before)
        let page = try fixture.folder.text("r.html")
        #expect(page.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">"))
        #expect(page.hasSuffix("</html>\n"))
        let again = try await fixture.cairn("report -o - --now 2025-12-25T11:00:00Z")
        #expect(again.status == 0, "\(again.error)")
        #expect(again.output == page)
        #expect(try fixture.folder.names().sorted() == ["j", "r.html", "rows.csv"])
    }

    @Test func `the result for programs counts what is in the page`() async throws {
        let fixture = try await Fixture()
        let run = try await fixture.cairn("report R-3 R-1 -o r.html --format json")
        let result = try #require(run.json as? [String: Any], "\(run.error)")
        #expect(result["path"] as? String == "r.html")
        #expect(result["request_count"] as? Int == 2)
        #expect(result["event_count"] as? Int == 6)
        #expect(result["first_created_at"] as? String == "2025-12-25T10:00:00.000000Z")
        #expect(result["byte_count"] as? Int == (try fixture.folder.data("r.html").count))
    }

    @Test func `a report takes the place of a report, and of nothing else`() async throws {
        let fixture = try await Fixture()
        try fixture.folder.file("r.html", "<!DOCTYPE html>\nmine\n")
        let refused = try await fixture.cairn("report R-1 -o r.html")
        #expect(refused.status == 65)
        #expect(
            refused.error
                == "cairn: report: r.html exists; name another file, or give --overwrite\n"
        )
        #expect(try fixture.folder.text("r.html") == "<!DOCTYPE html>\nmine\n")
        #expect(try await fixture.cairn("report R-1 -o r.html --overwrite").status == 0)
        let first = try fixture.folder.text("r.html")
        #expect(try await fixture.cairn("report R-3 -o r.html").status == 0)
        #expect(try fixture.folder.text("r.html") != first)
        let nowhere = try await fixture.cairn("report R-1 -o no/r.html")
        #expect(nowhere.status == 66)
        #expect(nowhere.error.contains("its folder does not exist"))
        #expect(symlink("/dev/full", fixture.folder.path("full")) == 0)
        #expect(try await fixture.cairn("report R-1 -o full --overwrite").status == 74)
    }

    struct Choice: CustomTestStringConvertible {
        let arguments: [String]
        let requestCount: Int

        var testDescription: String { arguments.joined(separator: " ") }
    }

    static let choices = [
        Choice(
            arguments: ["--incident", "2025-12-25T10:02:00Z..2025-12-25T10:04:00Z"],
            requestCount: 3
        ),
        Choice(arguments: ["--incident", "2025-12-25T10:02:00Z.."], requestCount: 4),
        Choice(arguments: ["--incident", "..2025-12-25T10:01:00Z"], requestCount: 1),
        Choice(
            arguments: ["--incident", "1h..58m", "--now", "2025-12-25T11:00:00Z"],
            requestCount: 2
        ),
        Choice(arguments: ["--tenant", "other"], requestCount: 1),
        Choice(arguments: ["--where", "error_code exists"], requestCount: 1),
        Choice(arguments: ["--as-of", "2025-12-25T10:01:30Z"], requestCount: 2),
    ]

    @Test(arguments: choices)
    func `requests are chosen as by other verbs`(_ choice: Choice) async throws {
        let fixture = try await Fixture()
        let run = try await fixture.cairn(
            ["report", "-o", "r.html", "--format", "json"] + choice.arguments
        )
        let result = try #require(run.json as? [String: Any], "\(run.error)")
        #expect(result["request_count"] as? Int == choice.requestCount)
    }

    struct Refusal: CustomTestStringConvertible {
        let arguments: [String]
        let status: Int32
        let clue: String

        var testDescription: String { arguments.joined(separator: " ") }
    }

    static let refusals = [
        Refusal(arguments: ["-o", "r.html", "R-9"], status: 66, clue: "no event of request R-9"),
        Refusal(arguments: [], status: 64, clue: "--output"),
        Refusal(arguments: ["-o", ""], status: 64, clue: "the file has no name"),
        Refusal(
            arguments: ["-o", "-", "--format", "json"],
            status: 64,
            clue: "both want standard output"
        ),
        Refusal(
            arguments: ["-o", "r.html", "R-1", "--tenant", "anthem"],
            status: 64,
            clue: "have nothing to choose"
        ),
        Refusal(
            arguments: ["-o", "r.html", "--tenant", "nobody"],
            status: 66,
            clue: "no request fits, so nothing was written"
        ),
        Refusal(
            arguments: ["-o", "r.html", "--incident", "..2020-01-01T00:00:00Z"],
            status: 66,
            clue: "no request fits, so nothing was written"
        ),
        Refusal(
            arguments: ["-o", "r.html", "--status", "SKIPPED"],
            status: 66,
            clue: "no request fits, so nothing was written"
        ),
        Refusal(
            arguments: ["-o", "r.html", "--incident", "yesterday"],
            status: 64,
            clue: "it is not FROM..TO"
        ),
        Refusal(
            arguments: ["-o", "r.html", "--incident", "1h..2h"],
            status: 64,
            clue: "--incident ends before it begins"
        ),
        Refusal(
            arguments: ["-o", "r.html", "--incident", "now.."],
            status: 64,
            clue: "it is not a time such as"
        ),
        Refusal(
            arguments: ["-o", "r.html", "--where", "attempt >"],
            status: 64,
            clue: "--where: at character"
        ),
    ]

    @Test(arguments: refusals)
    func `what cannot be shown is said, with its code`(_ refusal: Refusal) async throws {
        let fixture = try await Fixture()
        let run = try await fixture.cairn(["report"] + refusal.arguments)
        #expect(run.status == refusal.status, "\(run.error)")
        #expect(run.output == "")
        #expect(run.error.contains(refusal.clue), "\(run.error)")
        #expect(!FileManager.default.fileExists(atPath: fixture.folder.path("r.html")))
    }
}
