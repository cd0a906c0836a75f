internal import ArgumentParser
internal import CairnCore
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB
internal import CairnServices

/// Which journal a reading verb reads, up to which moment, and by which rules.
struct ReadOptions: ParsableArguments {
    @OptionGroup var journal: JournalOptions

    @Option(
        help: ArgumentHelp(
            "Answer as of a position, or as of a time such as 2025-12-25T10:00:00Z.",
            valueName: "position|time"
        ),
        transform: { try Moment($0) }
    )
    var asOf: Moment?

    @Option(
        help: ArgumentHelp(
            "Read requests by this pipeline definition; by default by the one the journal "
                + "remembers from 'import --pipeline', or else by the built-in one.",
            valueName: "file"
        ),
        completion: .definition
    )
    var pipeline: String?

    @OptionGroup var copy: CopyOptions

    var format: OutputFormat { journal.format }

    /// Opens the journal and looks at it as of the moment that was asked for.
    func open() async throws(CommandFailure) -> OpenView {
        let path = try journal.path()
        let opened = try copy.open(path)
        let bound = try asOf?.resolved(in: opened)
        let definition = try await PipelineFile.definition(
            given: pipeline,
            rememberedBy: opened,
            upTo: bound?.position
        )
        return OpenView(
            path: path,
            journal: opened,
            requests: RequestBoard(opened, definition: definition).view(asOf: bound?.position),
            items: ItemView(
                opened,
                asOf: bound?.position,
                isAlive: await copy.holderCheck(path, opened)
            ),
            bound: bound?.position,
            now: bound?.instant ?? .now()
        )
    }
}

/// A journal that is open, and what a reading verb asks of it.
struct OpenView {
    let path: String
    let journal: LMDBJournal
    let requests: PipelineView
    let items: ItemView
    /// The last position to see; nil for all.
    let bound: Position?
    /// The instant that ages and deadlines count from unless the verb is given another one: the
    /// as-of time, or else the wall clock.
    let now: Timestamp

    /// What to try where a question about the time before now found nothing in an older journal.
    func hint(now: Timestamp) -> String? {
        guard let head = try? journal.head(), head.lastPosition > .zero, bound == nil,
            head.lastRecordedAt < now
        else { return nil }
        return
            "the last event was recorded at \(head.lastRecordedAt.shortText): try --now with that"
    }
}
