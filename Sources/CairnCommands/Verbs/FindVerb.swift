internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB

/// Events that fit a question.
struct FindVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "find",
        abstract: "Finds events by their fields and their metadata, the newest first.",
        discussion: """
            A predicate compares fields (the columns of event_tracker, position, sequence, recorded_at) and \
            parts of the metadata (metadata.a.b, metadata.list[0]) by == != < <= > >=, in (a, b), \
            contains and exists, joined by and, or, not and parentheses. Values are numbers, words, \
            quoted strings, spans such as 1.5s and RFC 3339 times. No comparison with an absent \
            value holds.
            """
    )

    @OptionGroup var read: ReadOptions
    @OptionGroup var selection: SelectionOptions

    @Option(
        help: ArgumentHelp(
            "What to show, such as pagw_id,metadata.diagnosisCount,created_at.",
            valueName: "names"
        )
    )
    var columns = [
        "pagw_id", "sequence_no", "stage", "event_type", "status", "attempt", "duration_ms",
        "error_code", "metadata", "created_at",
    ].joined(separator: ",")

    @Option(
        parsing: .unconditional,
        help: "Most rows; 50 by default.",
        transform: { try Arguments.limit($0) }
    )
    var limit = 50

    func run() async throws {
        let columns = try Arguments.columns(columns)
        let predicate: Predicate<EventRow>? = try Arguments.predicate(selection.predicate)
        let open = try await read.open()
        let query = selection.query(predicate, now: open.now, limit: limit)
        let rows = try await reading(open.path) { () async throws(IncidentError) in
            try await open.requests.find(query)
        }
        try Self.listing(columns).print(rows, as: read.format)
        try await open.noteRemovals("find")
    }

    static func listing(_ columns: [EventColumn]) -> Listing<EventRow> {
        Listing(
            columns: columns.map { column in
                .init(column.name) { row in
                    switch column.field {
                    case .durationMilliseconds: .milliseconds(row.event.durationMilliseconds)
                    case .createdAt: .time(row.event.createdAt)
                    case .recordedAt: .time(row.recordedAt)
                    case .nextRetryAt: .time(row.event.nextRetryAt)
                    case .startedAt: .time(row.event.startedAt)
                    case .completedAt: .time(row.event.completedAt)
                    case .status: .status(row.event.status)
                    case .metadata where column.path.parts.isEmpty: .json(row.event.metadata)
                    default: .value(row.jsonValue(of: column))
                    }
                }
            },
            emptyText: "no such events"
        )
    }
}
