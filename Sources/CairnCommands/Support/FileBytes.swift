internal import Glibc

/// Small files as a whole.
enum FileBytes {
    /// Largest file that is read; definitions have a few kilobytes.
    static let byteCountMax = 4 << 20

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - path: Its path.
    ///   - first: How many bytes of it are wanted, if no more than so many; nil for all.
    /// - Returns: Its bytes, or the first ones.
    /// - Throws: ``CommandFailure``.
    static func read(_ path: String, first: Int? = nil) throws(CommandFailure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw failure(path, errno)
            }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            if let first, bytes.count >= first { return Array(bytes[..<first]) }
            guard bytes.count <= byteCountMax else {
                throw CommandFailure(.badInput, "\(path) is larger than \(byteCountMax) bytes")
            }
        }
    }

    /// Checks that an input can be read, before anything is made for it.
    static func requireReadable(_ path: String) throws(CommandFailure) {
        guard path != "-" else { return }
        guard access(path, R_OK) == 0 else { throw failure(path, errno) }
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            throw failure(path, EISDIR)
        }
    }

    /// Whether a path is that of a plain file.
    static func isFile(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    private static func failure(_ path: String, _ code: Int32) -> CommandFailure {
        switch code {
        case ENOENT, ENOTDIR: CommandFailure(.notFound, "\(path): no such file; check the path")
        case EACCES, EPERM: CommandFailure(.inputOutput, "\(path): no permission to read it")
        case EISDIR: CommandFailure(.notFound, "\(path): it is a folder; name a file")
        default: CommandFailure(.inputOutput, "\(path): it cannot be read (error \(code))")
        }
    }
}
