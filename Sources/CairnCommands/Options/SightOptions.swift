internal import ArgumentParser
internal import CairnCore
internal import CairnJournal
internal import CairnLMDB

/// Which journal a reading verb reads, and up to which moment.
struct SightOptions: ParsableArguments {
    @OptionGroup var journal: JournalOptions

    @Option(
        help: ArgumentHelp(
            "Answer as of a position, as of a time such as 2025-12-25T10:00:00Z, as of so long ago, "
                + "such as 10m, or as of the last 03:12 (UTC unless a zone follows; of a journal "
                + "whose last event is more than a day old, the last one before that event).",
            valueName: "position|time|span"
        ),
        transform: { try Moment($0) }
    )
    var asOf: Moment?

    @OptionGroup var copy: CopyOptions

    /// Opens the journal and finds the moment that was asked for.
    func open() throws(CommandFailure) -> OpenSight {
        let path = try journal.path()
        let opened = try copy.open(path)
        let bound = try asOf?.resolved(in: opened)
        return OpenSight(
            path: path,
            journal: opened,
            bound: bound?.position,
            now: bound?.instant ?? .now(),
            format: journal.format
        )
    }
}

/// A journal that is open, and up to where it is read.
struct OpenSight {
    let path: String
    let journal: LMDBJournal
    /// The last position to see; nil for all.
    let bound: Position?
    /// The instant that ages and deadlines count from unless the verb is given another one: the
    /// as-of time, or else the wall clock.
    let now: Timestamp
    /// How results are printed.
    let format: OutputFormat
}
