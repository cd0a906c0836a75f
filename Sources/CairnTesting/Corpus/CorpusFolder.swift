#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// The folder of a corpus, locked against everyone else who would write to it.
struct CorpusFolder: ~Copyable {
    private let descriptor: Int32
    private let path: String

    /// Whether the environment says that a build server runs this.
    static var isBuildServer: Bool {
        guard let value = getenv("CI") else { return false }
        let text = String(cString: value)
        return !text.isEmpty && text != "0" && text != "false"
    }

    /// Makes the folder where there is none, and locks it.
    init(_ path: String) throws(CorpusError) {
        self.path = path
        // Nothing may be thrown before there is a descriptor to close, valid or not.
        let failure = Self.make(path)
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if let failure { throw failure }
        guard descriptor >= 0 else { throw .failed(call: "open", path: path, code: errno) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw .failed(call: "flock", path: path, code: errno) }
        }
    }

    deinit {
        guard descriptor >= 0 else { return }
        // Closing alone would leave the lock with a child that was forked a moment ago.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// Puts a file in the place of another: whoever reads it sees the old one or the new one.
    func replace(_ name: String, with bytes: [UInt8]) throws(CorpusError) {
        // Only who holds the lock writes it, so one that was left behind is nobody's.
        let draft = "\(path)/.\(name).draft"
        let file = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw .failed(call: "open", path: draft, code: errno) }
        let failure = Self.write(bytes, to: file)
        close(file)
        guard failure == nil, rename(draft, "\(path)/\(name)") == 0 else {
            let (call, code) = failure ?? ("rename", errno)
            unlink(draft)
            throw .failed(call: call, path: draft, code: code)
        }
    }

    private static func write(_ bytes: [UInt8], to file: Int32) -> (call: String, code: Int32)? {
        var rest = bytes
        while !rest.isEmpty {
            let count = writeSome(file, rest)
            if count > 0 { rest.removeFirst(count) }
            if count < 0, errno != EINTR { return ("write", errno) }
        }
        return fsync(file) == 0 ? nil : ("fsync", errno)
    }

    /// Makes a folder and those that it lies in.
    private static func make(_ path: String) -> CorpusError? {
        if mkdir(path, 0o755) == 0 || errno == EEXIST { return nil }
        let code = errno
        let parent = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
        guard code == ENOENT, !parent.isEmpty else {
            return .failed(call: "mkdir", path: path, code: code)
        }
        if let failure = make(parent) { return failure }
        if mkdir(path, 0o755) == 0 || errno == EEXIST { return nil }
        return .failed(call: "mkdir", path: path, code: errno)
    }

    /// Reads a file whole; nil where there is none.
    static func bytes(ofFile path: String) throws(CorpusError) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw .failed(call: "open", path: path, code: errno)
        }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(file, &chunk, chunk.count)
            if count == 0 { return bytes }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw .failed(call: "read", path: path, code: errno)
            }
            bytes += chunk[..<count]
            guard bytes.count <= CorpusFile.byteCountMax else {
                throw .tooLarge(path: path, byteCountMax: CorpusFile.byteCountMax)
            }
        }
    }
}

// Outside the type, whose own `write` would hide the system's.
private func writeSome(_ file: Int32, _ bytes: [UInt8]) -> Int {
    write(file, bytes, bytes.count)
}
