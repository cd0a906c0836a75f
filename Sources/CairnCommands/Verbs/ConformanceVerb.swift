internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB

/// Requests that left their declared path, and the ways that they really go.
struct ConformanceVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conformance",
        abstract: "Shows which requests left their declared path, and how requests really go.",
        discussion: """
            Without --variants and --map: how many requests departed, by kind, and which ones, the \
            one with the latest departure first; 'at' is since when. Kinds of the path are \
            missing_start, attempt_regression, after_terminal, reopened, unknown_stage, \
            unknown_event_type, out_of_order_stage, skipped_stage, deadline_overrun and \
            no_terminal_event; Specs/Conformance.md defines them. late_row, duplicate_number, \
            clock_inversion, unknown_status, tenant_mismatch and status_contradiction are about \
            rows: they are counted, and a request departs by one only where --kind names it.

            With --since and --until: requests with an event created in that time, with their \
            whole histories, and departures in that time. --where takes what 'cairn requests' \
            takes.

            A map has an edge from each event to the next one of its request, with how often, the \
            median time and the 95th percentile. Edges to what the definition does not allow there \
            are dashed and labelled.

            Exit code 66 for --check where no request fits.
            """
    )

    @OptionGroup var read: ReadOptions

    @OptionGroup var choice: RequestChoiceOptions

    @Option(
        help: ArgumentHelp("Only this kind of departure; may be repeated.", valueName: "kind"),
        completion: .list(DepartureKind.ofPipelines.map(\.name)),
        transform: { try Self.kind($0) }
    )
    var kind: [DepartureKind] = []

    @Option(
        help: ArgumentHelp("What variants and maps are made of; stages by default."),
        completion: .words(of: PathLevel.self),
        transform: { try Arguments.choice($0) }
    )
    var by: PathLevel?

    @OptionGroup var path: PathOptions

    @OptionGroup var clock: ClockOptions

    func validate() throws {
        try path.validateChoice()
        guard !path.isAboutDepartures || (by == nil && !path.foldRepeats) else {
            throw ValidationError("--by and --fold-repeats need --variants or --map")
        }
        guard path.isAboutDepartures || (kind.isEmpty && !path.check) else {
            throw ValidationError("--kind and --check are about departures, not variants or maps")
        }
    }

    func run() async throws {
        let choice = try choice.query()
        let file = try path.file(besides: JournalOptions.path(read.sight.givenPath))
        let open = try await read.open()
        let now = clock.now ?? open.now
        let query = ConformanceQuery(
            tenant: choice.tenant,
            status: choice.status,
            stage: choice.stage,
            since: path.since?.instant(now: now),
            until: path.until?.instant(now: now),
            predicate: choice.predicate
        )
        var isFinding = false
        if let map = path.map {
            try await writeMap(map, to: file, query, in: open, now: now)
        } else if path.variants {
            try await printVariants(query, in: open, now: now)
        } else {
            isFinding = try await printDepartures(query, in: open, now: now) && path.check
        }
        try await open.noteRemovals("conformance")
        if isFinding { throw CommandFailure.finding }
    }

    /// - Returns: Whether a request departed.
    private func printDepartures(
        _ query: ConformanceQuery,
        in open: OpenView,
        now: Timestamp
    ) async throws -> Bool {
        let report = try await reading(open.path) { () async throws(IncidentError) in
            try await open.requests.departures(
                query,
                kinds: kind.isEmpty ? nil : Set(kind),
                limit: path.limit,
                now: now
            )
        }
        guard report.requestCount > 0 || !path.check else {
            throw CommandFailure.noRequest("checked", hint: open.hint(now: now))
        }
        try ConformanceListing.ofRequests.print(report, as: read.format)
        return report.departingCount > 0
    }

    private func printVariants(
        _ query: ConformanceQuery,
        in open: OpenView,
        now: Timestamp
    ) async throws {
        let report = try await reading(open.path) { () async throws(IncidentError) in
            try await open.requests.variants(
                query,
                by: by ?? .stage,
                foldsRepeats: path.foldRepeats,
                limit: path.limit,
                now: now
            )
        }
        try ConformanceListing.ofRequests.print(report, as: read.format)
    }

    private func writeMap(
        _ kind: MapKind,
        to file: OutputFile?,
        _ query: ConformanceQuery,
        in open: OpenView,
        now: Timestamp
    ) async throws {
        let whole = try await reading(open.path) { () async throws(IncidentError) in
            try await open.requests.processMap(
                query,
                by: by ?? .stage,
                foldsRepeats: path.foldRepeats,
                now: now
            )
        }
        try path.write(
            whole,
            as: kind,
            to: file,
            .ofRequests,
            advice: "--edges-at-least, or --by stage",
            format: read.format
        )
    }

    private static func kind(_ text: String) throws(ValidationError) -> DepartureKind {
        guard let kind = DepartureKind.ofPipelines.first(where: { $0.name == text }) else {
            let names = DepartureKind.ofPipelines.map(\.name).joined(separator: ", ")
            throw ValidationError("it must be one of \(names)")
        }
        return kind
    }
}
