import CairnTestSupport
import Foundation
import Testing

/// The page of a report in a real browser: what it shows once its own script has run.
@Suite(.enabled(if: Browser.program != nil, Browser.absence))
struct ReportPageTests {
    @Test func `the view of all requests counts and lists them`() async throws {
        let fixture = try await Fixture()
        let run = try await fixture.cairn("report -o r.html --now 2025-12-25T11:00:00Z")
        #expect(run.status == 0, "\(run.error)")
        let page = try await Browser.open("r.html", in: fixture.folder)
        #expect(page.complaints == [])
        #expect(page.document.contains("data-ready=\"yes\""))
        let tiles = page.texts("button", with: "data-filter=")
        #expect(
            tiles == ["4Requests", "1Failed", "2Stuck", "1Retries", "2Not ended", "1Odd"]
        )
        let ids = page.texts("bdi", with: "class=\"mono\"")
        for id in ["R-1", "R-2", "R-3", "R-4"] { #expect(ids.contains(id)) }
        let failures = try #require(page.texts("table", with: "id=\"failures\"").first)
        #expect(failures.contains("PARSING \u{B7} API_TIMEOUT"))
        #expect(failures.contains("no answer, twice"))
    }

    @Test func `a search and a filter stand in the address`() async throws {
        let fixture = try await Fixture()
        _ = try await fixture.cairn("report -o r.html --now 2025-12-25T11:00:00Z")
        let searched = try await Browser.open(
            "r.html",
            at: ["search": "twice pod-1", "filter": "stuck", "theme": "dark"],
            in: fixture.folder
        )
        #expect(searched.complaints == [])
        #expect(searched.document.contains("data-theme=\"dark\""))
        #expect(searched.texts("h2", with: "id=\"listtitle\"") == ["1 of 4 requests"])
    }

    @Test(arguments: [2, 3])
    func `the state at an event is that of the verb as of then`(event: Int) async throws {
        let fixture = try await Fixture()
        _ = try await fixture.cairn("report R-3 -o r.html --now 2025-12-25T11:00:00Z")
        let page = try await Browser.open(
            "r.html",
            at: ["request": "R-3", "event": "\(event)"],
            in: fixture.folder
        )
        #expect(page.complaints == [])
        let lanes = page.texts("text", with: "class=\"lane\"")
        #expect(lanes.map { $0.prefix(9) } == ["ORCHESTRA", "PARSINGPA"])
        let timeline = try await fixture.cairn("timeline R-3 --format json")
        let rows = try #require(timeline.json as? [[String: Any]])
        let position = try #require(rows[event - 1]["position"] as? Int)
        let run = try await fixture.cairn("state R-3 --format json --as-of \(position)")
        let state = try #require(run.json as? [String: Any])
        for name in ["stage", "event_type", "status"] {
            #expect(page.field(name) == state[name] as? String, "\(name)")
        }
        for name in ["attempt", "attempt_max", "event_count", "anomaly_count", "sequence_no"] {
            #expect(page.field(name) == (state[name] as? Int).map(String.init), "\(name)")
        }
        #expect(page.field("terminal") == "no")
        let error = state["last_error"] as? [String: Any]
        #expect(page.field("error_code") == error?["error_code"] as? String)
    }

