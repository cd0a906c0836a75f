import CairnCore
import CairnDomains
import CairnJournal
import CairnTestSupport
import Testing

@testable import CairnIncident

/// A report of 50,000 events of a machine's streams in a real browser.
@Suite(.enabled(if: Browser.program != nil, "\(Browser.absence)"))
struct StreamReportSizeTests {
    /// A meter that is read again and again.
    struct Meter: InspectableMachine {
        struct State: Hashable, Sendable {
            var count = 0
            var level = 0
            var place = Place(name: "hall", floor: 0)
            var alarms: [Int] = []
            var note = ""
        }

        struct Place: Hashable, Sendable {
            let name: String
            let floor: Int
        }

        enum Event: Hashable, Sendable { case read(Int), failed(Int), reset }

        var streamKind: StreamKind { StreamKind("meter") }
        var initial: State { State() }

        func event(_ header: EventHeader, frame: RawSpan) throws(EventCodecError) -> Event? { nil }

        func passOver(_ state: inout State) {}

        func evolve(_ state: inout State, by event: Event) {
            state.count += 1
            switch event {
            case .read(let level): (state.level, state.note) = (level, "")
            case .failed(let code):
                state.note = "silent:\(code)"
                state.alarms = Array((state.alarms + [code]).suffix(3))
            case .reset: state.alarms = []
            }
        }

        func reportRow(of event: Event, occurredAt: Timestamp) -> ReportRow {
            switch event {
            case .read: ReportRow(lane: "reading", status: .completed, duration: .seconds(1))
            case .failed(let code):
                ReportRow(lane: "reading", status: .failed, errorCode: "E\(code % 7)")
            case .reset: ReportRow(lane: "care", status: .completed)
            }
        }

        static func event(_ index: Int) -> Event {
            index % 50 == 49 ? .reset : index % 5 == 3 ? .failed(index) : .read(index * 7 % 100)
        }
    }

    private static let bigCount = 40_000

    private func page() throws -> [UInt8] {
        let view = MachineView(MemoryJournal(), Meter())
        var position: UInt64 = 0
        func stream(_ key: String, _ count: Int, minutes: Int64) throws -> ReportedStream {
            let steps = (0..<count).map { index in
                position += 1
                let time = History.time(minutes: minutes, seconds: Int64(index))
                return MachineStep(
                    position: Position(rawValue: position),
                    sequence: SequenceNumber(rawValue: UInt64(index + 1)),
                    recordedAt: time,
                    occurredAt: time,
                    type: "meter",
                    event: Meter.event(index)
                )
            }
            return ReportedStream(try view.stream(key), steps, of: view)
        }
        let small = try (0..<1_000).map { try stream("M-\($0)", 10, minutes: Int64($0)) }
        let streams = [try stream("BIG", Self.bigCount, minutes: 0)] + small
        return Report(
            streams.map(\.rows),
            of: ReportQuery(),
            stuck: [],
            definition: PipelineDefinition(name: "meter"),
            upTo: Position(rawValue: position),
            now: History.time(minutes: 24 * 60),
            streams: ReportStreams(path: nil, steps: streams.map(\.steps))
        ).page
    }

    private static let hand = #"""
        const tell = (id) => told.push(byID(id).textContent);
        const waited = (time) => new Promise((done) => setTimeout(done, time));
        const state = () => {
          tell("statetitle");
          told.push([...document.querySelectorAll("#state dd")]
            .map((one) => one.dataset.slot + "=" + one.firstChild.textContent).join(" "));
        };
        tell("listtitle");
        for (const query of ["M-417", "E3 big", "nowhere"]) { choose({ query }); tell("listtitle"); }
        choose({ query: "" });
        go({ request: 0, event: null }); tell("title"); state();
        for (const event of [4, 49, 50, 20000]) {
          byID("slider").value = event;
          byID("slider").dispatchEvent(new Event("input"));
          state();
        }
        await waited(100);
        const shapes = document.querySelectorAll("#lanes svg *").length;
        told.push(shapes > 20 && shapes < 6000 ? "drawn" : shapes + " shapes");
        """#

    @Test func `50,000 events of streams can be searched and walked through`() async throws {
        let folder = try ScratchFolder()
        let page = try page()
        // A state of several members costs each event little: changes are kept, and not states.
        #expect(page.count < 8_000_000, "\(page.count)")
        try folder.file("r.html", page)
        let shown = try await Browser.open("r.html", doing: Self.hand, in: folder)
        #expect(shown.complaints == [])
        var state = Meter().initial
        var expected: [Int: String] = [:]
        for index in 0..<Self.bigCount {
            Meter().evolve(&state, by: Meter.event(index))
            let document = Meter().document(of: state)
            guard [4, 49, 50, 20_000, Self.bigCount].contains(index + 1) else { continue }
            expected[index + 1] = Self.fields(of: document)
        }
        let states = [Self.bigCount, 4, 49, 50, 20_000].flatMap { count in
            ["State after event \(count) of 40000", Self.sorted(expected[count] ?? "")]
        }
        let lists = [
            "1,001 streams", "1 of 1,001 streams", "1 of 1,001 streams", "0 of 1,001 streams",
            "BIG",
        ]
        let told = shown.told.map { $0.contains("=") ? Self.left($0) : $0 }
        #expect(told == lists + states + ["drawn"])
    }

    @Test func `names that a path does not have are told as such`() async throws {
        let folder = try ScratchFolder()
        let journal = MemoryJournal()
        for type in ["opened", "failed", "failed", "paid"] {
            try await journal.append(try KioskStory.event(type, 1), to: try StreamID("kiosk/a"))
        }
        let report = try await MachineView(journal, Kiosk()).report(now: .distantFuture)
        try folder.file("r.html", report.page)
        let shown = try await Browser.open("r.html", in: folder)
        #expect(shown.complaints == [])
        let odd = try #require(shown.texts("table", with: "id=\"odd\"").first)
        #expect(odd.contains("unknown_event_typethe declared path has no such event21"), "\(odd)")
        #expect(odd.contains("undeclared_step") && !odd.contains("pipeline"), "\(odd)")
    }

    private static func fields(of document: JSONValue) -> String {
        Difference.all(from: document, to: document, includesSame: true).map { member in
            var writer = JSONWriter()
            writer.value(member.after ?? .null)
            return "\(member.path)=\(writer.text)"
        }.joined(separator: "|")
    }

    /// The fields in the order of their names, whatever that of the page is.
    private static func sorted(_ fields: String) -> String {
        fields.split(separator: "|").sorted().joined(separator: " ")
    }

    /// The fields that the page shows, without those that the event took away.
    private static func left(_ shown: String) -> String {
        shown.split(separator: " ").filter { !$0.hasSuffix("=-") }.sorted().joined(separator: " ")
    }
}
