internal import ArgumentParser
internal import CairnCore
internal import CairnIncident

/// Which events a verb is about.
struct SelectionOptions: ParsableArguments {
    @Option(help: "Only events of this tenant.")
    var tenant: String?

    @Option(help: ArgumentHelp("Only this event_type.", valueName: "event-type"))
    var type: String?

    @Option(help: "Only this stage, as the rows have it.")
    var stage: String?

    @Option(help: "Only this status.")
    var status: String?

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
        name: .customLong("where"),
        help: ArgumentHelp(
            "Only events of which this holds, such as 'metadata.diagnosisCount > 10'.",
            valueName: "predicate"
        )
    )
    var predicate: String?

    /// The selection as a query; spans count back from now.
    func query(_ predicate: Predicate<EventRow>?, now: Timestamp, limit: Int) -> FindQuery {
        FindQuery(
            tenant: tenant,
            eventType: type,
            stage: stage,
            status: status,
            since: since?.instant(now: now),
            until: until?.instant(now: now),
            predicate: predicate,
            limit: limit
        )
    }
}

extension SelectionOptions {
    /// Whether all events are selected.
    var isEmpty: Bool {
        tenant == nil && type == nil && stage == nil && status == nil && since == nil
            && until == nil && predicate == nil
    }
}
