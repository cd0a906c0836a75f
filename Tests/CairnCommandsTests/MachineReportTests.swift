import Cairn
import CairnTestSupport
import Foundation
import Testing

@testable import CairnCommands

/// `report` over machines of an embedder's own: from its arguments to what a browser shows.
struct MachineReportTests {
    private let folder: ScratchFolder
    private let parcels = IncidentTool(Courier(), name: "parcels incident")
    private let tickets = IncidentTool(TicketDesk(), name: "tickets incident")

    init() async throws {
        folder = try ScratchFolder()
        try await Courier.journal(at: folder.path("p"))
        try await TicketDesk.journal(at: folder.path("t"))
    }

    /// Runs the verb on the parcels as of noon.
    private func run(_ arguments: [String], to file: String = "r.html") async -> CapturedRun {
        await parcels.captured(
            ["report", "--journal", folder.path("p"), "--now", "2026-03-02T12:00:00Z"]
                + ["-o", file == "-" ? file : folder.path(file)] + arguments
        )
    }

    @Test func `a page is written whole, and the journal stays as it is`() async throws {
        let before = try folder.data("p/data.mdb")
        let run = await run([])
        #expect(run.status == 0, "\(run.error)")
        #expect(
            run.output == """
                path              \(folder.path("r.html"))
                key_count         4
                event_count       13
                first_created_at  2026-03-02T09:00:00Z
                last_created_at   2026-03-02T11:20:00Z

                """
        )
        #expect(try folder.data("p/data.mdb") == before)
        let page = try folder.text("r.html")
        #expect(page.hasPrefix("<!DOCTYPE html>\n") && page.hasSuffix("</html>\n"))
        #expect(await self.run([], to: "-").output == page)
        let json = await self.run(["P-2", "--format", "json"])
        let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8))
        let result = try #require(object as? [String: Any])
        #expect(result["key_count"] as? Int == 1 && result["event_count"] as? Int == 5)
        #expect(result["byte_count"] as? Int == (try folder.data("r.html").count))
    }

    static let choices: [(arguments: [String], count: Int)] = [
        (["P-3", "P-1"], 2), (["P-1", "P-1"], 1), (["--where", "drives > 1"], 1),
        (["--where", "misses exists"], 4), (["--as-of", "4"], 4), (["--as-of", "3"], 3),
        // P-1 had ended, and P-4 had gone from its path to an end: what waits is under way.
        (["--incident", "2026-03-02T10:30:00Z..2026-03-02T10:40:00Z"], 2),
        (["--incident", "..2026-03-02T09:05:00Z"], 1), (["--incident", "1h.."], 2),
    ]

    @Test(arguments: choices)
    func `keys are chosen by name, state and time`(arguments: [String], count: Int) async throws {
        let run = await run(arguments + ["--format", "json"])
        #expect(run.status == 0, "\(run.error)")
        #expect(run.output.contains("\"key_count\":\(count),"), "\(run.output)")
    }

    static let refusals: [(arguments: [String], status: Int32, clue: String)] = [
        (["P-9"], 66, "no event of parcels/P-9 is in "),
        (["P-3", "--as-of", "2"], 66, "no event of parcels/P-3 is in "),
        (["P-1", "--where", "drives > 0"], 64, "have nothing to choose"),
        (["--where", "drives >"], 64, "--where: at character"),
        (["--where", "drives > 7"], 66, "no key fits, so nothing was written"),
        (["--incident", "1h..2h"], 64, "--incident ends before it begins"),
        (["--incident", "yesterday"], 64, "it is not FROM..TO"),
        (["--machine", "none"], 64, "--machine must be one of parcels"),
        (["--as-of", "99"], 65, "--as-of 99 is beyond the last position, 13"),
    ]

    @Test(arguments: refusals)
    func `what cannot be shown is said, with its code`(
        arguments: [String],
        status: Int32,
        clue: String
    ) async throws {
        let run = await run(arguments)
        #expect(run.status == status, "\(run.error)")
        #expect(run.output == "" && run.error.hasPrefix("parcels incident: report: "))
        #expect(run.error.contains(clue), "\(run.error)")
        #expect(run.error.split(separator: "\n").count <= 3)
        #expect(try folder.names().sorted() == ["p", "t"])
    }

    @Test func `what was removed is in no page, no variant and no map`() async throws {
        let path = folder.path("requests")
        let journal = try LMDBJournal(path: path)
        defer { journal.close() }
        let tracker = PipelineTracker(journal: journal)
        for request in ["R-1", "R-2", "R-1", "R-2"] {
            try await tracker.started(request, tenant: "t", stage: "PARSING")
        }
        try await PipelineRemover(journal).forget(request: "R-1")
        let tool = IncidentTool(RequestMachine(.priorAuthorization), name: "requests incident")
        func run(_ arguments: String...) async -> CapturedRun {
            await tool.captured(arguments + ["--journal", path])
        }
        let page = await run("report", "-o", folder.path("r.html"))
        #expect(page.output.contains("key_count         1\nevent_count       2\n"))
        #expect(try !folder.text("r.html").contains("R-1"))
        #expect(await run("report", "R-1", "-o", folder.path("n.html")).status == 66)
        let variants = await run("conformance", "--variants", "--format", "json")
        #expect(variants.output.hasPrefix(#"{"key_count":1,"variant_count":1,"#))
        #expect(await run("conformance", "--map", "dot").output.contains("1 stream, 2 events"))
    }

    @Test func `a report takes the place of a report, and of nothing else`() async throws {
        try folder.file("r.html", "mine\n")
        let refused = await run(["P-1"])
        #expect(refused.status == 65)
        #expect(refused.error.hasSuffix("r.html exists; name another file, or give --overwrite\n"))
        #expect(try folder.text("r.html") == "mine\n")
        #expect(await run(["P-1", "--overwrite"]).status == 0)
        let first = try folder.text("r.html")
        #expect(await run(["P-2"]).status == 0)
        #expect(try folder.text("r.html") != first)
        #expect(await run(["P-1"], to: "-").status == 0)
        #expect(await run(["--format", "json"], to: "-").status == 64)
        #expect(await run(["P-1"], to: "no/r.html").status == 66)
    }
}

