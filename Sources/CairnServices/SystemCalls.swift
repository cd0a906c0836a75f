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

/// Nanoseconds since the machine was started, time asleep included.
func bootNanoseconds() -> Int64 {
    var time = timespec()
    #if canImport(Darwin)
    clock_gettime(CLOCK_MONOTONIC_RAW, &time)
    #else
    clock_gettime(CLOCK_BOOTTIME, &time)
    #endif
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// The first kilobyte of a small file, as text.
func fileText(at path: String) throws(SystemError) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError(code: errno) }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 1_024)
    let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
    guard count >= 0 else { throw SystemError(code: errno) }
    return String(decoding: bytes[..<count], as: UTF8.self)
}

/// The number of this process.
func processNumber() -> Int32 { getpid() }
