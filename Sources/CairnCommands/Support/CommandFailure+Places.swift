internal import CairnJournal
internal import Glibc

// What it means to the person at the terminal that something cannot be written where it was to be.

extension CommandFailure {
    /// Explains a code of the system.
    ///
    /// - Parameters:
    ///   - path: What was to be written.
    ///   - code: What the system says.
    init(writing path: String, code: Int32) {
        switch code {
        case ENOENT, ENOTDIR:
            self.init(.notFound, "\(path): its folder does not exist; make it first")
        case EISDIR: self.init(.notFound, "\(path): it is a folder; name a file")
        case ENAMETOOLONG: self.init(.usage, "\(path): the name is too long; give a shorter one")
        case EACCES, EPERM, EROFS:
            self.init(
                .inputOutput,
                "\(path): no permission to write it; choose another place"
            )
        case ENOSPC, EDQUOT: self = .noSpace(path)
        case EFBIG:
            self.init(
                .inputOutput,
                "\(path): it would be larger than this process may make files; raise 'ulimit -f'"
            )
        case ENXIO, EPIPE:
            self.init(.inputOutput, "\(path): nobody reads it; start its reader first")
        default:
            self.init(
                .inputOutput,
                "\(path): it cannot be written (\(Self.words(for: code))); choose another place"
            )
        }
    }

    /// A code of the system and its own words for it.
    static func words(for code: Int32) -> String {
        "error \(code)" + (strerror(code).map { ": \(String(cString: $0))" } ?? "")
    }

    private static func noSpace(_ path: String) -> CommandFailure {
        CommandFailure(
            .inputOutput,
            "\(path): no space left; make room, or choose another place"
        )
    }

    /// Explains what went wrong with a journal that is being made, and not with the one it is
    /// made of.
    init(target error: JournalError, path: String) {
        switch error {
        case .notFound(let folder):
            self.init(.notFound, "the folder \(folder) does not exist; make it first")
        case .noPermission:
            self.init(.inputOutput, "\(path): \(error); choose another place")
        case .outOfSpace, .outcomeUnknown: self = .noSpace(path)
        case .inputOutput(_, let code): self.init(writing: path, code: code)
        case .lmdb(ENOMEM, _):
            self.init(.inputOutput, "\(path): \(error); \(CommandFailure.memoryAdvice)")
        default: self.init(Self.status(of: error), "\(path): \(error)")
        }
    }

    /// Explains what went wrong with a copy: where its place is the reason, that is said, and
    /// nothing of the journal that is copied.
    ///
    /// - Parameters:
    ///   - error: What making the copy answered.
    ///   - source: The journal that is copied.
    ///   - destination: The copy's place.
    init(copying error: JournalError, from source: String, to destination: String) {
        switch error {
        case .notAJournal(destination, let reason):
            self.init(.usage, "\(destination): \(reason); choose another place")
        case .noPermission(let place, _) where place != source && !place.hasPrefix("\(source)/"):
            self.init(.inputOutput, "\(error); choose another place")
        // A journal that is only read needs no room.
        case .outOfSpace, .unsupportedFileSystem: self.init(target: error, path: destination)
        case .notFound(let place) where place != source: self.init(target: error, path: place)
        case .inputOutput(let place, _) where PartPath(of: destination)?.target == place:
            self.init(target: error, path: destination)
        default: self.init(error, path: source)
        }
    }

    /// Refuses to write into the journal that is read.
    ///
    /// - Parameters:
    ///   - path: What is to be written.
    ///   - journal: The journal's folder; where nothing is, that is told by who opens it.
    /// - Throws: `CommandFailure`, with exit code 64.
    static func refuse(_ path: String, within journal: String) throws(CommandFailure) {
        var status = stat()
        guard stat(journal, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return }
        let home = (status.st_dev, status.st_ino)
        // Upwards by the kernel's own steps, whatever links lead there.
        var folder = PartPath(of: path)?.folder ?? path
        var below: (UInt, UInt)?
        while stat(folder, &status) == 0 {
            let place = (status.st_dev, status.st_ino)
            guard place != home else {
                throw CommandFailure(
                    .usage,
                    "\(path) is inside the journal \(journal); name another place"
                )
            }
            if let below, below == place { return }
            below = place
            folder += "/.."
        }
    }

    /// What to do where LMDB finds no memory for its map: a journal has no part in that.
    static let memoryAdvice =
        "this process may not have so much memory or address space: raise 'ulimit -v'"
}
