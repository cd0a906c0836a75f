internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnJournal

/// What a bundle is made of.
struct BundleContentOptions: ParsableArguments {
    @Argument(help: "Requests, by their pagw_id.")
    var requests: [String] = []

    @OptionGroup var choice: RequestChoiceOptions
    @OptionGroup var time: IncidentOptions

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
        completion: .job,
        transform: { try Arguments.name($0) }
    )
    var job: [String] = []

    private var describesRequests: Bool { !choice.isEmpty || time.incident != nil }

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
        let query = try choice.query(during: try time.span(now: now))
        let rows = try await reading(open.path) { () async throws(IncidentError) in
            try await open.requests.requests(query, now: now)
        }
        try await open.noteEndless("bundle", query.incident, now: now)
        return rows.map(\.requestID)
    }
}
