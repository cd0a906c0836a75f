internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB
internal import CairnServices

/// What the system reported of itself.
struct EventsVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Lists system events, such as refused changes of a status, newest first.",
        discussion: """
            To see what is older, give the last row's position as --before.

            A filter is answered from tables beside the journal where 'cairn import' or 'cairn \
            index' made them, if at most 65,536 events, or as many as there are system events, \
            came since, and otherwise, or with --as-of, by going through the system events.
            """
    )

    @OptionGroup var read: ReadOptions

    @Option(
        parsing: .unconditional,
        help: "Most rows; 100 by default, and never more than 1000.",
        transform: { try Arguments.limit($0) }
    )
    var limit = SystemEventQuery.limitStandard

    @Option(
        parsing: .unconditional,
        help: "Only events of this lead.",
        transform: { try Self.leadID($0) }
    )
    var leadId: LeadID?

    @Option(
        help: "Only events of this level: INFO, WARN or ERROR.",
        completion: .list(SystemEventLevel.allCases.map(\.word)),
        transform: { try Arguments.systemEventLevel($0) }
    )
    var level: SystemEventLevel?

    @Option(
        help: ArgumentHelp(
            "Only this event_type, such as atomic_update.conflict.",
            valueName: "event-type"
        )
    )
    var type: String?

    @Option(
        help: ArgumentHelp(
            "The first created_at: a time, or a span before now.",
            valueName: "time|span"
        ),
        transform: { try TimeBound($0) }
    )
    var since: TimeBound?

    @Option(
        help: ArgumentHelp(
            "The first created_at that is too late: a time, or a span before now.",
            valueName: "time|span"
        ),
        transform: { try TimeBound($0) }
    )
    var until: TimeBound?

    @Option(
        help: ArgumentHelp("Only events before this position.", valueName: "position"),
        transform: { try Arguments.position($0) }
    )
    var before: Position?

    @OptionGroup var clock: ClockOptions

    private static func leadID(_ text: String) throws(ValidationError) -> LeadID {
        guard let number = Int64(text) else {
            throw ValidationError("it must be a lead's id, a whole number")
        }
        return LeadID(rawValue: number)
    }

    func run() async throws {
        let open = try await read.open()
        let now = clock.now ?? open.now
        let query = SystemEventQuery(
            limit: limit,
            leadID: leadId,
            level: level,
            type: type,
            since: since?.instant(now: now),
            until: until?.instant(now: now),
            before: before
        )
        let view = SystemEventView(open.journal, asOf: open.bound)
        let board = SystemEventBoard(open.journal)
        let page = try await reading(open.path) { () async throws(IncidentError) in
            // Without stored tables, one listing is cheaper than making them.
            if open.bound == nil, try await board.isNear() { return try await board.list(query) }
            return try await view.list(query)
        }
        try Self.listing.print(page.rows, as: read.format)
        if let next = page.next, Terminal.isErrorTerminal {
            Terminal.note("cairn: events: there may be older ones: add --before \(next.rawValue)")
        }
    }

    static let listing = Listing<SystemEventRow>(
        columns: [
            .init("position") { .count($0.position.rawValue) },
            .init("created_at") { .time($0.createdAt) },
            .init("level") { .text($0.event.level.word) },
            .init("event_type") { .text($0.event.type.name) },
            .init("lead_id") { .integer($0.event.leadID?.rawValue) },
            .init("payload") { .document($0.event.payload?.bytes) },
            .init("recorded_at", isInText: false) { .time($0.recordedAt) },
            // Only rows of a table have one: the journal gives none, and a position would meet it.
            .init("id", isInText: false) { .integer($0.event.origin?.id) },
        ],
        emptyText: "no such system events"
    )
}
