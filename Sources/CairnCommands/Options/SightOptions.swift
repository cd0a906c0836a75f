internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB

/// Which journal a reading verb reads, how it gets at it, and up to which moment.
///
/// It has the options of ``JournalOptions`` as its own: a debug build checks groups within groups
/// at each start, several times for each level, and a third level took most of a start's time.
struct SightOptions: ParsableArguments {
    @Option(
        name: JournalOptions.pathName,
        help: JournalOptions.pathHelp,
        completion: .directory
    )
    var givenPath: String?

    @Option(help: JournalOptions.formatHelp)
    var format: OutputFormat = .text

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

    @Flag(
        help: ArgumentHelp(
            "Read a private copy, made for this command and removed after it; for a journal whose "
                + "lock file may not be written."
        )
    )
    var privateCopy = false

    /// Opens the journal, or a copy of it, and finds the moment that was asked for; the journal
    /// itself is not changed.
    func open() throws(CommandFailure) -> OpenSight {
        let path = try JournalOptions.path(givenPath)
        let opened = try privateCopy ? PrivateCopy.open(path) : JournalOptions.open(path, .readOnly)
        let bound = try asOf?.resolved(in: opened)
        return OpenSight(
            path: path,
            journal: opened,
            bound: bound?.position,
            now: bound?.instant ?? .now(),
            format: format
        )
    }

    /// Who knows which workers live, where it is not the open journal: a copy has no locks, so the
    /// one that was copied; and of a bundle it was written down.
    func holderCheck(
        _ path: String,
        _ opened: LMDBJournal
    ) async -> ItemView.HolderCheck? {
        // What cannot be read is told by whoever needs it.
        if let workers = try? await BundleManifest.liveWorkers(of: opened) {
            return { worker in workers.contains(worker) }
        }
        return holderCheck(path)
    }

    /// The same of a journal that is no bundle.
    func holderCheck(_ path: String) -> ItemView.HolderCheck? {
        guard privateCopy else { return nil }
        @Sendable func check(_ worker: WorkerNumber) async throws(JournalError) -> Bool {
            try LMDBJournal.isLifeLocked(worker.rawValue, inJournalAt: path)
        }
        return check
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