/// The same pages in a real browser.
@Suite(.enabled(if: Browser.program != nil, "\(Browser.absence)"))
struct MachineReportPageTests {
    private let folder: ScratchFolder

    init() async throws {
        folder = try ScratchFolder()
        try await Courier.journal(at: folder.path("p"))
        try await TicketDesk.journal(at: folder.path("t"))
    }

    private func report(_ machine: any InspectableMachine, _ journal: String) async throws {
        let run = await IncidentTool(machine, name: "own incident").captured(
            ["report", "--journal", folder.path(journal), "-o", folder.path("r.html")]
                + ["--now", "2026-03-02T12:00:00Z"]
        )
        try #require(run.status == 0, "\(run.error)")
    }

    private func reportParcels() async throws { try await report(Courier(), "p") }

    @Test func `the view of all streams counts, charts and lists them`() async throws {
        try await reportParcels()
        let page = try await Browser.open("r.html", in: folder)
        #expect(page.complaints == [])
        let tiles = page.texts("button", with: "data-filter=")
        #expect(tiles == ["4Streams", "2Failed", "1Stuck", "1Retries", "1Not ended", "1Odd"])
        let keys = page.texts("bdi", with: "class=\"mono\"")
        for key in ["P-1", "P-2", "P-3", "P-4"] { #expect(keys.contains(key)) }
        let failures = try #require(page.texts("table", with: "id=\"failures\"").first)
        #expect(failures.contains("delivery \u{B7} nobody home"))
        #expect(failures.contains("delivery \u{B7} wrong address"))
        let stuck = try #require(page.texts("table", with: "id=\"stuck\"").first)
        #expect(stuck.contains("P-3") && !stuck.contains("P-2"))
        let odd = try #require(page.texts("table", with: "id=\"odd\"").first)
        #expect(odd.contains("undeclared_step"))
        // What was delivered took 30 minutes and 20 from the start of its drive.
        #expect(page.texts("text", with: "class=\"t-soft\"").contains("p95 29m 30s, max 30m"))
        // A stream is no request, and has neither a pipeline nor stages nor a tenant.
        let shown = page.texts("header", with: "class=\"top\"") + page.texts("main", with: "id")
        #expect(shown.count == 2)
        for word in ["request", "pipeline", "stage", "tenant"] {
            #expect(!shown.joined().contains(word), "\(word)")
        }
    }

    @Test(arguments: 1...5)
    func `the state at an event is that of the verb as of then`(event: Int) async throws {
        try await reportParcels()
        let page = try await Browser.open(
            "r.html",
            at: ["request": "P-2", "event": "\(event)"],
            in: folder
        )
        #expect(page.complaints == [])
        #expect(page.texts("h1", with: "id=\"title\"") == ["P-2"])
        #expect(page.texts("h2", with: "id=\"statetitle\"") == ["State after event \(event) of 5"])
        let lanes = page.texts("text", with: "class=\"lane\"")
        #expect(lanes == ["depotdepot", "deliverydelivery"])
        let position = [2, 6, 9, 12, 13][event - 1]
        let tool = IncidentTool(Courier(), name: "parcels incident")
        let run = await tool.captured(
            ["state", "P-2", "--journal", folder.path("p"), "--as-of", "\(position)"]
        )
        let fields = run.output.split(separator: "\n").drop { !$0.hasPrefix("field") }.dropFirst()
        #expect(fields.count >= 3)
        for line in fields {
            let words = line.split(separator: " ", maxSplits: 1).map(String.init)
            let value = words[1].trimmingCharacters(in: .whitespaces)
            let shown = page.field(words[0])?.trimmingCharacters(in: ["\""])
            #expect(shown == value, "\(words[0])")
        }
        let new = page.texts("dd", with: "class=\"new\"").count
        #expect(new == [3, 2, 3, 1, 1][event - 1])
    }

    @Test func `a machine that says nothing of work has its events and states alone`()
        async throws
    {
        try await report(TicketDesk(), "t")
        let fleet = try await Browser.open("r.html", in: folder)
        #expect(fleet.complaints == [])
        #expect(fleet.texts("button", with: "data-filter=") == ["2Streams"])
        for id in ["failures", "stuck", "odd"] {
            #expect(fleet.texts("table", with: "id=\"\(id)\"") == [])
        }
        let page = try await Browser.open(
            "r.html",
            at: ["request": "mahler", "event": "2"],
            in: folder
        )
        #expect(page.complaints == [])
        let lanes = page.texts("text", with: "class=\"lane\"")
        #expect(lanes == ["heldheld", "soldsold", "letGoletGo"])
        #expect(page.field("free") == "3")
        #expect(page.texts("span", with: "class=\"was\"") == [" was 1"])
        #expect([page.field("held"), page.field("sold")] == ["2", "0"])
        #expect(page.texts("table", with: "id=\"stages\"") == [])
        let columns = page.texts("div", with: "role=\"columnheader\"")
        #expect(columns == ["event", "2026-03-01", "lane", "name", "document"])
        #expect(page.texts("bdi", with: "class=\"mono\"").contains("held: 2"))
    }

    @Test(arguments: ["light", "dark"])
    func `keys, search, filters and paper work as for requests`(theme: String) async throws {
        try await reportParcels()
        let hand = #"""
            const press = (key) => document.activeElement.dispatchEvent(
              new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
            const tell = (id) => told.push(byID(id) ? byID(id).textContent : "none");
            for (const query of ["wrong", "nobody P-2", "undeclared", "nowhere"]) {
              choose({ query }); tell("listtitle");
            }
            choose({ query: "" });
            for (const filter of ["stuck", "odd", "all"]) { choose({ filter }); tell("listtitle"); }
            go({ request: 1, event: null }); tell("title"); tell("statetitle");
            press("Home"); tell("statetitle");
            press("e"); tell("statetitle");
            press("]"); tell("title");
            window.dispatchEvent(new Event("beforeprint"));
            told.push(document.querySelectorAll("#printed tbody tr").length + " printed");
            press("Escape"); tell("listtitle");
            told.push(document.documentElement.dataset.theme);
            """#
        let page = try await Browser.open("r.html", at: ["theme": theme], doing: hand, in: folder)
        #expect(page.complaints == [])
        #expect(
            page.told == [
                "1 of 4 streams", "1 of 4 streams", "1 of 4 streams", "0 of 4 streams",
                "1 of 4 streams", "1 of 4 streams", "4 streams", "P-2", "State after event 5 of 5",
                "State after event 1 of 5", "State after event 3 of 5", "P-3", "3 printed",
                "4 streams", theme,
            ]
        )
        #expect((1...2).contains(try await Browser.sheetCount(of: "r.html", in: folder)))
    }

    /// Everything that is recorded is also a name: of events, lanes, errors and members.
    private struct Notes: InspectableMachine {
        var streamKind: StreamKind { StreamKind("notes") }
        var initial: [String: String] { [:] }

        func event(_ header: EventHeader, frame: RawSpan) throws(EventCodecError) -> String? {
            String(decoding: frame.extracting(header.payloadRange).array(), as: UTF8.self)
        }

        func passOver(_ state: inout [String: String]) {}
        func evolve(_ state: inout [String: String], by event: String) { state[event] = event }
        func name(of event: String) -> String { event }

        func document(of event: String) -> JSONValue {
            .object([JSONMember(event, .string(event))])
        }

        func document(of state: [String: String]) -> JSONValue {
            .object(state.sorted { $0.key < $1.key }.map { JSONMember($0.key, .string($0.value)) })
        }

        func reportRow(of event: String, occurredAt: Timestamp) -> ReportRow {
            ReportRow(lane: event, status: .failed, errorCode: event, errorMessage: event)
        }
    }

    @Test func `hostile texts of states and events are shown and do nothing`() async throws {
        let texts = [
            "</script><script>document.title='taken'</script>", "<img src=x onerror=alert(1)>",
            "__proto__", "constructor", "<!--",
        ]
        let journal = try LMDBJournal(path: folder.path("n"))
        for text in texts {
            let event = try NewEvent(
                type: "note",
                occurredAt: .unixEpoch,
                codec: .json,
                payload: Array(text.utf8)
            )
            try await journal.append(event, to: try Notes().stream(of: texts[0]))
        }
        journal.close()
        try await report(Notes(), "n")
        let hand = #"""
            go({ request: 0, event: null });
            const names = document.querySelectorAll("#state dt bdi");
            told.push([...names].map((one) => one.textContent).join(" | "));
            told.push(byID("title").textContent, document.title.split(":")[0],
              document.scripts.length + " scripts", document.images.length + " images");
            """#
        let page = try await Browser.open("r.html", doing: hand, in: folder)
        #expect(page.complaints == [])
        // A name that is no plain word is quoted, as in a path.
        let shown = texts.map { JSONPath(parts: [$0]).description }
        #expect(
            page.told == [
                shown.joined(separator: " | "), texts[0], "cairn report", "2 scripts", "0 images",
            ]
        )
    }
}
