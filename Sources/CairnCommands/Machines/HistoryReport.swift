internal import CairnCore
internal import CairnIncident

/// Two histories beside each other, as it is printed.
struct HistoryReport<Rules: InspectableMachine> {
    typealias Step = MachineStep<Rules.Event>

    /// One line of the two: an event of either, or one of both.
    struct Line: Sendable {
        let left: Step?
        let right: Step?
        let sign: String
    }

    let subject: MachineSubject<Rules>
    let comparison: HistoryComparison<Rules>

    private var lines: [Line] {
        comparison.alignment.rows.map { row in
            Line(
                left: row.left.map { comparison.left.steps[$0] },
                right: row.right.map { comparison.right.steps[$0] },
                sign: row.isCommon ? "=" : row.left == nil ? ">" : "<"
            )
        }
    }

    /// One event as an object; null for none.
    func event(_ step: Step?) -> OutputValue {
        step.map { .object(subject.listing(emptyText: "").members(of: $0)) } ?? .text(nil)
    }

    var alignment: OutputValue {
        .array(
            lines.map { line in
                .object([("event", event(line.left)), ("other_event", event(line.right))])
            }
        )
    }

    /// The first event of each behind those that both begin with.
    func partingText(_ left: String, _ right: String) -> String {
        let sides = [(left, comparison.parting.left), (right, comparison.parting.right)]
        let shown = sides.compactMap { key, step in step.map { (key: key, step: $0) } }
        guard !shown.isEmpty else { return "" }
        let key = Listing<(key: String, step: Step)>.Column(subject.keyName) { .text($0.key) }
        let columns = subject.columns.map { column in
            Listing<(key: String, step: Step)>.Column(
                column.name,
                isInText: column.isInText,
                text: { column.textValue($0.step) },
                { column.value($0.step) }
            )
        }
        return Listing(columns: [key] + columns, emptyText: "").text(shown)
    }

    /// All events in two columns.
    var alignmentText: String {
        let machine = subject.machine
        @Sendable func name(_ step: Step?) -> OutputValue {
            .text(step?.event.map { machine.name(of: $0) })
        }
        @Sendable func position(_ step: Step?) -> OutputValue {
            .integer(step.map { Int64(clamping: $0.position.rawValue) })
        }
        let listing = Listing<Line>(
            columns: [
                .init("position") { position($0.left) },
                .init("event") { name($0.left) },
                .init("is") { .text($0.sign) },
                .init("other_event") { name($0.right) },
                .init("other_position") { position($0.right) },
            ],
            emptyText: ""
        )
        let note =
            comparison.alignment.isLongest
            ? "" : "too much differs for as much as can be to stand beside its like\n"
        return listing.text(lines) + note
    }
}
