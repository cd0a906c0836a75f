import CairnCore
import CairnDomains
import CairnTestSupport
import Testing

@testable import CairnIncident

/// A report of 50,000 events in a real browser.
@Suite(.enabled(if: Browser.program != nil, "\(Browser.absence)"))
struct ReportSizeTests {
    /// What is hard for a page: one request with most of the events, and very many with few.
    struct Fleet {
        static let bigCount = 40_000
        static let smallCount = 1_000
        static let now = History.time(minutes: 24 * 60)

        private(set) var histories: [[EventRow]] = []
        private var position: UInt64 = 0

        init() {
            add("BIG", count: Self.bigCount)
            for number in 0..<Self.smallCount {
                add("R-\(number)", count: 10, minutes: Int64(number))
            }
        }

        /// Adds a request with an event each second: again and again a stage that ends well, and
        /// one that fails, waits and ends well.
        private mutating func add(_ request: String, count: Int, minutes: Int64 = 0) {
            var rows: [EventRow] = []
            for index in 0..<count {
                position += 1
                let event = Self.event(request, index, minutes)
                rows.append(
                    EventRow(
                        requestID: request,
                        position: Position(rawValue: position),
                        sequence: SequenceNumber(rawValue: UInt64(index + 1)),
                        recordedAt: event.createdAt,
                        event: event
                    )
                )
            }
            histories.append(rows)
        }

        private static func event(
            _ request: String,
            _ index: Int,
            _ minutes: Int64
        ) -> PipelineEvent {
            let steps: [(stage: String, type: String, status: PipelineStatus, attempt: Int64)] = [
                ("VALIDATION", "VALIDATION_START", .started, 1),
                ("VALIDATION", "VALIDATION_OK", .completed, 1),
                ("API_CONNECTOR", "API_CON_START", .started, 1),
                ("API_CONNECTOR", "API_CON_FAIL", .failed, 1),
                ("API_CONNECTOR", "API_CON_RETRY", .retryScheduled, 1),
                ("API_CONNECTOR", "API_CON_START", .started, 2),
                ("API_CONNECTOR", "API_CON_OK", .completed, 2),
            ]
            let step = steps[index % steps.count]
            let createdAt = History.time(minutes: minutes, seconds: Int64(index))
            var event = PipelineEvent(
                tenant: "anthem",
                stage: step.stage,
                eventType: step.type,
                status: step.status,
                createdAt: createdAt
            )
            event.attempt = step.attempt
            event.sequenceNumber = Int64(index + 1)
            event.workerID = "pod-\(index % 40)"
            switch step.status {
            case .failed:
                event.errorCode = "API_TIMEOUT"
                event.errorMessage = "\(request) waited, case \(index)"
            case .retryScheduled: event.nextRetryAt = createdAt.adding(.seconds(1))
            case .completed: event.durationMilliseconds = 1_000
            default: break
            }
            return event
        }

        func page() -> [UInt8] {
            let report = Report(
                histories,
                of: ReportQuery(),
                stuck: [],
                definition: .priorAuthorization,
                upTo: Position(rawValue: position),
                now: Self.now
            )
            return report.page
        }
    }

    /// Searches, opens the big request, moves in it by keys and by the slider, zooms and prints.
    private static let hand = #"""
        const press = (key, on) => (on || document.activeElement).dispatchEvent(
          new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
        const tell = (id) => told.push(byID(id).textContent);
        const waited = (time) => new Promise((done) => setTimeout(done, time));
        const slot = (name) => {
          const field = document.querySelector(`[data-slot="${name}"]`);
          return field ? field.firstChild.textContent : "-";
        };
        const state = () => { tell("statetitle"); told.push(["event_count", "attempt", "anomaly_count",
          "error_message"].map(slot).join(", ")); };
        tell("listtitle");
        for (const query of ["case 39000", "R-417", "waited pod-3", "nowhere"]) {
          press("/");
          byID("search").value = query;
          byID("search").dispatchEvent(new Event("input"));
          await waited(400);
          tell("listtitle");
        }
        byID("search").value = "big";
        byID("search").dispatchEvent(new Event("input"));
        await waited(400);
        press("Enter"); press("Enter"); tell("title"); state();
        press("Home"); press("e"); press("e"); state();
        for (let step = 0; step < 20; step++) press("ArrowRight");
        state();
        byID("slider").focus();
        byID("slider").value = 20000;
        byID("slider").dispatchEvent(new Event("input"));
        state();
        const shapes = [];
        const drawn = async () => {
          await waited(100);
          shapes.push(document.querySelectorAll("#lanes svg *").length);
        };
        await drawn();
        for (const key of "++++++++++") press(key, document.body);
        await drawn();
        press("s", document.body); await drawn();
        told.push(shapes.every((count) => count > 20 && count < 6000) ? "drawn" : "shapes: " + shapes);
        const lines = document.querySelectorAll(".line1").length;
        told.push(lines > 5 && lines < 60 ? "lines" : lines + " lines");
        window.dispatchEvent(new Event("beforeprint"));
        told.push(document.querySelectorAll("#printed tbody tr").length + " printed");
        told.push(document.querySelector("#printed p").textContent);
        """#

    @Test func `50,000 events can be searched, walked through and printed`() async throws {
        let folder = try ScratchFolder()
        let fleet = Fleet()
        try folder.file("r.html", fleet.page())
        let page = try await Browser.open("r.html", doing: Self.hand, in: folder)
        #expect(page.complaints == [])
        let rows = try #require(fleet.histories.first)
        let machine = PipelineMachine()
        var state = machine.initial
        var expected: [Int: String] = [:]
        for (index, row) in rows.enumerated() {
            machine.evolve(&state, by: row.event)
            let figures = [
                "\(state.eventCount)", "\(row.event.attempt)", "\(state.anomalies.totalCount)",
                state.lastError?.message ?? "-",
            ]
            expected[index + 1] = figures.joined(separator: ", ")
        }
        let states = [rows.count, 4, 24, 20_000].flatMap { count in
            ["State after event \(count) of 40000", expected[count] ?? ""]
        }
        let lists = [
            "1,001 requests", "1 of 1,001 requests", "1 of 1,001 requests", "1,001 requests",
            "0 of 1,001 requests", "BIG",
        ]
        let rest = [
            "drawn", "lines", "5000 printed", "35,000 more rows are in the page itself.",
        ]
        #expect(page.told == lists + states + rest)
    }
}