    /// Presses keys in the page and tells after each what is shown, and then has it printed.
    private static let hand = #"""
        const told = [];
        const press = (key) => document.activeElement.dispatchEvent(
          new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
        const tell = (id) => told.push(byID(id) ? byID(id).textContent : "none");
        press("/"); told.push(document.activeElement.id);
        press("ArrowDown"); press("ArrowDown"); press("ArrowDown"); press("Enter"); tell("title");
        press("Home"); tell("statetitle");
        press("ArrowRight"); tell("statetitle");
        press("e"); tell("statetitle");
        press("["); tell("title");
        press("?"); told.push(byID("help").open ? "help" : "no help"); byID("help").close();
        window.dispatchEvent(new Event("beforeprint"));
        told.push(document.querySelectorAll("#printed tbody tr").length + " printed");
        press("Escape"); tell("listtitle");
        document.body.append(el("p", { id: "told" }, told.join("; ")));
        """#

    @Test func `keys lead through the page, and paper gets all rows`() async throws {
        let fixture = try await Fixture()
        _ = try await fixture.cairn("report -o r.html --now 2025-12-25T11:00:00Z")
        let end = "document.documentElement.dataset.ready = \"yes\";"
        let page = try fixture.folder.text("r.html")
        try #require(page.contains(end))
        try fixture.folder.file("k.html", page.replacing(end, with: end + Self.hand))
        let shown = try await Browser.open("k.html", in: fixture.folder)
        #expect(shown.complaints == [])
        #expect(
            shown.texts("p", with: "id=\"told\"") == [
                [
                    "search", "R-3", "State after event 1 of 3", "State after event 2 of 3",
                    "State after event 3 of 3", "R-2", "help", "2 printed", "4 requests",
                ].joined(separator: "; ")
            ]
        )
    }

    @Test func `hostile texts are shown and do nothing`() async throws {
        let folder = try ScratchFolder()
        let texts = [
            "</script><script>document.title='taken'</script>", "<img src=x onerror=alert(1)>",
            "\u{202E}abc", "a\u{2028}b", "<!--", "&lt;b&gt;",
        ]
        let rows = texts.enumerated().map { index, text in
            [
                "tenant": text, "pagw_id": text, "stage": "S\(index)" + text, "event_type": text,
                "status": "FAILED", "error_code": text, "error_message": text,
                "created_at": "2025-12-25T10:00:0\(index)Z", "metadata": [text: text],
            ] as [String: Any]
        }
        let lines = try rows.map {
            String(decoding: try JSONSerialization.data(withJSONObject: $0), as: UTF8.self)
        }
        try folder.file("rows.jsonl", lines.joined(separator: "\n") + "\n")
        let imported = try await folder.cairn("import", "rows.jsonl", "--journal", "j")
        #expect(imported.status == 0, "\(imported.error)")
        let run = try await folder.cairn("report", "-o", "r.html", "--journal", "j")
        #expect(run.status == 0, "\(run.error)")
        for text in texts.prefix(3) where text != texts[1] {
            let page = try await Browser.open("r.html", at: ["request": text], in: folder)
            #expect(page.complaints == [])
            #expect(!page.document.contains("<title>taken"))
            #expect(!page.document.contains("<img"))
            let shown = text.replacing("\u{202E}", with: "[U+202E]")
                .replacing("\u{2028}", with: "[U+2028]")
            #expect(page.texts("h1", with: "id=\"title\"") == [shown])
            #expect(page.field("error_message") == shown)
        }
    }
}

/// The same on logs that were recorded elsewhere.
@Suite(
    .enabled(if: Browser.program != nil, Browser.absence),
    .enabled(if: RealData.folder != nil, "no folder shared/data beside the package")
)
struct ReportOfLogsTests {
    struct Log: CustomTestStringConvertible {
        let name: String
        let requestCount: String
        let eventCount: String
        /// A request of it, and the stages that it was in.
        let request: String
        let laneCount: Int

        var testDescription: String { name }
    }

    static let logs = [
        Log(
            name: "01_running-example.xes.gz",
            requestCount: "6",
            eventCount: "42",
            request: "01_running-example-3",
            laneCount: 7
        ),
        Log(
            name: "roadtraffic100traces.xes",
            requestCount: "100",
            eventCount: "390",
            request: "roadtraffic100traces-P1616",
            laneCount: 5
        ),
        Log(
            name: "04_reviewing.xes.gz",
            requestCount: "100",
            eventCount: "3,730",
            request: "04_reviewing-1",
            laneCount: 9
        ),
    ]

    @Test(arguments: logs)
    func `a real log is shown whole`(_ log: Log) async throws {
        let folder = try ScratchFolder()
        let source = try #require(RealData.folder) + "/process-logs/\(log.name)"
        let imported = try await folder.cairn("import", source, "--journal", "j")
        #expect(imported.status == 0, "\(imported.error)")
        let run = try await folder.cairn("report", "-o", "r.html", "--journal", "j")
        #expect(run.status == 0, "\(run.error)")
        let fleet = try await Browser.open("r.html", in: folder)
        #expect(fleet.complaints == [])
        #expect(fleet.texts("button", with: "data-filter=").first == log.requestCount + "Requests")
        #expect(fleet.texts("div", with: "class=\"tile\"").last?.hasPrefix(log.eventCount) == true)
        let request = try await Browser.open("r.html", at: ["request": log.request], in: folder)
        #expect(request.complaints == [])
        #expect(request.texts("h1", with: "id=\"title\"") == [log.request])
        #expect(request.texts("text", with: "class=\"lane\"").count == log.laneCount)
        #expect(request.document.contains("id=\"slider\""))
    }
}
