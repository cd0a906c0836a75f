internal import ArgumentParser
internal import CairnCore
internal import CairnIncident

/// The ways that a machine's streams go, and which of them left its path.
struct MachineConformanceVerb: MachineVerb {
    static let configuration = CommandConfiguration(
        commandName: "conformance",
        abstract: "Shows which keys left their declared path, and how keys really go.",
        discussion: """
            Without --variants and --map, and of a machine that declares a path: how many keys \
            departed, by kind, and which ones, the one with the latest departure first. Kinds are \
            undeclared_step, an event that the path does not have after the one before it, and \
            unknown_event_type, an event whose name it does not have.

            With --since and --until: keys with an event in that time, with their whole histories, \
            and departures in that time. A map has an edge from each event to the next one of its \
            key, with how often, the median time and the 95th percentile. Edges to what the path \
            does not have there are dashed and labelled.

            Exit code 66 for --check where no key fits.
            """
    )

    @Option(
        name: .customLong("where"),
        help: ArgumentHelp(
            "Only keys of whose state this holds, as 'list --where'.",
            valueName: "predicate"
        )
    )
    var predicate: String?

    @OptionGroup var path: PathOptions
    @OptionGroup var clock: ClockOptions
    @OptionGroup var read: MachineOptions

    func validate() throws {
        try path.validateChoice()
        guard !path.isAboutDepartures || !path.foldRepeats else {
            throw ValidationError("--fold-repeats needs --variants or --map")
        }
        guard path.isAboutDepartures || !path.check else {
            throw ValidationError("--check is about departures, not variants or maps")
        }
    }

    func run<Rules: InspectableMachine>(on subject: MachineSubject<Rules>) async throws {
        let file = try path.file(besides: subject.path)
        let now = clock.now ?? subject.sight.now
        let query = StreamPathQuery<Rules.Standing>(
            since: path.since?.instant(now: now),
            until: path.until?.instant(now: now),
            predicate: try Arguments.predicate(predicate)
        )
        if let map = path.map {
            let whole = try await subject.asking { view throws(IncidentError) in
                try await view.processMap(query, foldsRepeats: path.foldRepeats, now: now)
            }
            try path.write(
                whole,
                as: map,
                to: file,
                .ofKeys,
                advice: "--edges-at-least",
                format: subject.sight.format
            )
        } else if path.variants {
            let report = try await subject.asking { view throws(IncidentError) in
                try await view.variants(
                    query,
                    foldsRepeats: path.foldRepeats,
                    limit: path.limit,
                    now: now
                )
            }
            try ConformanceListing.ofKeys.print(report, as: subject.sight.format)
        } else {
            try await printDepartures(query, of: subject, now: now)
        }
    }

    private func printDepartures<Rules: InspectableMachine>(
        _ query: StreamPathQuery<Rules.Standing>,
        of subject: MachineSubject<Rules>,
        now: Timestamp
    ) async throws {
        let found = try await subject.asking { view throws(IncidentError) in
            try await view.departures(query, limit: path.limit, now: now)
        }
        guard let found else {
            throw CommandFailure(
                .usage,
                "the machine of '\(subject.machine.streamKind.name)' declares no path that keys could "
                    + "leave; ask for --variants or --map"
            )
        }
        guard found.requestCount > 0 || !path.check else { throw CommandFailure.noKey("checked") }
        try ConformanceListing.ofKeys.print(found, as: subject.sight.format)
        if path.check, found.departingCount > 0 { throw CommandFailure.finding }
    }
}
