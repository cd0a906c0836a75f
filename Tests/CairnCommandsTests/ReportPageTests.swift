import CairnTestSupport
import Foundation
import Testing

/// The page of a report in a real browser: what it shows once its own script has run.
@Suite(.enabled(if: Browser.program != nil, "\(Browser.absence)"))
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
        """#

    @Test func `keys lead through the page, and paper gets all rows`() async throws {
        let fixture = try await Fixture()
        _ = try await fixture.cairn("report -o r.html --now 2025-12-25T11:00:00Z")
        let shown = try await Browser.open("r.html", doing: Self.hand, in: fixture.folder)
        #expect(shown.complaints == [])
        #expect(
            shown.told == [
                "search", "R-3", "State after event 1 of 3", "State after event 2 of 3",
                "State after event 3 of 3", "R-2", "help", "2 printed", "4 requests",
            ]
        )
    }

    @Test func `what goes wrong in a page is complained of`() async throws {
        let fixture = try await Fixture()
        _ = try await fixture.cairn("report -o r.html --now 2025-12-25T11:00:00Z")
        let script = """
            setTimeout(() => { throw new Error("one"); });
            Promise.reject(new Error("two"));
            fetch("http://192.0.2.1/three").catch(() => {});
            document.body.append(el("img", { src: "http://192.0.2.1/four.png" }));
            document.body.append(el("script", { src: "http://192.0.2.1/five.js" }));
            """
        let page = try await Browser.open("r.html", doing: script, in: fixture.folder)
        for clue in ["Error: one", "Error: two", "/three", "/four.png", "/five.js"] {
            let told = page.complaints.filter { $0.contains(clue) }
            #expect(!told.isEmpty, "\(clue)")
            guard clue.hasPrefix("/") else { continue }
            #expect(told.contains { $0.contains("Content Security Policy") }, "\(clue)")
        }
    }

    /// What the document has asked for so far.
    private static let asked = """
        await new Promise((done) => setTimeout(done, 300));
        told.push("asked: " + performance.getEntriesByType("resource").map((one) => one.name));

        """

    @Test func `a page asks for nothing, also where no policy would refuse it`() async throws {
        let fixture = try await Fixture()
        _ = try await fixture.cairn("report -o r.html --now 2025-12-25T11:00:00Z")
        let page = try fixture.folder.text("r.html")
        let policy = #/<meta http-equiv="Content-Security-Policy"[^>]*>/#
        try #require(page.matches(of: policy).count == 1)
        try fixture.folder.file("n.html", page.replacing(policy, with: ""))
        let image = #"document.body.append(el("img", { src: "http://192.0.2.1/a.png" }));"#
        let script = Self.hand + Self.asked + image + "\n" + Self.asked
        let shown = try await Browser.open("n.html", doing: script, in: fixture.folder)
        #expect(shown.complaints == [])
        #expect(shown.told.suffix(2) == ["asked: ", "asked: http://192.0.2.1/a.png"])
    }
}

/// Recorded texts are shown in a page, and are nothing else in it.
@Suite(.enabled(if: Browser.program != nil, "\(Browser.absence)"))
struct ReportTextTests {
    /// A report of requests that are called as these texts, and so is all in them: two events
    /// each, the first with a status of that name, the second with a failure.
    private static func report(_ texts: [String]) async throws -> ScratchFolder {
        let folder = try ScratchFolder()
        let rows = texts.enumerated().flatMap { index, text in
            ["0", "1"].map { second in
                [
                    "tenant": text, "pagw_id": text, "stage": text, "event_type": text,
                    "status": second == "0" ? text : "FAILED", "error_code": text,
                    "error_message": text, "worker_id": text, "metadata": [text: text],
                    "created_at": "2025-12-25T10:0\(index):0\(second)Z",
                ] as [String: Any]
            }
        }
        let lines = try rows.map {
            String(decoding: try JSONSerialization.data(withJSONObject: $0), as: UTF8.self)
        }
        try folder.file("rows.jsonl", lines.joined(separator: "\n") + "\n")
        let imported = try await folder.cairn("import", "rows.jsonl", "--journal", "j")
        try #require(imported.status == 0, "\(imported.error)")
        let now = "2025-12-25T11:00:00Z"
        let run = try await folder.cairn("report", "-o", "r.html", "--journal", "j", "--now", now)
        try #require(run.status == 0, "\(run.error)")
        return folder
    }

    /// Opens each request at its first event and at its last, as links to them do, and searches
    /// for it; tells what is shown, and at the end what stands in the page that must not.
    private static let hand = #"""
        const wrong = [];
        for (const request of NAMES) {
          for (const event of [1, 2]) {
            const link = new URLSearchParams({ request, event });
            history.replaceState(null, "", "#" + link);
            readFragment();
            show();
            const slot = (name) => document.querySelector(`[data-slot="${name}"]`);
            const texts = (nodes) => [...nodes].map((one) => one.textContent);
            const all = texts(document.querySelectorAll("#event dt bdi, #event dd bdi"));
            told.push(byID("title").textContent, slot("stage").querySelector("bdi").textContent,
              slot("event_type").querySelector("bdi").textContent,
              slot("status").querySelector("bdi").textContent, all.join(" | "),
              texts(document.querySelectorAll("#stages td:first-child bdi")).join(" | "));
            if (/undefined|native code|\[object/.test(byID("main").textContent)) wrong.push(request);
          }
          const marks = document.querySelectorAll(".status i");
          if ([...marks].some((one) => one.textContent.length !== 1)) wrong.push(request);
          history.replaceState(null, "", "#");
          readFragment();
          show();
          choose({ query: request });
          told.push(byID("listtitle").textContent);
          if (/undefined|native code|\[object/.test(byID("main").textContent)) wrong.push(request);
        }
        told.push(document.scripts.length + " scripts", document.images.length + " images",
          document.title.split(":")[0], wrong.length ? "wrong: " + wrong : "nothing wrong");
        """#

    private static func script(_ texts: [String]) throws -> String {
        let json = try JSONSerialization.data(withJSONObject: texts)
        let list = String(decoding: json, as: UTF8.self).replacing("<", with: "\\u003c")
        return hand.replacing("NAMES", with: list)
    }

    private func expectPlain(_ texts: [String], found: [Int]) async throws {
        let folder = try await Self.report(texts)
        let page = try await Browser.open("r.html", doing: Self.script(texts), in: folder)
        #expect(page.complaints == [])
        var told: [String] = []
        for (text, count) in zip(texts, found) {
            let shown = text.replacing("\u{202E}", with: "[U+202E]")
                .replacing("\u{2028}", with: "[U+2028]")
            for status in [shown, "FAILED"] {
                let quoted = "\"\(shown.replacing("\"", with: "\\\""))\""
                let event = [shown, status, shown, shown, shown, shown, shown, quoted]
                told += [shown, shown, shown, status, event.joined(separator: " | "), shown]
            }
            told.append("\(count) of \(texts.count) requests")
        }
        told += ["2 scripts", "0 images", "cairn report", "nothing wrong"]
        #expect(page.told == told)
    }

    @Test func `hostile texts are shown and do nothing`() async throws {
        let texts = [
            "</script><script>document.title='taken'</script>", "<img src=x onerror=alert(1)>",
            "\u{202E}abc", "a\u{2028}b", "<!--", "&lt;b&gt;",
        ]
        // The separator parts words: both letters stand in the one before and in the one after.
        try await expectPlain(texts, found: [1, 1, 1, 3, 1, 1])
    }

    @Test func `names that every object of a script has are names as others`() async throws {
        let texts = ["constructor", "__proto__", "toString", "hasOwnProperty", "valueOf"]
        try await expectPlain(texts, found: [1, 1, 1, 1, 1])
    }
}

/// The same on logs that were recorded elsewhere.
@Suite(
    .enabled(if: Browser.program != nil, "\(Browser.absence)"),
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
        // About 30 rows fit on a sheet, whatever of them is to be seen on the screen.
        let sheetCount = try await Browser.sheetCount(of: "r.html", in: folder)
        let requestCount = try #require(Int(log.requestCount))
        #expect(sheetCount > requestCount / 40 && sheetCount < 4 + requestCount / 20)
        let request = try await Browser.open("r.html", at: ["request": log.request], in: folder)
        #expect(request.complaints == [])
        #expect(request.texts("h1", with: "id=\"title\"") == [log.request])
        #expect(request.texts("text", with: "class=\"lane\"").count == log.laneCount)
        #expect(request.document.contains("id=\"slider\""))
    }
}
