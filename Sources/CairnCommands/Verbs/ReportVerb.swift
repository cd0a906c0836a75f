internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB

/// A page that shows what happened.
struct ReportVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Writes one page of HTML that shows what happened to requests.",
        discussion: """
            The page shows requests over time and by stage: what failed, what is stuck, how long \
            stages took; and of each request its attempts, waits, gaps and errors, and its state \
            after any of its events. It needs no network and asks for none, in a browser, in a mail, \
            on paper. Without requests and --incident it is about all requests; it holds at most \
            250,000 events. Whatever the events hold stands in the page, metadata and error texts too.

            Exit codes: 65 where there are too many events, or the file exists and is no report; 66 \
            where no request fits.
            """
    )

    @Argument(help: ArgumentHelp("The requests' pagw_id.", valueName: "request"))
    var requests: [String] = []

    @OptionGroup var time: IncidentOptions
    @OptionGroup var choice: RequestChoiceOptions

    @OptionGroup var file: ReportFileOptions

    @Option(
        help: ArgumentHelp(
            "How long a request may rest before it is stuck; 15m by default.",
            valueName: "span"
        ),
        transform: { try Arguments.span($0) }
    )
    var olderThan: TimeSpan = .seconds(900)

    @Flag(help: "Let the deadlines that stages declare replace --older-than.")
    var deadlines = false

    @OptionGroup var read: ReadOptions

    @OptionGroup var clock: ClockOptions

    func validate() throws {
        if !requests.isEmpty, time.incident != nil || !choice.isEmpty {
            throw ValidationError(
                "requests are named, so --incident, --tenant, --status, --stage and --where have "
                    + "nothing to choose"
            )
        }
        try file.check(read.format)
    }

    func run() async throws {
        let choice = try choice.query()
        let output = try file.file(besides: JournalOptions.path(read.sight.givenPath))
        let open = try await read.open()
        let now = clock.now ?? open.now
        let span = try time.span(now: now)
        let query = ReportQuery(
            requestIDs: requests,
            tenant: choice.tenant,
            status: choice.status,
            stage: choice.stage,
            predicate: choice.predicate,
            predicateText: self.choice.predicate,
            since: span?.from,
            until: span?.until,
            olderThan: olderThan,
            usesDeadlines: deadlines
        )
        let report = try await reading(open.path) { () async throws(IncidentError) in
            try await open.requests.report(query, now: now)
        }
        guard report.requestCount > 0 else {
            throw CommandFailure.noRequest("written", hint: open.hint(now: now))
        }
        try file.write(report, to: output, countName: "request_count", as: read.format)
        try await open.noteEndless("report", span, now: now)
        try await open.noteRemovals("report")
    }
}
