internal import CairnJournal
internal import CairnLMDB
internal import Glibc

/// A copy of a journal that one command reads.
enum PrivateCopy {
    private static let folderName = "cairn-copy"

    /// Copies a journal to a temporary place, by reading its data file and nothing else, and opens
    /// the copy.
    ///
    /// The copy has no name any more when this returns: it ends with the process, however that
    /// ends. Meanwhile a first signal waits until the copy's name is gone; a second one does not,
    /// and what it leaves is named by the next command that makes a copy.
    ///
    /// - Throws: ``CommandFailure``.
    static func open(_ path: String) throws(CommandFailure) -> LMDBJournal {
        Leftovers.note(PrivateFolder.leftovers(folderName), "is a copy that a killed command left")
        return try Signals.deferringEnd { () throws(CommandFailure) in
            let folder = try PrivateFolder.make(folderName, for: "no private copy can be made")
            let copy = "\(folder)/journal"
            defer {
                for file in ["data.mdb", "lock.mdb"] { unlink("\(copy)/\(file)") }
                rmdir(copy)
                rmdir(folder)
            }
            do throws(JournalError) {
                let report = try LMDBJournal.salvage(from: path, to: copy)
                guard report.isComplete else {
                    let reason = "the copy ends at position \(report.lastPosition)"
                    throw JournalError.damaged(path: path, reason: reason)
                }
            } catch .outOfSpace {
                throw CommandFailure(
                    .inputOutput,
                    "no private copy can be made in \(PrivateFolder.parent): no space left; make "
                        + "room, or set TMPDIR to another place"
                )
            } catch {
                throw CommandFailure(copying: error, from: path, to: copy)
            }
            return try JournalOptions.open(copy, .readOnly)
        }
    }
}
