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
        try bytes.withUnsafeBufferPointer { buffer throws(ExportError) in
            var done = 0
            while done < buffer.count {
                let rest = UnsafeBufferPointer(rebasing: buffer[done...])
                #if canImport(Glibc)
                let count = Glibc.write(STDOUT_FILENO, rest.baseAddress, rest.count)
                #elseif canImport(Musl)
                let count = Musl.write(STDOUT_FILENO, rest.baseAddress, rest.count)
                #else
                let count = Darwin.write(STDOUT_FILENO, rest.baseAddress, rest.count)
                #endif
                if count >= 0 {
                    done += count
                    continue
                }
                switch errno {
                case EINTR: continue
                case EPIPE: throw .closedPipe
                default: throw .inputOutput(path: "standard output", code: errno)
                }
            }
        }
    }
}
