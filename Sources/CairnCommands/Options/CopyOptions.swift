internal import ArgumentParser
internal import CairnDomains
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB

/// How a verb that only reads gets at the journal.
struct CopyOptions: ParsableArguments {
    @Flag(
        help: ArgumentHelp(
            "Read a private copy, made for this command and removed after it; for a journal whose "
                + "lock file may not be written."
        )
    )
    var privateCopy = false

    /// Opens the journal, or a copy of it; the journal itself is not changed.
    func open(_ path: String) throws(CommandFailure) -> LMDBJournal {
        privateCopy ? try PrivateCopy.open(path) : try JournalOptions.open(path, .readOnly)
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
