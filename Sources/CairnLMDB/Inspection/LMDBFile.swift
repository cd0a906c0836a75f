#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// The data file of a journal, opened for reading only and read by `pread`.
///
/// Never mapped, so a file that is cut while it is read gives a short read and not a signal.
/// Closing it is safe beside an open journal: LMDB holds its record locks on the lock file.
final class LMDBFile: Sendable {
    let path: String
    private let descriptor: Int32

    /// Opens the data file.
    ///
    /// - Parameter path: The journal's folder, or the data file itself.
    /// - Throws: ``InspectionError/notFound(path:)``, ``InspectionError/notLMDB(path:reason:)``
    ///   for what is not a regular file, and ``InspectionError/inputOutput(path:offset:code:)``.
    init(path: String) throws(InspectionError) {
        // A named pipe would block the open without O_NONBLOCK; regular files ignore it.
        let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK
        let inside = path + "/data.mdb"
        var opened = unsafe open(inside, flags)
        var name = inside
        if opened < 0, errno == ENOTDIR {
            opened = unsafe open(path, flags)
            name = path
        }
        guard opened >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { throw .notFound(path: path) }
            throw .inputOutput(path: name, offset: 0, code: errno)
        }
        var status = stat()
        guard unsafe fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            _ = close(opened)
            throw .notLMDB(path: name, reason: "it is not a regular file")
        }
        self.path = name
        descriptor = opened
    }

    deinit { _ = close(descriptor) }

    /// How long the file is now.
    func byteCount() throws(InspectionError) -> UInt64 {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_size >= 0 else {
            throw .inputOutput(path: path, offset: 0, code: errno)
        }
        return UInt64(status.st_size)
    }

    /// Reads bytes of the file to the start of a buffer, which is made longer if it has to be.
    ///
    /// - Returns: How many bytes there were; fewer than asked for only at the end of the file.
    func read(
        _ count: Int,
        at offset: UInt64,
        into buffer: inout [UInt8]
    ) throws(InspectionError) -> Int {
        if buffer.count < count { buffer = [UInt8](repeating: 0, count: count) }
        guard let start = Int(exactly: offset), start <= Int.max - count else { return 0 }
        // The range read into ends at `count`, which the buffer has.
        let filled = unsafe buffer.withUnsafeMutableBytes { bytes in
            let wanted = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[..<count])
            return unsafe FileSystem.read(descriptor, at: start, into: wanted)
        }
        guard let filled else { throw .inputOutput(path: path, offset: offset, code: errno) }
        return filled
    }
}
