internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnJournal

/// What a bundle is made of.
struct BundleContentOptions: ParsableArguments {
    @Argument(help: "Requests, by their pagw_id.")
    var requests: [String] = []

    @Option(help: "Requests of this tenant.")
    var tenant: String?

    @Option(help: "Requests whose current event has this status.")
    var status: String?

    @Option(help: "Requests in this stage.")
    var stage: String?

    @Option(
        name: .customLong("where"),
        help: ArgumentHelp(
            "Requests of which this holds, as 'cairn requests --where' takes it.",
            valueName: "predicate"
        )
    )
    var predicate: String?

    @Option(
        help: ArgumentHelp(
            "Requests under way in between: times, or spans before now, such as 2h..30m.",
            valueName: "from..to"
        ),
        transform: { try IncidentSpan($0) }
    )
    var incident: IncidentSpan?

    @Option(
        help: "An item by its idempotency key; may be repeated.",
        transform: { try Arguments.name($0) }
    )
    var key: [String] = []

    @Option(
        help: "An interaction by its interaction_uuid; may be repeated.",
        transform: { try Arguments.name($0) }
    )
    var uuid: [String] = []

    @Option(
        help: "A job with all items that it began; may be repeated.",
        transform: { try Arguments.name($0) }
    )
    var job: [String] = []

    private var describesRequests: Bool {
        tenant != nil || status != nil || stage != nil || predicate != nil || incident != nil
    }

    /// Whether nothing at all is asked for.
    var isEmpty: Bool {
        requests.isEmpty && key.isEmpty && uuid.isEmpty && job.isEmpty && !describesRequests
    }

    /// Finds what is asked for.
    ///
    /// - Throws: ``CommandFailure``, with exit code 66 where it is not there.
    func selection(
        in open: OpenView,
        now: Timestamp
    ) async throws(CommandFailure) -> BundleSelection {
        var selection = BundleSelection(requests: requests, jobs: job)
        if describesRequests { selection.requests += try await described(in: open, now: now) }
        let names = try key.map { key throws(CommandFailure) in try ItemName(key: key) }
        for name in names + uuid.map({ .uuid($0) }) {
            let sight = try await name.sight(in: open.items, open.path, now: now)
            selection.items.append(sight.row.stream)
        }
        guard !selection.requests.isEmpty || !selection.items.isEmpty || !selection.jobs.isEmpty
        else {
            throw CommandFailure(
                .notFound,
                "no request in \(open.path) is as described; try it with 'cairn requests'"
            )
        }
        return selection
    }

    private func described(
        in open: OpenView,
        now: Timestamp
    ) async throws(CommandFailure) -> [String] {
        let query = RequestQuery(
            tenant: tenant,
            status: status,
            stage: stage,
            predicate: try Arguments.predicate(predicate)
        )
        let rows = try await reading(open.path) { () async throws(IncidentError) in
            try await open.requests.requests(query, now: now)
        }
        let span = incident.map { ($0.from.instant(now: now), $0.to.instant(now: now)) }
        return rows.filter { row in
            guard let span else { return true }
            guard let first = row.state.firstCreatedAt, let last = row.state.lastCreatedAt else {
                return false
            }
            return first <= span.1 && last >= span.0
        }.map(\.requestID)
    }
}

/// A span of time with two ends, as `--incident` takes it.
struct IncidentSpan: Sendable {
    let from: TimeBound
    let to: TimeBound

    init(_ text: String) throws(ValidationError) {
        let dots = text.utf8.indices.first { index in text.utf8[index...].starts(with: "..".utf8) }
        guard let dots else {
            throw ValidationError("it is not two times with '..' between them")
        }
        from = try TimeBound(String(text[..<dots]))
        to = try TimeBound(String(text[text.utf8.index(dots, offsetBy: 2)...]))
    }
}
