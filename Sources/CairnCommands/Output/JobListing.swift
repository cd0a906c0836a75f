internal import CairnCore
internal import CairnDomains
internal import CairnIncident

/// How jobs are shown.
enum JobListing {
    static let listing = Listing<JobRow>(
        columns: [
            .init("job") { .text($0.name) },
            .init("state") { .text($0.standing.rawValue) },
            .init("runs") { .count($0.runCount) },
            .init("opened_at") { .time($0.openedAt) },
            .init("last_ending") { .text($0.lastEnd?.ending.word) },
            .init("last_ended_at") { .time($0.lastEndedAt) },
        ] + counts { $0.lastEnd?.counts } + [
            .init("paused_by") { .text($0.pause?.by) },
            .init("pause_reason") { .text($0.pause?.reason) },
            .init("cancelled_by") { .text($0.cancellation?.by) },
            .init("cancel_reason") { .text($0.cancellation?.reason) },
            .init("anomaly_count") { .rareCount($0.anomalyCount) },
        ],
        emptyText: "no jobs"
    )

    private static func counts<Row>(
        _ counts: @escaping @Sendable (Row) -> JobCounts?
    ) -> [Listing<Row>.Column] {
        [
            .init("offered") { .integer(counts($0)?.offered) },
            .init("sent") { .integer(counts($0)?.sent) },
            .init("done") { .integer(counts($0)?.done) },
            .init("failed") { .integer(counts($0)?.failed) },
            .init("parked") { .integer(counts($0)?.parked) },
            .init("changed") { .integer(counts($0)?.changed) },
            .init("missing") { .integer(counts($0)?.missing) },
            .init("left") { .integer(counts($0)?.left) },
        ]
    }

    private static let runs = Listing<JobRunLine>(
        columns: [
            .init("run") { .count($0.number) },
            .init("worker") { .count($0.worker.rawValue) },
            .init("worker_alive") { $0.isAlive.map { .bool($0) } ?? .text(nil) },
            .init("began_at") { .time($0.beganAt) },
            .init("ended_at") { .time($0.endedAt) },
            .init("ending") { .text($0.end?.ending.word) },
        ] + counts { $0.end?.counts },
        emptyText: ""
    )

    private static let decisions = Listing<JobDecisionLine>(
        columns: [
            .init("decision") { .text($0.kind.rawValue) },
            .init("decided_at") { .time($0.decidedAt) },
            .init("by") { .text($0.decision.by) },
            .init("reason") { .text($0.decision.reason) },
        ],
        emptyText: ""
    )

    /// Prints one job with its runs and what its items stand at.
    static func print(_ sight: JobSight, as format: OutputFormat) throws(CommandFailure) {
        var details = Details()
        for (name, value) in listing.members(of: sight.row) { details.add(name, value) }
        let counts = sight.itemCounts.map { ($0.verdict, OutputValue.integer($0.count)) }
        details.add("items", .object(counts))
        details.add("total", .integer(sight.offeredCount))
        details.add("outcomes_per_second", .decimal(sight.rate?.perSecondText))
        details.add("time_left", .span(sight.timeLeft))
        let items = ItemListing.listing(emptyText: "")
        add("run_list", sight.runs, by: runs, to: &details)
        add("decisions", sight.decisions, by: decisions, to: &details)
        add("in_doubt", sight.doubts, by: items, to: &details)
        try details.print(
            as: format,
            followedBy: [
                sight.runs.isEmpty ? "" : runs.text(sight.runs),
                sight.decisions.isEmpty ? "" : decisions.text(sight.decisions),
                sight.doubts.isEmpty ? "" : items.text(sight.doubts),
            ]
        )
    }

    /// Adds rows for programs; people get them as a table.
    private static func add<Row>(
        _ name: String,
        _ rows: [Row],
        by listing: Listing<Row>,
        to details: inout Details
    ) {
        let values = rows.map { OutputValue.object(listing.members(of: $0)) }
        details.add(name, .array(values), isInText: false)
    }
}
