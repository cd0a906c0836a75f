internal import ArgumentParser
internal import CairnCore
internal import CairnIncident

/// All streams of a machine, and where they stand.
struct MachineListVerb: MachineVerb {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists the keys with their current state, the latest first.",
        discussion: """
            A predicate compares members of the state, such as 'sold > 2 and not closed'. No \
            comparison with what a state does not have holds.
            """
    )

    @Option(
        name: .customLong("where"),
        help: ArgumentHelp("Only those of which this holds.", valueName: "predicate")
    )
    var predicate: String?

    @Option(
        parsing: .unconditional,
        help: "Most rows; all by default.",
        transform: { try Arguments.limit($0) }
    )
    var limit: Int?

    @OptionGroup var clock: ClockOptions
    @OptionGroup var read: MachineOptions

    func run<Rules: InspectableMachine>(on subject: MachineSubject<Rules>) async throws {
        let predicate: Predicate<Rules.Standing>? = try Arguments.predicate(predicate)
        let rows = try await subject.asking { view throws(IncidentError) in
            try await view.standings(
                where: predicate,
                now: clock.now ?? subject.sight.now,
                limit: limit
            )
        }
        let machine = subject.machine
        let shown = rows.map { ListedState(row: $0, document: machine.document(of: $0.state)) }
        let format = subject.sight.format
        try Self.listing(subject.keyName, format == .text ? shown : []).print(shown, as: format)
    }

    /// A stream, and its state as it is shown.
    struct ListedState<State: Hashable & Sendable>: Sendable {
        let row: StreamStanding<State>
        let document: JSONValue
    }

    /// The columns, with one for each member of some states.
    private static func listing<State>(
        _ keyName: String,
        _ rows: [ListedState<State>]
    ) -> Listing<ListedState<State>> {
        var names: [String] = []
        for row in rows {
            guard case .object(let members) = row.document else { continue }
            for member in members where !names.contains(where: { $0.hasSameBytes(as: member.key) })
            {
                names.append(member.key)
            }
        }
        typealias Column = Listing<ListedState<State>>.Column
        return Listing(
            columns: [
                Column(keyName) { .text($0.row.stream.key) },
                Column("position") { .count($0.row.position.rawValue) },
                Column("event_count") { .count($0.row.eventCount) },
                Column("recorded_at") { .time($0.row.recordedAt) },
                Column("state", isInText: false) { .value($0.document) },
            ] + names.map { name in Column(name) { .value($0.document[name] ?? .null) } },
            emptyText: "no such keys"
        )
    }
}
