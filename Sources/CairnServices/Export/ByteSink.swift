#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// Takes the bytes of an export, in order.
public protocol ByteSink: AnyObject {
    /// Takes all of the bytes.
    ///
    /// - Throws: ``ExportError/closedPipe`` and ``ExportError/inputOutput(path:code:)``.
    func write(_ bytes: [UInt8]) throws(ExportError)
}

/// Keeps what is written in memory.
public final class MemorySink: ByteSink {
    public private(set) var bytes: [UInt8] = []

    public init() {}

    public func write(_ bytes: [UInt8]) {
        self.bytes.append(contentsOf: bytes)
    }
}

/// Writes to standard output.
public final class StandardOutputSink: ByteSink {
    public init() {}

    public func write(_ bytes: [UInt8]) throws(ExportError) {
        do {
            try writeBytes(bytes, to: STDOUT_FILENO)
        } catch {
            guard error.code != EPIPE else { throw .closedPipe }
            throw .inputOutput(path: "standard output", code: error.code)
        }
    }
}
