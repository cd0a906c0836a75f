import Cairn
import CairnCommands
import CairnTestSupport
import Foundation
import Testing

/// Tests made of a machine of an embedder's own; what becomes of the sources is told where they
/// are compiled.
struct OwnTestcaseTests {
    private let folder: ScratchFolder

    init() async throws {
        folder = try ScratchFolder()
        try await Practice.journal(
            at: folder.path("j"),
            try Practice.day() + [(Practice.visit, .noted(text: "urgent", tags: [:]))]
        ).close()
    }

    private func run(_ arguments: [String], by practice: Practice = Practice()) async -> CapturedRun
    {
        await IncidentTool(practice, TicketDesk(), name: "practice incident").captured(
            ["testcase"] + arguments + ["--journal", folder.path("j")]
        )
    }

    @Test func `a predicate becomes a test without texts`() async throws {
        let bytes = try folder.data("j/data.mdb")
        let run = await run([
            Practice.visit, "--keep",
            "cents.GBP > 1000 and notes contains 'x' "
                + "or standing == over and exists patient",
        ])
        #expect(run.status == 0, "\(run.error)")
        #expect(run.error == "practice incident: testcase: kept 2 of 8 events\n")
        for secret in Practice.secrets { #expect(!run.output.contains(secret)) }
        #expect(!run.output.contains(Practice.mark) && !run.output.contains("2023"))
        #expect(run.output.contains("\n@testable import CairnCommandsTests\n"))
        #expect(run.output.contains("let machine = Practice()\n"))
        #expect(run.output.contains("#expect(document[\"patient\"] == .string(\"text-1\"))"))
        #expect(run.output.contains("#expect(document[\"standing\"] == .string(\"over\"))"))
        #expect(try folder.data("j/data.mdb") == bytes)
        #expect(try folder.names() == ["j"])
    }

    @Test func `the result for programs and the file are the same test`() async throws {
        let path = folder.path("T.swift")
        let arguments = [Practice.visit, "--keep", "cents.GBP > 1000", "-o", path]
        let run = await run(arguments + ["--format", "json", "--machine-source", "Practice.own"])
        #expect(run.status == 0, "\(run.error)")
        let json = try JSONSerialization.jsonObject(with: Data(run.output.utf8))
        let result = try #require(json as? [String: Any])
        #expect(result["event_count"] as? Int == 8 && result["kept_count"] as? Int == 1)
        #expect(result["minimal"] as? Bool == true)
        let facts = try #require(result["facts"] as? [String])
        #expect(facts == [##"try document["cents"] == Self.json(#"{"GBP":1250}"#)"##])
        #expect(result["source"] as? String == (try folder.text("T.swift")))
        #expect(try folder.text("T.swift").contains("let machine = Practice.own\n"))
        let refused = await self.run(arguments)
        #expect(refused.status == 65 && refused.error.contains("exists; name another file"))
        #expect(await self.run(arguments + ["--overwrite"]).status == 0)
        let early = await self.run(
            [Practice.visit, "--keep", "exists patient", "--as-of", "1", "--format", "json"]
        )
        #expect(early.output.contains(#""event_count":1,"#))
    }

    @Test func `what was removed since is in no test, and a page shows what was seen then`()
        async throws
    {
        let days = try Practice.day()
        try await Practice.journal(
            at: folder.path("later"),
            days + [(Practice.visit, .forgotten)] + days.prefix(1)
        ).close()
        func run(_ arguments: String...) async -> CapturedRun {
            await IncidentTool(Practice(), name: "practice incident").captured(
                arguments + ["--journal", folder.path("later")]
            )
        }
        let keep = ["--keep", "exists patient"]
        let early = await run("testcase", Practice.visit, keep[0], keep[1], "--as-of", "9")
        #expect(early.status == 65 && early.output == "")
        #expect(
            early.error == "practice incident: testcase: visits/\(Practice.visit) was removed, and "
                + "what was removed goes into no test\n"
        )
        let other = await run("testcase", Practice.referral, keep[0], keep[1], "--as-of", "9")
        #expect(other.status == 0, "\(other.error)")
        let since = await run("testcase", Practice.visit, keep[0], keep[1])
        #expect(since.status == 0 && since.error.contains("kept 1 of 1 event"), "\(since.error)")
        let page = await run(
            "report",
            Practice.visit,
            "--as-of",
            "9",
            "-o",
            folder.path("r.html")
        )
        #expect(page.status == 0 && page.output.contains("event_count       7\n"), "\(page.error)")
        #expect(try folder.text("r.html").contains(Practice.secret("note")))
    }

    @Test func `of Cairn's own streams no test is made here`() async throws {
        let machines: [any InspectableMachine] = [
            RequestMachine(.priorAuthorization), ItemMachine(), JobMachine(),
        ]
        for machine in machines {
            let run = await IncidentTool(machine, name: "own").captured(
                ["testcase", "k", "--keep", "exists a", "--journal", folder.path("j")]
            )
            #expect(run.status == 65 && run.output == "")
            #expect(
                run.error == "own: testcase: \(machine.streamKind.name) streams are Cairn's own, "
                    + "and no test is made of them here; 'cairn testcase' makes tests of requests\n"
            )
        }
    }

    @Test func `bad input is one line with its code, and no file is made`() async throws {
        let cases: [([String], Int32, String)] = [
            ([Practice.visit], 64, "say with --keep what the test is to show"),
            ([Practice.visit, "--keep", "isUrgent and"], 64, "--keep"),
            (["bach", "--keep", "isUrgent"], 66, "no event of visits/bach"),
            (
                [Practice.visit, "--keep", "standing == open"], 65,
                "what --keep says does not hold: the predicate does not hold of visits/"
            ),
            (
                [Practice.visit, "--keep", "isUrgent"], 65,
                "with stand-ins the events make another state, in 'isUrgent'; say with its isWord"
            ),
            (
                [Practice.visit, "--keep", "isUrgent", "--machine", "tickets"], 66,
                "no event of tickets/"
            ),
        ]
        for (arguments, status, clue) in cases {
            let run = await run(arguments + ["-o", folder.path("T.swift")])
            #expect(run.status == status && run.output == "", "\(arguments): \(run.error)")
            #expect(run.error.hasPrefix("practice incident: testcase: "), "\(run.error)")
            #expect(run.error.contains(clue), "\(run.error)")
            #expect(try folder.names() == ["j"])
        }
        let telling = await run(
            [Practice.visit, "--keep", "isUrgent"],
            by: Practice(words: ["urgent"])
        )
        #expect(telling.status == 0, "\(telling.error)")
        #expect(telling.error.contains("kept 1 of 8 events"))
        let unknown = await run(
            [Practice.visit, "--keep", "department == cardiology"],
            by: Practice(words: [])
        )
        #expect(unknown.status == 65)
        #expect(unknown.error.contains("position 7 is none of the machine's: 'to' must be a"))
        try await TicketDesk.journal(at: folder.path("t"))
        let tickets = IncidentTool(TicketDesk(), name: "t")
        let unread = await tickets.captured(
            ["testcase", "mahler", "--keep", "held > 1", "--journal", folder.path("t")]
        )
        #expect(unread.status == 65)
        #expect(
            unread.error == "t: testcase: the machine of tickets does not read events from JSON; "
                + "implement its event(from:at:)\n"
        )
    }
}
