import CairnCore
import CairnDomains
import CairnJournal
import Testing

@testable import CairnIncident

/// Which streams a report is about, where events of them were removed or are passed over.
struct StreamReportRemovalTests {
    /// Visits that begin, end, and may be forgotten.
    private struct Visits: InspectableMachine {
        enum Event: String, Hashable, Sendable { case began, ended, forgotten }

        struct State: Hashable, Sendable {
            var isForgotten = false
            var count = 0
        }

        var streamKind: StreamKind { StreamKind("visits") }
        var initial: State { State() }
        var declaredPath: EventPath? {
            EventPath(from: ["began"], ["began": ["ended"]], to: ["ended"])
        }

        func event(_ header: EventHeader, frame: RawSpan) throws(EventCodecError) -> Event? {
            Event(rawValue: header.type(in: frame))
        }

        func evolve(_ state: inout State, by event: Event) {
            state.isForgotten = event == .forgotten
            state.count = state.isForgotten ? 0 : state.count + 1
        }

        func passOver(_ state: inout State) {}
        func isSeen(_ state: State) -> Bool { !state.isForgotten }

        func reportRow(of event: Event, occurredAt: Timestamp) -> ReportRow {
            ReportRow(lane: "visit", happenedAt: occurredAt)
        }
    }

    private typealias Query = StreamReportQuery<DocumentRecord>

    /// A journal of events at minutes.
    private static func view(
        _ events: [(key: String, type: String, minute: Int64)]
    ) async throws -> MachineView<Visits> {
        let (journal, machine) = (MemoryJournal(), Visits())
        for event in events {
            try await journal.append(
                try NewEvent(
                    type: event.type,
                    occurredAt: History.time(minutes: event.minute),
                    mayBeIgnored: event.type == "new",
                    payload: []
                ),
                to: try machine.stream(of: event.key)
            )
        }
        return MachineView(journal, machine)
    }

    /// The keys that were under way between two minutes, by the page and by the variants.
    private static func keys(
        in view: MachineView<Visits>,
        _ from: Int64,
        _ until: Int64
    ) async throws -> (page: [String], variantCount: Int) {
        let span = (from: History.time(minutes: from), until: History.time(minutes: until))
        let report = try await view.report(
            Query(incident: IncidentSpan(from: span.from, until: span.until)),
            now: .distantFuture
        )
        let query = StreamPathQuery<DocumentRecord>(since: span.from, until: span.until)
        let variants = try await view.variants(query, limit: 99, now: .distantFuture)
        return (try ReportReader(report.json).ids, variants.requestCount)
    }

    @Test func `no stream is chosen for what was removed of it`() async throws {
        let view = try await Self.view([
            ("reborn", "began", 0), ("other", "began", 1), ("other", "ended", 2),
            ("reborn", "forgotten", 5), ("reborn", "began", 120), ("reborn", "ended", 130),
        ])
        // When what was removed happened.
        let removed = try await Self.keys(in: view, 0, 10)
        #expect(removed.page == ["other"] && removed.variantCount == 1)
        // Between the removal and the second beginning, when the path says that nothing went on.
        let between = try await Self.keys(in: view, 60, 70)
        #expect(between.page == [] && between.variantCount == 0)
        let reborn = try await Self.keys(in: view, 115, 125)
        #expect(reborn.page == ["reborn"] && reborn.variantCount == 1)
        // Begun before, and not ended.
        #expect(try await Self.keys(in: view, 121, 125).page == ["reborn"])
        let whole = try await view.report(Query(), now: .distantFuture)
        #expect(whole.eventCount == 4)
    }

    @Test func `only events that the report has count against its limit`() async throws {
        let view = try await Self.view([
            ("a", "began", 0), ("a", "ended", 1), ("a", "forgotten", 2), ("a", "new", 3),
            ("a", "began", 4), ("b", "new", 5), ("b", "began", 6), ("b", "new", 7),
        ])
        for keys in [[], ["a", "b"]] {
            let report = try await view.report(
                Query(keys: keys, eventCountMax: 2),
                now: .distantFuture
            )
            #expect(report.eventCount == 2)
            await #expect(throws: IncidentError.tooManyEvents(max: 1)) {
                try await view.report(Query(keys: keys, eventCountMax: 1), now: .distantFuture)
            }
        }
    }
}
