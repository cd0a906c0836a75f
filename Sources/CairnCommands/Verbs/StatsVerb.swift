internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB

/// The distribution of event types.
struct StatsVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Counts events by type and status, with their mean and longest duration."
    )

    @OptionGroup var read: ReadOptions

    @Option(help: "Only events of this tenant.")
    var tenant: String?

    @Option(
        help: ArgumentHelp(
            "From when on: a span before now, or a time; 24h by default.",
            valueName: "span|time"
        ),
        transform: { try TimeBound($0) }
    )
    var since: TimeBound = .before(.seconds(86_400))

    @OptionGroup var clock: ClockOptions

    func run() async throws {
        let open = try await read.open()
        let now = clock.now ?? open.now
        let rows = try await reading(open.path) { () async throws(IncidentError) in
            try await open.requests.stats(
                tenant: tenant,
                since: since.instant(now: now)
            )
        }
        try Self.listing.print(rows, as: read.format, hint: open.hint(now: now))
        try await open.noteRemovals("stats")
    }

    static let listing = Listing<StatsRow>(
        columns: [
            .init("event_type") { .text($0.eventType) },
            .init("status") { .status($0.status) },
            .init("event_count") { .integer($0.eventCount) },
            .init("avg_duration_ms") { .meanMilliseconds($0.averageDurationMilliseconds) },
            .init("max_duration_ms") { .milliseconds($0.durationMillisecondsMax) },
        ],
        emptyText: "no events in that time"
    )
}
