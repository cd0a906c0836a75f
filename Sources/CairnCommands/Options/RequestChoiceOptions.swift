internal import ArgumentParser
internal import CairnDomains
internal import CairnIncident

/// Which requests a verb is about, by where they stand.
struct RequestChoiceOptions: ParsableArguments {
    @Option(help: "Only requests of this tenant.")
    var tenant: String?

    @Option(help: "Only requests whose current event has this status.", completion: .status)
    var status: String?

    @Option(help: "Only requests in this stage.")
    var stage: String?

    @Option(
        name: .customLong("where"),
        help: ArgumentHelp(
            "Only requests of which this holds, such as 'attempt_max > 2 and not terminal'.",
            valueName: "predicate"
        )
    )
    var predicate: String?

    /// Whether all requests are chosen.
    var isEmpty: Bool { tenant == nil && status == nil && stage == nil && predicate == nil }

    /// The choice as a query.
    func query(
        during incident: IncidentSpan? = nil,
        limit: Int? = nil
    ) throws(CommandFailure) -> RequestQuery {
        RequestQuery(
            tenant: tenant,
            status: status,
            stage: stage,
            predicate: try Arguments.predicate(predicate),
            incident: incident,
            limit: limit
        )
    }
}
