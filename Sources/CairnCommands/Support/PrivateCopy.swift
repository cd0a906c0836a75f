internal import CairnJournal
internal import CairnLMDB
internal import Glibc

/// A copy of a journal that one command reads.
enum PrivateCopy {
    /// Copies a journal to a temporary place, by reading its data file and nothing else, and opens
    /// the copy.
    ///
    /// The copy has no name any more when this returns: it ends with the process, however that
    /// ends. Meanwhile a first signal waits until the copy's name is gone; a second one does not.
    ///
    /// - Throws: ``CommandFailure``.
    static func open(_ path: String) throws(CommandFailure) -> LMDBJournal {
        try Signals.deferringEnd { () throws(CommandFailure) in
            let folder = try makeFolder()
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
            } catch {
                throw CommandFailure(error, path: path, isWriting: true)
            }
            return try JournalOptions.open(copy, .readOnly)
        }
    }

    private static func makeFolder() throws(CommandFailure) -> String {
        let parent = Terminal.environment("TMPDIR") ?? "/tmp"
        var name = Array("\(parent)/cairn-copy-XXXXXX".utf8CString)
        guard mkdtemp(&name) != nil else {
            throw CommandFailure(
                .inputOutput,
                "no private copy can be made in \(parent) (error \(errno)); set TMPDIR"
            )
        }
        return String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
