#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// A file or standard input, read from front to back.
final class InputFile {
    let name: String
    /// How many bytes were read so far.
    private(set) var offset = 0
    private let descriptor: Int32
    private let isOwned: Bool

    /// Opens a path; `-` is standard input.
    init(path: String) throws(ImportError) {
        name = path
        isOwned = path != "-"
        descriptor = isOwned ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO
        guard descriptor >= 0 else {
            throw ImportError(source: path, reason: Self.reason(of: errno))
        }
    }

    deinit {
        if isOwned { close(descriptor) }
    }

    /// The size of a regular file; nil for everything else.
    static func byteCount(of path: String) -> Int? {
        var status = stat()
        guard path != "-", stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return nil
        }
        return Int(status.st_size)
    }

    /// The size of all of them; nil where one is no regular file.
    static func byteCount(ofAll paths: [String]) -> Int? {
        var sum = 0
        for path in paths {
            guard let count = byteCount(of: path) else { return nil }
            sum += count
        }
        return sum
    }

    /// Reads what is there next, at most as much as fits.
    ///
    /// - Returns: How many bytes were read; 0 only at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ImportError) -> Int {
        do {
            let count = try readBytes(descriptor, into: buffer)
            offset += count
            return count
        } catch {
            throw ImportError(source: name, reason: Self.reason(of: error.code))
        }
    }

    private static func reason(of code: Int32) -> ImportReason {
        switch code {
        case ENOENT, ENOTDIR: .notFound
        case EACCES, EPERM: .noPermission
        case EISDIR: .isFolder
        default: .inputOutput(code: code)
        }
    }
}
