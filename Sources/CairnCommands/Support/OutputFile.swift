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

    /// Writes the whole file.
    func write(_ bytes: [UInt8]) throws(CommandFailure) {
        let mode = isOverwriting ? O_TRUNC : O_EXCL
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | mode, 0o666)
        guard descriptor >= 0 else { throw failure(errno) }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, Array(rest), rest.count)
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                let code = errno
                // Half a source is of no use; what was there before is gone either way.
                unlink(path)
                throw failure(code)
            }
        }
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
