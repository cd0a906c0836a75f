internal import CLMDB
internal import Glibc

/// Writes zeros behind the end of a data file, a stretch at a time, before LMDB gets there.
///
/// A flush that only overwrites what the file has already need not make its new length and the
/// place of its new blocks durable as well. On ext4 that is a third of a flush.
///
/// Used by one writer, inside its write transactions: nobody else may write to the file then, and
/// LMDB's own pages go over the zeros at the commit.
struct FileExtension {
    /// Zeros are written an eighth of the file at a time, within these bounds, in bytes.
    private static let stretchByteCounts = 64 << 10...4 << 20

    /// Up to where the file is known to have been written.
    private var writtenByteCount = 0

    /// Writes the next stretch if the file's free end is shorter than half of one.
    ///
    /// What keeps it from being written, such as a full disk, is met again by the commit, which
    /// tells its caller.
    mutating func extend(_ environment: Environment) {
        let information = environment.information()
        let usedByteCount = (information.lastPage + 1) * information.pageByteCount
        let bounds = Self.stretchByteCounts
        let stretch = min(max(usedByteCount / 8, bounds.lowerBound), bounds.upperBound)
        guard writtenByteCount - usedByteCount < stretch / 2 else { return }
        // Another process may have been here. Where the file ends is the one thing that must be
        // known: zeros that begin before it would go over what is there.
        guard let fileByteCount = environment.fileByteCount else { return }
        writtenByteCount = fileByteCount
        guard writtenByteCount - usedByteCount < stretch / 2 else { return }
        let end = max(writtenByteCount, usedByteCount) + stretch
        writtenByteCount = environment.writeZeros(writtenByteCount..<end)
    }
}

extension Environment {
    /// Overwrites a part of the file with zeros; only behind its end.
    ///
    /// - Returns: Where the written part ends.
    fileprivate func writeZeros(_ range: Range<Int>) -> Int {
        let zeros = [UInt8](repeating: 0, count: min(range.count, 1 << 20))
        var offset = range.lowerBound
        while offset < range.upperBound {
            let count = min(zeros.count, range.upperBound - offset)
            let written = unsafe zeros.withUnsafeBytes {
                unsafe pwrite(fileDescriptor, $0.baseAddress, count, offset)
            }
            guard written > 0 else { break }
            offset += written
        }
        return offset
    }
}
