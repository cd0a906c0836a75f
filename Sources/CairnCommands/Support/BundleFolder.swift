internal import CairnCore
internal import CairnJournal
internal import CairnLMDB
internal import Glibc

/// The folder of a journal that a verb makes whole or not at all.
struct BundleFolder {
    let path: String
    /// Where it is made: beside its place, under a name that nothing else has.
    private let temporary: String
    /// What that name begins with, and the path before it.
    private let part: String
    private let parent: String

    /// Files that a journal may have.
    private static let fileNames = ["data.mdb", "lock.mdb"]

    /// Prepares, and checks that nothing stands in the way.
    ///
    /// - Throws: ``CommandFailure``, with exit code 65 where something is there.
    init(path: String) throws(CommandFailure) {
        var trimmed = path[...]
        while trimmed.utf8.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
        guard let name = trimmed.split(separator: "/").last, name != ".", name != ".." else {
            throw CommandFailure(.usage, "the bundle has no name; give -o a path such as i.cairn")
        }
        self.path = String(trimmed)
        parent = String(trimmed.dropLast(name.count))
        part = ".\(name).part-"
        temporary = "\(parent)\(part)\(getpid())"
        guard !Self.isThere(self.path) else { throw Self.exists(self.path) }
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
            unlink("\(temporary)/lock.mdb")
            // A name that somebody else has taken meanwhile stays theirs.
            guard !Self.isThere(path), rename(temporary, path) == 0 else {
                throw Self.isThere(path) ? Self.exists(path) : failure(errno)
            }
            synchronizeParent()
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
            journal = try LMDBJournal(path: temporary, configuration: configuration)
        } catch {
            throw CommandFailure(target: error, path: path)
        }
        defer { journal.close() }
        return try await fill(journal)
    }

    private func remove() {
        for name in Self.fileNames { unlink("\(temporary)/\(name)") }
        rmdir(temporary)
    }

    /// The folders of bundles of this name that were killed while they were made.
    ///
    /// One that is being made now is among them only where its process cannot be seen from here.
    func leftovers() -> [String] {
        var pattern = ""
        for scalar in "\(parent)\(part)".unicodeScalars {
            if ["*", "?", "[", "\\"].contains(scalar) { pattern += "\\" }
            pattern.unicodeScalars.append(scalar)
        }
        var found = glob_t()
        defer { globfree(&found) }
        guard glob("\(pattern)*", 0, nil, &found) == 0, let paths = found.gl_pathv else {
            return []
        }
        return (0..<Int(found.gl_pathc)).compactMap { index in
            guard let path = paths[index].map({ String(cString: $0) }),
                let process = pid_t(path.dropFirst(parent.count + part.count)), process > 0,
                kill(process, 0) != 0, errno == ESRCH
            else { return nil }
            return path
        }
    }

    private func synchronizeParent() {
        let descriptor = open(parent.isEmpty ? "." : parent, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    private static func isThere(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    private static func exists(_ path: String) -> CommandFailure {
        CommandFailure(.badInput, "\(path) exists; name another place")
    }

    private func failure(_ code: Int32) -> CommandFailure {
        CommandFailure(.inputOutput, "\(path): it cannot be made (error \(code))")
    }
}

extension CommandFailure {
    /// Explains what went wrong with a journal that is being made, and not with the one it is
    /// made of.
    init(target error: JournalError, path: String) {
        switch error {
        case .notFound(let folder):
            self.init(.notFound, "the folder \(folder) does not exist; make it first")
        case .noPermission:
            self.init(.inputOutput, "\(path): \(error); choose another place")
        case .outOfSpace, .outcomeUnknown:
            self.init(
                .inputOutput,
                "\(path): no space left; make room, or choose another place"
            )
        default: self.init(Self.status(of: error), "\(path): \(error)")
        }
    }
}
