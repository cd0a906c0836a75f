internal import ArgumentParser
internal import CairnCore
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB
internal import CairnServices

/// Which journal a reading verb reads, up to which moment, and by which rules.
struct ReadOptions: ParsableArguments {
    @OptionGroup var sight: SightOptions

    @Option(
        help: ArgumentHelp(
            "Read requests by this pipeline definition; by default by the one the journal "
                + "remembers from 'import --pipeline', or else by the built-in one.",
            valueName: "file"
        ),
        completion: .definition
    )
    var pipeline: String?

    @Option(help: ArgumentHelp("Events between checkpoints of requests.", visibility: .private))
    var checkpointInterval = RequestBoard.intervalStandard

    var format: OutputFormat { sight.format }
    var asOf: Moment? { sight.asOf }

    /// Opens the journal and looks at it as of the moment that was asked for.
    func open() async throws(CommandFailure) -> OpenView {
        let opened = try sight.open()
        let definition = try await PipelineFile.definition(
            given: pipeline,
            rememberedBy: opened.journal,
            upTo: opened.bound
        )
        return OpenView(
            sight: opened,
            requests: RequestBoard(
                opened.journal,
                definition: definition,
                interval: checkpointInterval
            ).view(asOf: opened.bound),
            items: ItemView(
                opened.journal,
                asOf: opened.bound,
                isAlive: await sight.holderCheck(opened.path, opened.journal)
            )
        )
    }
}

/// A journal that is open, and what a reading verb asks of it.
struct OpenView {
    /// The journal, and up to where it is read: for questions that any machine is asked.
    let sight: OpenSight
    let requests: PipelineView
    let items: ItemView

    var path: String { sight.path }
    var journal: LMDBJournal { sight.journal }
    /// The last position to see; nil for all.
    var bound: Position? { sight.bound }
    /// The instant that ages and deadlines count from unless the verb is given another one: the
    /// as-of time, or else the wall clock.
    var now: Timestamp { sight.now }

    /// The items, with all holders taken for gone if the caller says so.
    func items(crashed: Bool) -> ItemView {
        crashed ? items.takingHoldersForGone() : items
    }

    /// What to try where a question about the time before now found nothing in an older journal.
    func hint(now: Timestamp) -> String? {
        guard let head = try? journal.head(), head.lastPosition > .zero, bound == nil,
            head.lastRecordedAt < now
        else { return nil }
        return
            "the last event was recorded at \(head.lastRecordedAt.shortText): try --now with that"
    }
}
