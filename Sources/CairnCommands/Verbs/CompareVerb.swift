internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB

/// What a new pipeline definition changes for the requests that there are.
struct CompareVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Says where requests would stand by a new pipeline definition, and why.",
        discussion: """
            Each request is folded by both definitions, event by event. What differs is grouped by \
            the event at which a request differs first and by the fields that do; a request is \
            healed if it agrees again after its last event. Before that stands what the definitions \
            themselves differ in, what breaks for requests in flight (those that have not ended by \
            one of the two), and which answers about them change: whether they have ended, 'stuck \
            --deadlines', 'retries --open', whether a failure may be tried again, and the stages \
            that may come next. --tenant, --status, --stage and --where choose by the definition \
            before, as 'cairn requests' does.

            For a deploy: the exit code is 0 where nothing becomes of any request, 1 where something \
            does, and another one where there is no answer: 66 where no request fits at all.
            """
    )

    @Option(
        help: ArgumentHelp(
            "The definition before; by default the one in force: the one the journal remembers, or "
                + "the built-in one.",
            valueName: "file"
        ),
        completion: .definition
    )
    var old: String?

    @Option(
        help: ArgumentHelp("The definition after.", valueName: "file"),
        completion: .definition
    )
    var new: String

    @Option(help: "Only this request, with all that differs.")
    var request: String?

    @OptionGroup var compared: CompareOptions

    @OptionGroup var choice: RequestChoiceOptions

    @OptionGroup var read: ReadOptions

    @OptionGroup var clock: ClockOptions

    func validate() throws {
        guard request != nil else { return }
        try compared.check(
            naming: "request",
            !choice.isEmpty,
            "--tenant, --status, --stage, --where"
        )
    }

    func run() async throws {
        let choice = try choice.query()
        let ignored = try compared.ignored { text throws(FieldPatternError) in
            try FieldPattern(ofRequests: text)
        }
        guard old == nil || read.pipeline == nil else {
            throw CommandFailure(
                .usage,
                "--old and --pipeline both name the definition before; give one of them"
            )
        }
        let after = try PipelineFile.parse(try FileBytes.read(new), new)
        let before = try old.map { path throws(CommandFailure) in
            try PipelineFile.parse(try FileBytes.read(path), path)
        }
        let open = try await read.open()
        var comparison = PipelineComparison(
            open.journal,
            from: before ?? open.requests.definition,
            to: after,
            asOf: open.bound
        )
        comparison.tenant = choice.tenant
        comparison.status = choice.status
        comparison.stage = choice.stage
        comparison.predicate = choice.predicate
        comparison.isInFlightOnly = compared.inFlight
        comparison.ignored = ignored
        let isEqual = try await print(comparison, open)
        if !isEqual { throw CommandFailure.finding }
    }

    private func print(
        _ comparison: PipelineComparison,
        _ open: OpenView
    ) async throws(CommandFailure) -> Bool {
        let now = clock.now ?? open.now
        if let request {
            try await open.require(request, for: "compare")
            let found = try await reading(open.path) { () async throws(IncidentError) in
                try await comparison.request(request, now: now)
            }
            try CompareListing.print(found, as: read.format)
            return found.isEqual
        }
        let report = try await reading(open.path) { () async throws(IncidentError) in
            try await comparison.report(now: now)
        }
        if report.requests.streamCount == 0 {
            try await requireChosen(comparison, open, now: now)
        }
        try CompareListing.print(report, limit: compared.limitOrStandard, as: read.format)
        try await open.noteRemovals("compare")
        return report.isEqual
    }

    /// Refuses to pass where the choice fits no request, as a misspelled one does.
    ///
    /// That none of those that fit is in flight is an answer.
    private func requireChosen(
        _ comparison: PipelineComparison,
        _ open: OpenView,
        now: Timestamp
    ) async throws(CommandFailure) {
        var whole = comparison
        whole.isInFlightOnly = false
        if comparison.isInFlightOnly {
            let report = try await reading(open.path) { [whole] () async throws(IncidentError) in
                try await whole.report(now: now)
            }
            if report.requests.streamCount > 0 { return }
        }
        throw .noRequest("compared")
    }
}
