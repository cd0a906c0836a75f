internal import CairnCore
internal import CairnDomains
internal import CairnEngine

/// Lists of events read where they are stored, for walks that pass over many of them.
extension SystemEventProjection {
    /// The stretch of positions that a list's key ends with.
    static func blockNumber(ofKey key: RawSpan) throws(TruncatedBytes) -> UInt64 {
        guard key.byteCount >= 8 else { throw TruncatedBytes(offset: key.byteCount) }
        return key.bigEndian(at: key.byteCount - 8)
    }

    /// Goes through stored members up to a place, the last one first, until the body says no.
    ///
    /// - Parameters:
    ///   - bytes: The stored value.
    ///   - end: The last place of interest.
    ///   - body: Gets each place.
    /// - Throws: `TruncatedBytes`.
    static func forEachMember(
        of bytes: RawSpan,
        upTo end: Int,
        _ body: (Int) -> Bool
    ) throws(TruncatedBytes) {
        var place = ByteReader()
        switch try place.littleEndian(UInt8.self, in: bytes) {
        case ValueTag.bits:
            let words = try place.take(8 * BlockMembers.wordCount, in: bytes).lowerBound
            for index in (0...min(end >> 6, BlockMembers.wordCount - 1)).reversed() {
                var word: UInt64 = bytes.littleEndian(at: words + 8 * index)
                if index == end >> 6, end & 63 < 63 { word &= 1 << UInt64(end & 63 + 1) - 1 }
                while word != 0 {
                    let bit = 63 - word.leadingZeroBitCount
                    guard body(index << 6 | bit) else { return }
                    word &= ~(1 << UInt64(bit))
                }
            }
        case ValueTag.list:
            while place.offset < bytes.byteCount {
                let member = Int(try place.littleEndian(UInt16.self, in: bytes))
                guard member < EventBlock.positionCount else {
                    throw TruncatedBytes(offset: place.offset)
                }
                if member <= end, !body(member) { return }
            }
        default: throw TruncatedBytes(offset: 0)
        }
    }

    /// Reads the events of a lead's entry behind those that are in an array, which keeps its room.
    static func readGlances(
        _ bytes: RawSpan,
        into glances: inout [LeadGlance]
    ) throws(TruncatedBytes) {
        var place = ByteReader()
        guard try place.littleEndian(UInt8.self, in: bytes) == ValueTag.lead else {
            throw TruncatedBytes(offset: 0)
        }
        var last: Int64 = 0
        while place.offset < bytes.byteCount {
            let member = try place.littleEndian(UInt16.self, in: bytes)
            let type = try place.variable(in: bytes)
            last &+= try place.signedVariable(in: bytes)
            glances.append(LeadGlance(place: member, type: type, createdAt: last))
        }
    }
}
