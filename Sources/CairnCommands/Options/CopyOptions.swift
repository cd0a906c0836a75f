internal import ArgumentParser
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
}
