internal import CairnCore
internal import CairnDomains
internal import CairnIncident

/// How what a resume would do is shown.
enum ResumeListing {
    static let jobs = Listing<ResumePlan>(
        columns: [
            .init("job") { .text($0.job.name) },
            .init("state") { .text($0.job.standing.rawValue) },
            .init("obstacle") { .text($0.obstacle) },
        ] + counts { $0.counts },
        emptyText: "no job is left to resume"
    )

    private static func counts<Row>(
        _ counts: @escaping @Sendable (Row) -> ResumeCounts
    ) -> [Listing<Row>.Column] {
        [
            .init("new") { .integer(counts($0).new) },
            .init("send") { .integer(counts($0).send) },
            .init("skip") { .integer(counts($0).skip) },
            .init("wait") { .integer(counts($0).wait) },
            .init("park") { .integer(counts($0).park) },
        ]
    }

    private static let items = Listing<ResumeRow>(
        columns: [
            .init("idempotency_key") { .text($0.item.key) },
            .init("interaction_uuid", isInText: false) { .text($0.item.uuid) },
            .init("decision") { .text($0.kind.rawValue) },
            .init("verdict") { .text($0.item.verdict.word) },
            .init("attempt") { .integer($0.item.attempt) },
            .init("at") { .time($0.at) },
            .init("in_doubt_for") { .span($0.item.inDoubtFor) },
            .init("reason") { .text($0.reason) },
            .init("settled_by", isInText: false) { .text(settledBy($0)) },
            .init("worker", isInText: false) {
                .integer($0.item.state.current.map { Int64(clamping: $0.worker.rawValue) })
            },
            .init("holder_alive", isInText: false) {
                $0.item.isHolderAlive.map { .bool($0) } ?? .text(nil)
            },
            .init("position", isInText: false) { .count($0.item.position.rawValue) },
        ],
        emptyText: ""
    )

    private static let stretches = Listing<ResumeStretch>(
        columns: [
            .init("from") { .count($0.first.rawValue) },
            .init("to") { .count($0.last.rawValue) },
            .init("recorded_at") { .time($0.recordedAt) },
            .init("type") { .text($0.type) },
        ] + counts { $0.counts },
        emptyText: ""
    )

    private static let breaches = Listing<ResumeBreach>(
        columns: [
            .init("position") { .count($0.position.rawValue) },
            .init("idempotency_key") { .text($0.key) },
            .init("breach") { .text($0.objection) },
        ],
        emptyText: ""
    )

    /// Prints what a resume of one job would do.
    static func print(
        _ plan: ResumePlan,
        _ query: ResumeQuery,
        isCrashed: Bool,
        as format: OutputFormat
    ) throws(CommandFailure) {
        var details = Details()
        for (name, value) in jobs.members(of: plan) { details.add(name, value) }
        add(query.rule, to: &details)
        details.add("crashed", .bool(isCrashed))
        let rows = plan.rows.map { OutputValue.object(items.members(of: $0)) }
        details.add("items", .array(rows), isInText: false)
        let isParked = plan.rows.contains { $0.kind == .park }
        try details.print(
            as: format,
            followedBy: [
                plan.rows.isEmpty ? "" : items.text(plan.rows),
                isParked ? "parked items are settled by \(settling)\n" : "",
            ]
        )
    }

    /// Prints what a resume would have done at each point of a job's past.
    static func print(
        _ past: ResumePast,
        _ query: ResumeQuery,
        as format: OutputFormat
    ) throws(CommandFailure) {
        var details = Details()
        details.add("job", .text(past.job.name))
        details.add("state", .text(past.job.standing.rawValue))
        add(query.rule, to: &details)
        details.add("point_count", .integer(past.pointCount))
        details.add("stretch_count", .integer(past.stretchCount))
        details.add("parked_max", .integer(past.worst?.counts.park))
        let worst = past.worst.map { Int64(clamping: $0.first.rawValue) }
        details.add("parked_max_at", .integer(worst))
        details.add("breach_count", .integer(past.breachCount))
        add("stretches", past.stretches, by: stretches, to: &details)
        add("breaches", past.breaches, by: breaches, to: &details)
        let rest = past.stretchCount - Int64(past.stretches.count)
        try details.print(
            as: format,
            followedBy: [
                past.stretches.isEmpty ? "" : stretches.text(past.stretches),
                rest > 0 ? "and \(rest) more; --limit shows them\n" : "",
                past.breaches.isEmpty ? "" : breaches.text(past.breaches),
            ]
        )
    }

    private static func add<Row>(
        _ name: String,
        _ rows: [Row],
        by listing: Listing<Row>,
        to details: inout Details
    ) {
        let values = rows.map { OutputValue.object(listing.members(of: $0)) }
        details.add(name, .array(values), isInText: false)
    }

    private static func add(_ rule: ItemRule, to details: inout Details) {
        details.add("policy", .text(rule.skip.rawValue))
        details.add("in_doubt", .text(rule.doubt.word))
        details.add("attempts_max", .integer(rule.attempts.retry.attemptCountMax))
    }

    private static let settling =
        "a report of the provider, or 'cairn resolve KEY --sent' or '--failed'"

    /// What would bring a parked item on; nil for others.
    private static func settledBy(_ row: ResumeRow) -> String? {
        guard row.kind == .park else { return nil }
        let uuid = row.item.uuid.map { "--uuid \($0)" }
        return settling.replacing("KEY", with: row.item.key ?? uuid ?? "KEY")
    }
}
