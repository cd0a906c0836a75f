internal import ArgumentParser
internal import CairnCore
internal import CairnIncident

/// Which events a verb is about, by what they say.
struct EventFilterOptions: ParsableArguments {
    @Option(help: "Only events of this tenant.")
    var tenant: String?

    @Option(help: ArgumentHelp("Only this event_type.", valueName: "event-type"))
    var type: String?

    @Option(help: "Only this stage, as the rows have it.")
    var stage: String?

    @Option(help: "Only this status.", completion: .status)
    var status: String?

    @Option(
        name: .customLong("where"),
        help: ArgumentHelp(
            "Only events of which this holds, such as 'metadata.diagnosisCount > 10'.",
            valueName: "predicate"
        )
    )
    var predicate: String?

    /// Whether all events are selected.
    var isEmpty: Bool {
        tenant == nil && type == nil && stage == nil && status == nil && predicate == nil
    }
}

/// Which events a verb is about, by what they say and when they happened.
struct SelectionOptions: ParsableArguments {
    @OptionGroup var filter: EventFilterOptions

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

    /// The predicate that was given.
    var predicate: String? { filter.predicate }

    /// The selection as a query; spans count back from now.
    func query(_ predicate: Predicate<EventRow>?, now: Timestamp, limit: Int) -> FindQuery {
        FindQuery(
            tenant: filter.tenant,
            eventType: filter.type,
            stage: filter.stage,
            status: filter.status,
            since: since?.instant(now: now),
            until: until?.instant(now: now),
            predicate: predicate,
            limit: limit
        )
    }
}

extension SelectionOptions {
    /// Whether all events are selected.
    var isEmpty: Bool { filter.isEmpty && since == nil && until == nil }
}
