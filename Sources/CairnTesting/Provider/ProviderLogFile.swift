#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// A provider's log, open for appending and locked against a second provider.
///
/// Nothing is flushed to the disk: what was written outlives any process, though not the machine.
struct ProviderLogFile: ~Copyable {
    private let descriptor: Int32

    /// Opens the log, makes it if needed, and hands over what it holds.
    ///
    /// A torn last line is cut off: nobody has had an answer to what it would have said.
    init(path: String, _ body: (ProviderRecord) -> Void) throws(ProviderLogError) {
        descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .failed(call: "open", code: errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw errno == EWOULDBLOCK ? .inUse : .failed(call: "flock", code: errno)
        }
        let byteCount = try Self.read(descriptor, body)
        guard ftruncate(descriptor, off_t(byteCount)) == 0 else {
            throw .failed(call: "ftruncate", code: errno)
        }
    }

    deinit {
        guard descriptor >= 0 else { return }
        // Closing alone would leave the lock with a child that was forked a moment ago.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// Appends a line by one write.
    func append(_ line: [UInt8]) throws(ProviderLogError) {
        while true {
            let count = write(descriptor, line, line.count)
            if count == line.count { return }
            guard count < 0, errno == EINTR else {
                throw .failed(call: "write", code: count < 0 ? errno : ENOSPC)
            }
        }
    }

    /// Reads a log that another process may be writing to.
    static func read(
        path: String,
        _ body: (ProviderRecord) -> Void
    ) throws(ProviderLogError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .failed(call: "open", code: errno) }
        defer { close(descriptor) }
        _ = try read(descriptor, body)
    }

    /// Reads all complete lines.
    ///
    /// - Returns: How many bytes they take.
    private static func read(
        _ descriptor: Int32,
        _ body: (ProviderRecord) -> Void
    ) throws(ProviderLogError) -> Int {
        var splitter = LineSplitter()
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        var (byteCount, lineNumber) = (0, 0)
        while true {
            let count = readNext(descriptor, &chunk)
            guard count >= 0 else { throw .failed(call: "read", code: errno) }
            if count == 0 { return byteCount }
            for line in splitter.lines(adding: chunk[..<count]) {
                lineNumber += 1
                guard let record = ProviderRecord(line: line) else {
                    throw .malformed(lineNumber: lineNumber)
                }
                byteCount += line.count + 1
                body(record)
            }
        }
    }
}

// Outside the type, whose own `read` would hide the system's.
private func readNext(_ descriptor: Int32, _ chunk: inout [UInt8]) -> Int {
    while true {
        let count = read(descriptor, &chunk, chunk.count)
        if count >= 0 || errno != EINTR { return count }
    }
}
