internal import CairnCore
internal import CairnJournal
internal import CairnLMDB
internal import Glibc

/// The folder of a journal that a verb makes whole or not at all.
struct BundleFolder {
    private let part: PartPath

    var path: String { part.target }

    /// Files that a journal may have.
    private static let fileNames = ["data.mdb", "lock.mdb"]

    /// Looks at the place, before any work is done for the bundle: whether nothing stands in the
    /// way, and a journal can be made there.
    ///
    /// - Parameters:
    ///   - path: The folder's path.
    ///   - journal: The journal that is read, which the folder must not be in.
    /// - Throws: ``CommandFailure``, with exit code 65 where something is there.
    init(path: String, besides journal: String) throws(CommandFailure) {
        guard let part = PartPath(of: path) else {
            throw CommandFailure(.usage, "the bundle has no name; give -o a path such as i.cairn")
        }
        self.part = part
        guard !Self.isThere(part.target) else { throw Self.exists(part.target) }
        try CommandFailure.refuse(part.target, within: journal)
        do throws(JournalError) {
            try LMDBJournal.checkFileSystem(for: part.target)
        } catch {
            throw CommandFailure(target: error, path: part.target)
        }
        guard access(part.folder, W_OK | X_OK) == 0 else {
            throw CommandFailure(writing: part.target, code: errno)
        }
    }

    /// Makes the journal: fills it, makes it durable and gives it its name.
    ///
    /// - Throws: ``CommandFailure``; then there is nothing left of it.
    func make<Value>(
        _ fill: (LMDBJournal) async throws(CommandFailure) -> Value
    ) async throws(CommandFailure) -> Value {
        do throws(CommandFailure) {
            let value = try await filled(fill)
            // Who reads it and from where is nothing that goes along.
            unlink("\(part.path)/lock.mdb")
            // A name that somebody else has taken meanwhile stays theirs.
            guard !Self.isThere(path), rename(part.path, path) == 0 else {
                let code = errno
                throw Self.isThere(path)
                    ? Self.exists(path) : CommandFailure(writing: path, code: code)
            }
            part.synchronizeFolder()
            return value
        } catch {
            remove()
            throw error
        }
    }

    private func filled<Value>(
        _ fill: (LMDBJournal) async throws(CommandFailure) -> Value
    ) async throws(CommandFailure) -> Value {
        var configuration = LMDBJournal.Configuration()
        // Recorded times are those that are given, and so none is too late.
        configuration.clock = { .distantFuture }
        let journal: LMDBJournal
        do throws(JournalError) {
            journal = try LMDBJournal(path: part.path, configuration: configuration)
        } catch {
            throw CommandFailure(target: error, path: path)
        }
        defer { journal.close() }
        return try await fill(journal)
    }

    private func remove() {
        for name in Self.fileNames { unlink("\(part.path)/\(name)") }
        rmdir(part.path)
    }

    /// Names what is left of bundles of this name that were killed.
    func noteLeftovers() { part.noteLeftovers(of: "bundle") }

    private static func isThere(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    private static func exists(_ path: String) -> CommandFailure {
        CommandFailure(.badInput, "\(path) exists; name another place")
    }
}
