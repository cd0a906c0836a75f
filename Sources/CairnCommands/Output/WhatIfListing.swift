internal import CairnCore
internal import CairnIncident

/// What both histories of one stream are shown as, whatever machine folds them.
struct WhatIfListing<Rules: InspectableMachine>: Sendable {
    /// A line, and the members of the states in which the histories differ after it.
    typealias Row = (number: Int, line: WhatIf<Rules>.Line, differing: [String])

    /// The events that are shown.
    private struct Shown {
        let rows: [Row]
        let leftOutCount: Int

        func text(_ events: Listing<Row>) -> String {
            guard !rows.isEmpty else { return "" }
            let note = leftOutCount > 0 ? "and \(leftOutCount) more: --limit shows them\n" : ""
            return events.text(rows) + note
        }
    }

    /// The columns that tell an event.
    let eventColumns: [Listing<Rules.Event>.Column]

    /// Adds what differs to the details of a stream.
    ///
    /// - Parameters:
    ///   - history: Both histories.
    ///   - limit: Most events that are listed.
    ///   - details: What is known of the stream.
    /// - Returns: The tables for people: the events that were changed or are odd in one history
    ///   alone, those after which the histories begin and end to differ, and where the ends do.
    func add(_ history: WhatIf<Rules>, limit: Int, to details: inout Details) -> [String] {
        let shown = shown(of: history, limit: limit)
        details.add("differs", .bool(history.differs), isInText: false)
        let recordedCount = history.lines.count { $0.event.change.isRecorded }
        details.add("event_count", .integer(Int64(recordedCount)))
        let count = history.lines.count { $0.event.change.isHypothetical }
        details.add("what_if_event_count", .integer(Int64(count)))
        details.add("first_difference", Self.number(history.firstDifferingIndex))
        details.add("last_difference", Self.number(history.lastDifferingIndex))
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
        details.add("events", objects(shown.rows.map { events.members(of: $0) }), isInText: false)
        details.add("left_out_event_count", .count(UInt64(shown.leftOutCount)), isInText: false)
        return [
            shown.text(events),
            history.anomalyChanges.isEmpty ? "" : Self.anomalies.text(history.anomalyChanges),
            DifferenceListing(history.differences).table,
        ]
    }

    private static func number(_ index: Int?) -> OutputValue {
        .integer(index.map { Int64($0 + 1) })
    }

    private func shown(of history: WhatIf<Rules>, limit: Int) -> Shown {
        let (indices, leftOutCount) = history.notable(limit: limit)
        let members = history.differingMembers(after: indices)
        let rows = zip(indices, members).map { index, members in
            (number: index + 1, line: history.lines[index], differing: members)
        }
        return Shown(rows: rows, leftOutCount: leftOutCount)
    }

    private var events: Listing<Row> {
        let front: [Listing<Row>.Column] = [
            .init("line") { .integer(Int64($0.number)) },
            .init("change") { .text($0.line.event.change.rawValue) },
            .init("sequence") {
                .integer($0.line.event.source.map { Int64(clamping: $0.sequence.rawValue) })
            },
            .init("position", isInText: false) {
                .integer($0.line.event.source.map { Int64(clamping: $0.position.rawValue) })
            },
        ]
        let told = eventColumns.map { column in
            Listing<Row>.Column(column.name, isInText: column.isInText) { row in
                let event = row.line.event.event ?? row.line.event.source?.event
                return event.map { column.value($0) } ?? .text(nil)
            }
        }
        let back: [Listing<Row>.Column] = [
            .init("anomalies") { .list($0.line.recordedAnomalies) },
            .init("what_if_anomalies") { .list($0.line.anomalies) },
            .init("differs_in") { .list($0.differing) },
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
