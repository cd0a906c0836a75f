#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

// Functions of this file's own, because inside a type that has a `read` or a `write` the system's
// can only be called by the name of its library, which differs from platform to platform.

/// Reads what is there next, at most as much as fits.
///
/// - Returns: How many bytes were read; 0 only at the end.
func readBytes(
    _ descriptor: Int32,
    into buffer: UnsafeMutableRawBufferPointer
) throws(SystemError) -> Int {
    while true {
        let count = read(descriptor, buffer.baseAddress, buffer.count)
        if count >= 0 { return count }
        if errno != EINTR { throw SystemError(code: errno) }
    }
}

/// Writes all of the bytes.
func writeBytes(_ bytes: [UInt8], to descriptor: Int32) throws(SystemError) {
    try bytes.withUnsafeBufferPointer { buffer throws(SystemError) in
        var done = 0
        while done < buffer.count {
            let rest = UnsafeBufferPointer(rebasing: buffer[done...])
            let count = write(descriptor, rest.baseAddress, rest.count)
            if count >= 0 {
                done += count
            } else if errno != EINTR {
                throw SystemError(code: errno)
            }
        }
    }
}

/// The code that a call of the system failed with.
struct SystemError: Error {
    let code: Int32
}
