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
            """
    )

    @OptionGroup var read: ReadOptions

    @OptionGroup var choice: RequestChoiceOptions

    @Option(
        help: ArgumentHelp("Only this kind of departure; may be repeated.", valueName: "kind"),
        transform: { try Self.kind($0) }
    )
    var kind: [DepartureKind] = []

    @Option(
        help: ArgumentHelp("From when on: a time, or a span before now.", valueName: "time|span"),
        transform: { try TimeBound($0) }
    )
    var since: TimeBound?

    @Option(
        help: ArgumentHelp("Up to when: a time, or a span before now.", valueName: "time|span"),
        transform: { try TimeBound($0) }
    )
    var until: TimeBound?

    @Flag(help: "List the ways that requests go, the most frequent first.")
    var variants = false

    @Option(
        help: ArgumentHelp("Write the map of what follows what.", valueName: "mermaid|svg|dot"),
        transform: { try Arguments.choice($0) }
    )
    var map: MapKind?

    @Option(
        help: ArgumentHelp("What variants and maps are made of; stages by default."),
        transform: { try Arguments.choice($0) }
    )
    var by: PathLevel?

    @Flag(help: "Count events in a row with one stage, or of one type, as one.")
    var foldRepeats = false

    @Option(
        help: ArgumentHelp(
            "Leave out of a map the edges that fewer requests take: a share such as 0.05.",
            valueName: "share"
        ),
        transform: { try Self.share($0) }
    )
    var edgesAtLeast: Double?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Where the map goes, a file that must not exist; by default to standard output.",
            valueName: "file"
        )
    )
    var output: String?

    @Flag(help: "Write over the file.")
    var overwrite = false

    @Option(
        parsing: .unconditional,
        help: "Most requests, or variants; 20 by default.",
        transform: { try Arguments.limit($0) }
    )
    var limit = 20

    @Flag(help: "End with exit code 1 if a request departed.")
    var check = false

    @OptionGroup var clock: ClockOptions

    func validate() throws {
        guard !variants || map == nil else {
            throw ValidationError("--variants and --map are two questions; ask one at a time")
        }
        guard map != nil || (output == nil && !overwrite && edgesAtLeast == nil) else {
            throw ValidationError("-o, --overwrite and --edges-at-least need --map")
        }
        guard variants || map != nil || (by == nil && !foldRepeats) else {
            throw ValidationError("--by and --fold-repeats need --variants or --map")
        }
        guard !(variants || map != nil) || (kind.isEmpty && !check) else {
            throw ValidationError("--kind and --check are about departures, not variants or maps")
        }
    }

    func run() async throws {
        let choice = try choice.query()
        let file = output.map { OutputFile(path: $0, isOverwriting: overwrite) }
        try file?.requireFree()
        let open = try await read.open()
        let now = clock.now ?? open.now
        let query = ConformanceQuery(
            tenant: choice.tenant,
            status: choice.status,
            stage: choice.stage,
            since: since?.instant(now: now),
            until: until?.instant(now: now),
            predicate: choice.predicate
        )
        var isFinding = false
        if let map {
            try await writeMap(map, to: file, query, in: open, now: now)
        } else if variants {
            try await printVariants(query, in: open, now: now)
        } else {
            isFinding = try await printDepartures(query, in: open, now: now) && check
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
                limit: limit,
                now: now
            )
        }
        try ConformanceListing.print(report, as: read.format)
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
                foldsRepeats: foldRepeats,
                limit: limit,
                now: now
            )
        }
        try ConformanceListing.print(report, as: read.format)
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
                foldsRepeats: foldRepeats,
                now: now
            )
        }
        let map = edgesAtLeast.map { whole.thinned(edgesAtLeast: $0) } ?? whole
        let source: String
        do throws(ProcessMapError) {
            source = try kind.source(map)
        } catch {
            throw CommandFailure(.usage, "\(error); give --edges-at-least, or --by stage")
        }
        try file?.write(Array(source.utf8))
        switch read.format {
        case .json:
            try ConformanceListing.document(map, kind, source, path: output).print(as: .json)
        case .text where file == nil: try Terminal.write(source)
        case .text: break
        }
        if file != nil || map.droppedEdgeCount > 0 {
            Terminal.note("cairn: conformance: \(ConformanceListing.size(of: map))")
        }
    }

    private static func kind(_ text: String) throws(ValidationError) -> DepartureKind {
        guard let kind = DepartureKind.allCases.first(where: { $0.name == text }) else {
            let names = DepartureKind.allCases.map(\.name).joined(separator: ", ")
            throw ValidationError("it must be one of \(names)")
        }
        return kind
    }

    private static func share(_ text: String) throws(ValidationError) -> Double {
        guard let share = Double(text), (0...1).contains(share) else {
            throw ValidationError("it must be a number from 0 to 1")
        }
        return share
    }
}

/// What a map is written as.
enum MapKind: String, CaseIterable, Sendable {
    case mermaid, svg, dot

    func source(_ map: ProcessMap) throws(ProcessMapError) -> String {
        switch self {
        case .mermaid: map.mermaid
        case .svg: try map.svg()
        case .dot: map.dot
        }
    }
}
