internal import Glibc

/// Bytes that LMDB lends from its pages.
enum LentBytes {
    private static let pageByteCount = sysconf(Int32(_SC_PAGESIZE))
    private static let pageHeaderByteCount = 16

    /// How many bytes of a lent record are content; nil if its checksum does not hold.
    static func contentByteCount(of value: RawSpan, at key: RawSpan) -> Int? {
        guard mayBeRead(value), mayBeRead(key) else { return nil }
        return IndexRecords.contentByteCount(of: value, at: key)
    }

    /// Whether all bytes are of the page, or of the pages of the long value, in which they begin.
    ///
    /// LMDB takes their number from the page as it is; of one that was spoilt it may lead far
    /// beyond the end of the file, where reading ends the process.
    static func mayBeRead(_ bytes: RawSpan) -> Bool {
        unsafe bytes.withUnsafeBytes { buffer in
            guard let start = buffer.baseAddress else { return true }
            let offset = Int(bitPattern: start) & (pageByteCount - 1)
            if offset + buffer.count <= pageByteCount { return true }
            // A long value begins behind the header of its first page, which ends with how many
            // pages there are.
            guard offset == pageHeaderByteCount else { return false }
            let pageCount = unsafe (start - MemoryLayout<UInt32>.size)
                .loadUnaligned(as: UInt32.self)
            return buffer.count
                <= Int(pageCount) * pageByteCount - pageHeaderByteCount
        }
    }
}
