internal import CairnCore
internal import CairnIncident

/// What both histories of one stream are shown as, whatever machine folds them.
struct WhatIfListing<Rules: InspectableMachine>: Sendable {
    typealias Row = (number: Int, line: WhatIf<Rules>.Line)

    /// The columns that tell an event.
    let eventColumns: [Listing<Rules.Event>.Column]

    /// Adds what differs to the details of a stream.
    func add(_ history: WhatIf<Rules>, to details: inout Details) {
        let rows = Self.rows(of: history)
        details.add("differs", .bool(history.differs), isInText: false)
        let recordedCount = history.lines.count { $0.event.change != .inserted }
        details.add("event_count", .integer(Int64(recordedCount)))
        let count = history.lines.count { $0.event.change != .dropped }
        details.add("what_if_event_count", .integer(Int64(count)))
        let first = history.lines.firstIndex { !$0.differing.isEmpty }
        details.add("first_difference", .integer(first.map { Int64($0 + 1) }))
        let objects = { (members: [[(String, OutputValue)]]) in
            OutputValue.array(members.map { .object($0) })
        }
        details.add(
            "differences",
            DifferenceListing(history.differences).value,
            isInText: false
        )
        details.add(
            "anomalies",
            objects(history.anomalyChanges.map { Self.anomalies.members(of: $0) }),
            isInText: false
        )
        details.add("events", objects(rows.map { events.members(of: $0) }), isInText: false)
    }

    /// The tables for people: the events that were changed or are odd in one history alone, and
    /// where the ends differ.
    func tables(of history: WhatIf<Rules>) -> [String] {
        let rows = Self.rows(of: history).filter { row in
            row.line.event.change != .kept || row.line.recordedAnomalies != row.line.anomalies
        }
        return [
            rows.isEmpty ? "" : events.text(rows),
            history.anomalyChanges.isEmpty ? "" : Self.anomalies.text(history.anomalyChanges),
            DifferenceListing(history.differences).table,
        ]
    }

    private static func rows(of history: WhatIf<Rules>) -> [Row] {
        history.lines.enumerated().map { ($0.offset + 1, $0.element) }
    }

    private var events: Listing<Row> {
        let front: [Listing<Row>.Column] = [
            .init("line") { .integer(Int64($0.number)) },
            .init("change") { .text($0.line.event.change.rawValue) },
            .init("sequence") {
                .integer($0.line.event.recorded.map { Int64(clamping: $0.sequence.rawValue) })
            },
            .init("position", isInText: false) {
                .integer($0.line.event.recorded.map { Int64(clamping: $0.position.rawValue) })
            },
        ]
        let told = eventColumns.map { column in
            Listing<Row>.Column(column.name, isInText: column.isInText) { row in
                let event = row.line.event.event ?? row.line.event.recordedEvent
                return event.map { column.value($0) } ?? .text(nil)
            }
        }
        let back: [Listing<Row>.Column] = [
            .init("anomalies") { .list($0.line.recordedAnomalies) },
            .init("what_if_anomalies") { .list($0.line.anomalies) },
            .init("differs_in") { .list($0.line.differing) },
        ]
        return Listing(columns: front + told + back, emptyText: "")
    }

    private static var anomalies: Listing<WhatIf<Rules>.AnomalyChange> {
        Listing(
            columns: [
                .init("anomaly") { .text($0.name) },
                .init("old") { .integer(Int64($0.recordedCount)) },
                .init("new") { .integer(Int64($0.count)) },
            ],
            emptyText: ""
        )
    }
}
