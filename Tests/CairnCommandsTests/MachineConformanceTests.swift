import Cairn
import CairnTestSupport
import Foundation
import Testing

@testable import CairnCommands

/// `conformance` over machines of an embedder's own.
struct MachineConformanceTests {
    private let folder: ScratchFolder
    private let parcels = IncidentTool(Courier(), TicketDesk(), name: "parcels incident")

    init() async throws {
        folder = try ScratchFolder()
        try await Courier.journal(at: folder.path("p"))
        try await TicketDesk.journal(at: folder.path("t"))
    }

    private func run(_ arguments: String..., on journal: String = "p") async -> CapturedRun {
        await parcels.captured(["conformance", "--journal", folder.path(journal)] + arguments)
    }

    @Test func `keys that left their path are counted by kind and listed`() async throws {
        let before = try folder.data("p/data.mdb")
        let run = await run()
        #expect(
            run.output == """
                key_count       4
                event_count     13
                departed_count  1
                share           25.0%

                kind             about  key_count  share  event_count  first_seen            last_seen
                undeclared_step  path           1  25.0%            1  2026-03-02T10:10:00Z  2026-03-02T10:10:00Z

                key  kind             event_count  at                    position  sequence  event
                P-4  undeclared_step            1  2026-03-02T10:10:00Z        11         2  delivered

                """
        )
        #expect((run.status, run.error) == (0, ""))
        #expect(try folder.data("p/data.mdb") == before)
        #expect(await self.run("--check").status == 1)
        let none = await self.run("--check", "--where", "drives > 99")
        #expect(none.status == 66 && none.output == "")
        #expect(
            none.error == "parcels incident: conformance: no key fits, so nothing was checked; "
                + "'list' lists all\n"
        )
        #expect(await self.run("--where", "drives > 99").status == 0)
        #expect(await self.run("--check", "--as-of", "10").status == 0)
        #expect(await self.run("--check", "--where", "drives > 0").status == 0)
        let later = await self.run("--check", "--since", "2026-03-02T10:11:00Z")
        #expect(later.status == 0 && later.output.hasPrefix("key_count       1\n"))
        let json = await self.run("--format", "json")
        #expect(
            json.output == """
                {"key_count":4,"event_count":13,"departed_count":1,"share":0.25,"kinds":[{"kind":\
                "undeclared_step","about":"path","key_count":1,"share":0.25,"event_count":1,\
                "first_seen":"2026-03-02T10:10:00.000000Z",\
                "last_seen":"2026-03-02T10:10:00.000000Z"}],"departures":[{"key":"P-4",\
                "kinds":[{"kind":"undeclared_step","event_count":1,\
                "at":"2026-03-02T10:10:00.000000Z","position":11,"sequence":2,\
                "event":"delivered"}]}]}

                """
        )
    }

    @Test func `variants are the ways that keys go, by the names of their events`() async {
        let run = await run("--variants")
        #expect(
            run.output == """
                rank  key_count  share  cumulative_share  departed_count  median     p95  step_count  example  steps
                   1          1  25.0%             25.0%               1   1h 3m   1h 3m           2  P-4      collected > delivered
                   2          1  25.0%             50.0%               0     40m     40m           3  P-1      collected > driven > delivered
                   3          1  25.0%             75.0%               0     54m     54m           3  P-3      collected > driven > missed
                   4          1  25.0%            100.0%               0  2h 15m  2h 15m           5  P-2      collected > driven > missed > driven > delivered

                """
        )
        let tickets = await self.run("--variants", "--machine", "tickets", "--limit", "1", on: "t")
        #expect(tickets.status == 0, "\(tickets.error)")
        #expect(tickets.output.hasSuffix("\nand 1 more variants of 2 keys: --limit lists more\n"))
        let none = await self.run("--variants", "--where", "drives > 9")
        #expect(none.output == "no such keys\n")
    }

    @Test func `a map shows what follows what, and what no path has`() async throws {
        let mermaid = await run("--map", "mermaid")
        #expect(
            mermaid.output == """
                flowchart TD
                    %% parcels: 4 streams, 13 events
                    Start(["start"])
                    n0["collected<br/>4 events"]
                    n1["driven<br/>4 events"]
                    n2["missed<br/>2 events"]
                    n3["delivered<br/>3 events"]
                    Ended(["end"])
                    Open(["not ended"])
                    Start -->|"4"| n0
                    n0 -->|"3<br/>15m, p95 23m 6s"| n1
                    n0 -.->|"1 undeclared<br/>1h 3m, p95 1h 3m"| n3
                    n1 -->|"2<br/>30m, p95 30m"| n2
                    n1 -->|"2<br/>25m, p95 29m 30s"| n3
                    n2 -->|"1<br/>1h 10m, p95 1h 10m"| n1
                    n2 -.->|"1 not ended"| Open
                    n3 -->|"3"| Ended

                """,
            "\(mermaid.output)"
        )
        let map = folder.path("map.svg")
        let svg = await run("--map", "svg", "-o", map)
        #expect(svg.status == 0 && svg.output == "")
        #expect(
            svg.error == "parcels incident: conformance: a map of 4 nodes and 8 edges\n"
        )
        let drawing = try folder.text("map.svg")
        #expect(drawing.contains("the declared path does not allow it there"))
        #expect(drawing.contains("parcels: 4 streams, 13 events"))
        #expect(!drawing.contains("request") && !drawing.contains("definition"))
        #expect(await run("--map", "svg", "-o", map).status == 65)
        #expect(await run("--map", "svg", "-o", map, "--overwrite").status == 0)
        let json = await run("--map", "dot", "--format", "json", "--edges-at-least", "0.5")
        let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8))
        let result = try #require(object as? [String: Any])
        #expect(result["machine"] as? String == "parcels" && result["key_count"] as? Int == 4)
        #expect(result["left_out_edge_count"] as? Int == 3)
        #expect((result["edges"] as? [[String: Any]])?.count == 5)
        #expect((result["source"] as? String)?.hasPrefix("digraph \"parcels: ") == true)
        // Without a path nothing is undeclared.
        let tickets = await run("--map", "mermaid", "--machine", "tickets", on: "t")
        #expect(tickets.output.contains("-->") && !tickets.output.contains("-.->"))
        let plain = await run("--map", "svg", "--machine", "tickets", on: "t").output
        #expect(plain.contains("At each line") && !plain.contains("declared"))
    }

    static let refusals: [(arguments: [String], clue: String)] = [
        (["--machine", "tickets"], "declares no path that keys could leave"),
        (["--machine", "tickets", "--check"], "ask for --variants or --map"),
        (["--variants", "--map", "svg"], "ask one at a time"),
        (["--variants", "--check"], "--check is about departures"),
        (["--fold-repeats"], "--fold-repeats needs --variants or --map"),
        (["-o", "x.svg"], "need --map"), (["--map", "png"], "mermaid"),
        (["--map", "svg", "--edges-at-least", "2"], "a number from 0 to 1"),
        (["--where", "drives >"], "--where: at character"),
    ]

    @Test(arguments: refusals)
    func `what has no answer is said, with its code`(
        arguments: [String],
        clue: String
    ) async throws {
        let run = await parcels.captured(
            ["conformance", "--journal", folder.path("p")] + arguments
        )
        #expect(run.status == 64 && run.output == "", "\(run)")
        #expect(run.error.hasPrefix("parcels incident: conformance: "))
        #expect(run.error.contains(clue), "\(run.error)")
    }
}
