internal import CairnCore

/// Where a record stands in an order of time: by its instant, and beside those of the same one by
/// bytes that say what comes first.
struct TimeKey: Comparable {
    let time: Timestamp
    var tie: [UInt8] = []

    static func < (left: TimeKey, right: TimeKey) -> Bool {
        guard left.time == right.time else { return left.time < right.time }
        return left.tie.lexicographicallyPrecedes(right.tie)
    }
}

extension Double {
    /// Bytes that are ordered as the numbers are, those below zero included; the two zeros are one.
    ///
    /// Of numbers above zero the bits ascend as they do, and of those below they descend.
    var orderedBytes: [UInt8] {
        let bits = (self == 0 ? 0 : self).bitPattern
        var writer = ByteWriter(capacity: 8)
        writer.bigEndian(sign == .minus && self != 0 ? ~bits : bits | 1 << 63)
        return writer.finish()
    }
}
