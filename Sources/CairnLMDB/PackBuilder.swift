internal import CairnCore

/// Cuts the frames of a batch into packs that leave little of LMDB's pages unused.
///
/// A value beyond ``PackFormat/inlineByteCountMax`` bytes gets overflow pages of its own, so its
/// last page is half empty on average. Packs are therefore cut where they fill whole pages; the
/// rest of a batch goes into packs that share leaf pages. A frame larger than all that has a
/// pack, and pages, of its own.
struct PackBuilder {
    /// How many of the frames from `start` on go into the next pack.
    ///
    /// - Parameters:
    ///   - offsets: Where each frame starts in the buffer, and the buffer's end.
    ///   - start: The first frame of the pack.
    /// - Returns: How many frames, at least one.
    static func frameCount(offsets: [Int], from start: Int) -> Int {
        let remaining = offsets.count - 1 - start
        let rest = PackFormat.byteCount(
            eventCount: remaining,
            frameByteCount: offsets[offsets.count - 1] - offsets[start]
        )
        if rest <= PackFormat.inlineByteCountMax { return remaining }
        // The largest number of whole pages, up to four, that the rest fills.
        let pageCount = min(4, (rest + 16) / 4_096)
        let target =
            pageCount == 0 ? PackFormat.inlineByteCountMax : pageCount * 4_096 - 16
        var count = 0
        while count < remaining {
            let size = PackFormat.byteCount(
                eventCount: count + 1,
                frameByteCount: offsets[start + count + 1] - offsets[start]
            )
            if size > target { break }
            count += 1
        }
        return max(count, 1)
    }

    /// Builds one pack.
    ///
    /// - Parameters:
    ///   - buffer: Frames back to back.
    ///   - offsets: Where each frame starts in the buffer, and the buffer's end.
    ///   - frames: Which frames to take.
    ///   - firstPosition: The position of the first of them.
    ///   - previousHash: The running hash before them.
    /// - Returns: The bytes of the pack.
    static func pack(
        _ buffer: [UInt8],
        offsets: [Int],
        frames: Range<Int>,
        firstPosition: Position,
        previousHash: RunningHash
    ) -> [UInt8] {
        let bytes = offsets[frames.lowerBound]..<offsets[frames.upperBound]
        let total = PackFormat.byteCount(eventCount: frames.count, frameByteCount: bytes.count)
        var checked = ByteWriter(capacity: total)
        checked.littleEndian(UInt32(frames.count))
        checked.littleEndian(firstPosition.rawValue)
        checked.littleEndian(UInt32(total))
        checked.littleEndian(UInt32(0))
        checked.raw(previousHash.digest.bytes)
        let framesStart = PackFormat.fixedByteCount + 4 * frames.count
        for frame in frames {
            checked.littleEndian(UInt32(framesStart + offsets[frame] - bytes.lowerBound))
        }
        let checksum = unsafe checked.bytes.span.bytes.checksum(seededWith: firstPosition.rawValue)
        var pack = ByteWriter(capacity: total)
        pack.littleEndian(PackFormat.magic)
        pack.littleEndian(PackFormat.version)
        pack.littleEndian(UInt16(0))
        pack.littleEndian(checksum)
        unsafe pack.raw(checked.finish().span.bytes)
        unsafe pack.raw(buffer.span.bytes.extracting(bytes))
        return pack.finish()
    }
}
