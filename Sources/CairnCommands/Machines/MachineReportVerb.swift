internal import ArgumentParser
internal import CairnCore
internal import CairnIncident

/// A page that shows what happened to a machine's streams.
struct MachineReportVerb: MachineVerb {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Writes one page of HTML that shows what happened to keys.",
        discussion: """
            The page shows all keys over time, and of each its events in lanes and its state after \
            any of them; where the machine says what its events mean for the work in a lane, also \
            what failed, waited, is stuck and how long it took. It needs no network and asks for \
            none, in a browser, in a mail, on paper. Without keys and --incident it is about all \
            keys; it holds at most 250,000 events. Whatever events and states say stands in the page.

            Exit codes: 65 where there are too many events, or the file exists and is no report; 66 \
            where no key fits.
            """
    )

    @Argument(help: ArgumentHelp("The keys.", valueName: "key"))
    var keys: [String] = []

    @Option(
        help: ArgumentHelp(
            "Only keys under way in this time, such as 2h.. for the last two hours: with an event "
                + "in it, or, where the machine's path says how streams end, begun before and not "
                + "ended when it began. Each end is a time, or a span before now; the second is not "
                + "part of it.",
            valueName: "from..to"
        ),
        transform: { try IncidentRange($0) }
    )
    var incident: IncidentRange?

    @Option(
        name: .customLong("where"),
        help: ArgumentHelp(
            "Only keys of whose state this holds, as 'list --where'.",
            valueName: "predicate"
        )
    )
    var predicate: String?

    @OptionGroup var file: ReportFileOptions

    @Option(
        help: ArgumentHelp(
            "How long a key may rest before it is stuck; 15m by default.",
            valueName: "span"
        ),
        transform: { try Arguments.span($0) }
    )
    var olderThan: TimeSpan = .seconds(900)

    @OptionGroup var clock: ClockOptions
    @OptionGroup var read: MachineOptions

    func validate() throws {
        if !keys.isEmpty, incident != nil || predicate != nil {
            throw ValidationError(
                "keys are named, so --incident and --where have nothing to choose"
            )
        }
        try file.check(read.sight.format)
    }

    func run<Rules: InspectableMachine>(on subject: MachineSubject<Rules>) async throws {
        let output = try file.file(besides: subject.path)
        let now = clock.now ?? subject.sight.now
        let query = StreamReportQuery<Rules.Standing>(
            keys: keys,
            predicate: try Arguments.predicate(predicate),
            incident: try incident?.span(now: now),
            olderThan: olderThan
        )
        let report = try await subject.asking { view throws(IncidentError) in
            try await view.report(query, now: now)
        }
        guard report.requestCount > 0 else {
            throw CommandFailure.noKey("written")
        }
        try file.write(report, to: output, countName: "key_count", as: subject.sight.format)
    }
}
