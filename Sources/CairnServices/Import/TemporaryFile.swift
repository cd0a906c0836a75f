#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// A file without a name: gone as soon as it is closed, however the process ends.
final class TemporaryFile {
    private let folder: String
    private let descriptor: Int32
    /// How many bytes were appended.
    private(set) var byteCount = 0

    /// Makes the file in a folder.
    init(folder: String) throws(ImportError) {
        self.folder = folder
        // Not `mkstemp`: no process that another thread starts meanwhile may have it.
        let flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC
        var path: String
        var file: Int32
        repeat {
            path = "\(folder)/cairn-import-\(UInt64.random(in: 0...UInt64.max))"
            file = open(path, flags, 0o600)
        } while file < 0 && errno == EEXIST
        guard file >= 0 else { throw Self.error(folder) }
        descriptor = file
        unlink(path)
    }

    deinit {
        close(descriptor)
    }

    /// Adds bytes at the end.
    func append(_ bytes: [UInt8]) throws(ImportError) {
        try bytes.withUnsafeBufferPointer { buffer throws(ImportError) in
            var done = 0
            while done < buffer.count {
                let rest = UnsafeBufferPointer(rebasing: buffer[done...])
                let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(byteCount))
                if count < 0 {
                    guard errno == EINTR else { throw Self.error(folder) }
                    continue
                }
                done += count
                byteCount += count
            }
        }
    }

    /// Reads bytes that were appended, all that were asked for.
    func read(_ range: Range<Int>, into bytes: inout [UInt8]) throws(ImportError) {
        bytes = [UInt8](repeating: 0, count: range.count)
        try bytes.withUnsafeMutableBufferPointer { buffer throws(ImportError) in
            var done = 0
            while done < buffer.count {
                let rest = UnsafeMutableBufferPointer(rebasing: buffer[done...])
                let place = off_t(range.lowerBound + done)
                let count = pread(descriptor, rest.baseAddress, rest.count, place)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw Self.error(folder) }
                done += count
            }
        }
    }

    private static func error(_ folder: String) -> ImportError {
        ImportError(
            source: folder,
            reason: .temporaryFile(path: folder, code: errno)
        )
    }
}
