internal import Glibc

/// A file that a verb writes because its name was given.
struct OutputFile {
    let path: String
    /// Whether what stands there already may go.
    let isOverwriting: Bool

    /// Checks that nothing stands in the way, before any work is done for it.
    func requireFree() throws(CommandFailure) {
        guard !path.isEmpty else { throw CommandFailure(.usage, "the file has no name") }
        guard !isOverwriting, access(path, F_OK) == 0 else { return }
        throw failure(EEXIST)
    }

    /// Writes the whole file: what a plain file had stays until all of the new one is there.
    func write(_ bytes: [UInt8]) throws(CommandFailure) {
        let isReplacing = isOverwriting && FileBytes.isFile(path)
        // What is there and no plain file, such as a pipe, is written to and never removed.
        let isOwn = isReplacing || !isOverwriting
        let target = isReplacing ? "\(path).part-\(getpid())" : path
        let mode = O_WRONLY | O_CREAT | O_CLOEXEC | (isOwn ? O_EXCL : 0)
        let descriptor = open(target, mode, 0o666)
        guard descriptor >= 0 else { throw failure(errno) }
        var code = Self.write(bytes, to: descriptor)
        if close(descriptor) != 0, code == 0 { code = errno }
        if isReplacing, code == 0, rename(target, path) != 0 { code = errno }
        guard code != 0 else { return }
        if isOwn { unlink(target) }
        throw failure(code)
    }

    /// - Returns: What the system says went wrong; 0 if nothing did.
    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, Array(rest), rest.count)
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                return errno
            }
        }
        return 0
    }

    private func failure(_ code: Int32) -> CommandFailure {
        switch code {
        case EEXIST:
            CommandFailure(.badInput, "\(path) exists; name another file, or give --overwrite")
        case ENOENT, ENOTDIR:
            CommandFailure(.notFound, "\(path): its folder does not exist; make it first")
        case EISDIR: CommandFailure(.notFound, "\(path): it is a folder; name a file")
        case EACCES, EPERM, EROFS:
            CommandFailure(.inputOutput, "\(path): no permission to write it")
        default: CommandFailure(.inputOutput, "\(path): it cannot be written (error \(code))")
        }
    }
}
