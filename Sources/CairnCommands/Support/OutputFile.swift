internal import Glibc

/// A file that a verb writes because its name was given: whole, or not at all.
final class OutputFile {
    /// What stands there.
    private enum Place {
        /// Nothing may stand there.
        case free(PartPath)
        /// A plain file, which goes once all of the new one is there.
        case taken(PartPath, stat)
        /// No plain file, such as a pipe: it is open, is written to, and never removed.
        case open(descriptor: Int32)
    }

    let path: String
    private let place: Place

    /// Looks at the place, before any work is done for the file: whether nothing stands in the way,
    /// and something can be written there.
    ///
    /// - Parameters:
    ///   - path: The file's path; where it is that of a link, the file that the link leads to.
    ///   - isOverwriting: Whether what stands there already may go.
    ///   - journal: The journal that is read, which the file must not be in.
    /// - Throws: `CommandFailure`, with exit code 65 where something stands in the way.
    init(
        path: String,
        isOverwriting: Bool,
        besides journal: String
    ) throws(CommandFailure) {
        guard !path.isEmpty else { throw CommandFailure(.usage, "the file has no name") }
        self.path = path
        var status = stat()
        let isThere = stat(path, &status) == 0
        guard isThere || errno == ENOENT else { throw CommandFailure(writing: path, code: errno) }
        let kind = status.st_mode & S_IFMT
        guard !path.hasSuffix("/"), !isThere || kind != S_IFDIR else {
            throw CommandFailure(writing: path, code: EISDIR)
        }
        guard isOverwriting || lstat(path, &status) != 0 else { throw Self.exists(path) }
        if isThere, kind != S_IFREG {
            place = .open(descriptor: try Self.opened(path))
            return
        }
        let target = Self.linked(path)
        guard let part = PartPath(of: target) else {
            throw CommandFailure(writing: path, code: EISDIR)
        }
        try CommandFailure.refuse(target, within: journal)
        guard access(part.folder, W_OK | X_OK) == 0 else {
            throw CommandFailure(writing: path, code: errno)
        }
        place = isThere ? .taken(part, status) : .free(part)
    }

    deinit {
        if case .open(let descriptor) = place { close(descriptor) }
    }

    /// Writes the whole file; an interrupt stops it, unless it is no plain file.
    ///
    /// - Throws: `CommandFailure`; then what stood there still does, and nothing else is there.
    func write(_ bytes: [UInt8]) throws(CommandFailure) {
        switch place {
        case .open(let descriptor):
            let code = Self.write(bytes, to: descriptor, while: { true })
            guard code == 0 else { throw CommandFailure(writing: path, code: code) }
        case .free(let part):
            try write(bytes, to: part, mode: 0o666) { _ in 0 }
        case .taken(let part, let old):
            // Who may not read the old one does not get to read the new one meanwhile.
            try write(bytes, to: part, mode: 0o600) { descriptor in
                // Only the system's administrator may give a file away.
                _ = fchown(descriptor, old.st_uid, old.st_gid)
                return fchmod(descriptor, old.st_mode & 0o777) == 0 ? 0 : errno
            }
        }
    }

    /// Names what is left of files of this name whose writers were killed.
    func noteLeftovers(of verb: String) {
        switch place {
        case .free(let part), .taken(let part, _): part.noteLeftovers(of: verb)
        case .open: return
        }
    }

    private func write(
        _ bytes: [UInt8],
        to part: PartPath,
        mode: mode_t,
        _ prepare: (Int32) -> Int32
    ) throws(CommandFailure) {
        Signals.catchInterrupts()
        let mayGoOn = { !Signals.isInterrupted && !Task.isCancelled }
        var code = Self.made(part.path, mode: mode) { descriptor in
            var code = prepare(descriptor)
            if code == 0 { code = Self.write(bytes, to: descriptor, while: mayGoOn) }
            if code == 0, fsync(descriptor) != 0 { code = errno }
            return code
        }
        if code == 0 { code = mayGoOn() ? named(part) : EINTR }
        guard code != 0 else { return part.synchronizeFolder() }
        unlink(part.path)
        switch code {
        case EINTR: throw CommandFailure(.interrupted, "interrupted; nothing was written")
        case EEXIST: throw Self.exists(path)
        default: throw CommandFailure(writing: path, code: code)
        }
    }

    /// Gives the part its name.
    ///
    /// - Returns: What the system says went wrong; 0 if nothing did.
    private func named(_ part: PartPath) -> Int32 {
        if case .free = place {
            // A name that somebody else has taken meanwhile stays theirs.
            if link(part.path, part.target) == 0 {
                unlink(part.path)
                return 0
            }
            // Some file systems have no second names.
            guard errno == EPERM || errno == EOPNOTSUPP else { return errno }
            guard access(part.target, F_OK) != 0 else { return EEXIST }
        }
        return rename(part.path, part.target) == 0 ? 0 : errno
    }

    /// Makes a new file and lets it be filled.
    ///
    /// - Returns: What went wrong; 0 if nothing did.
    private static func made(_ path: String, mode: mode_t, _ fill: (Int32) -> Int32) -> Int32 {
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { return errno }
        let code = fill(descriptor)
        guard close(descriptor) == 0 || code != 0 else { return errno }
        return code
    }

    /// Opens what is no plain file; a pipe that nobody reads is not waited for.
    private static func opened(_ path: String) throws(CommandFailure) -> Int32 {
        let descriptor = Glibc.open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else { throw CommandFailure(writing: path, code: errno) }
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
        return descriptor
    }

    /// Where a path leads, also where nothing is there yet; it stays what it is but for links.
    private static func linked(_ path: String) -> String {
        var path = path
        // As many as the system follows.
        for _ in 0..<40 {
            var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
            let count = readlink(path, &buffer, buffer.count)
            guard count > 0 else { return path }
            let link = String(
                decoding: buffer[..<count].map { UInt8(bitPattern: $0) },
                as: UTF8.self
            )
            path = link.hasPrefix("/") ? link : "\(PartPath(of: path)?.folder ?? ".")/\(link)"
        }
        return path
    }

    /// - Returns: What the system says went wrong; `EINTR` where it may not go on, 0 if nothing did.
    private static func write(
        _ bytes: [UInt8],
        to descriptor: Int32,
        while mayGoOn: () -> Bool
    ) -> Int32 {
        var start = 0
        while start < bytes.count {
            guard mayGoOn() else { return EINTR }
            // In pieces: an interrupt is heard between two of them.
            var piece = bytes[start..<min(start + 1 << 18, bytes.count)]
            while !piece.isEmpty {
                let count = Glibc.write(descriptor, Array(piece), piece.count)
                if count >= 0 {
                    piece = piece.dropFirst(count)
                } else if errno != EINTR {
                    return errno
                }
            }
            start += 1 << 18
        }
        return 0
    }

    private static func exists(_ path: String) -> CommandFailure {
        CommandFailure(.badInput, "\(path) exists; name another file, or give --overwrite")
    }
}
