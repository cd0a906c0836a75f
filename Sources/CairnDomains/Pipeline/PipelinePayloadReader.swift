internal import CairnCore

/// A place in a payload; each read checks its bounds, moves on, and never traps or allocates.
///
/// Does what `ByteReader` does, in this module, where the compiler can inline it
/// into the fold over a whole journal.
struct PipelinePayloadReader {
    var offset: Int

    @inline(__always)
    mutating func variable(in payload: RawSpan) throws(PipelineCodecError) -> UInt64 {
        if offset < payload.byteCount {
            let byte = payload.byte(at: offset)
            if byte < 0x80 {
                offset += 1
                return UInt64(byte)
            }
        }
        return try longVariable(in: payload)
    }

    private mutating func longVariable(in payload: RawSpan) throws(PipelineCodecError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while offset < payload.byteCount {
            let byte = payload.byte(at: offset)
            let group = UInt64(byte & 0x7F)
            guard shift < 63 || (shift == 63 && group <= 1) else {
                throw .malformed(offset: offset)
            }
            offset += 1
            value |= group &<< shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw .truncated(offset: offset)
    }

    @inline(__always)
    mutating func signed(
        if isPresent: Bool,
        in payload: RawSpan
    ) throws(PipelineCodecError) -> Int64? {
        guard isPresent else { return nil }
        let value = try variable(in: payload)
        return Int64(bitPattern: value >> 1) ^ (0 &- Int64(bitPattern: value & 1))
    }

    /// Takes an instant that is stored as its difference to another, wrapping around.
    @inline(__always)
    mutating func instant(
        if isPresent: Bool,
        from origin: Timestamp,
        in payload: RawSpan
    ) throws(PipelineCodecError) -> Timestamp? {
        guard let difference = try signed(if: isPresent, in: payload) else { return nil }
        return Timestamp(nanoseconds: origin.nanoseconds &+ difference)
    }

    /// Takes bytes that have their count before them, and says where they stand.
    @inline(__always)
    mutating func blob(in payload: RawSpan) throws(PipelineCodecError) -> Range<Int> {
        let count = try variable(in: payload)
        guard count <= UInt64(payload.byteCount - offset) else {
            throw .truncated(offset: offset)
        }
        let start = offset
        offset += Int(count)
        return start..<offset
    }

    /// Takes a word: its code if it has one, else the text that stands here.
    @inline(__always)
    mutating func word(
        codeOffset: Int,
        in payload: RawSpan
    ) throws(PipelineCodecError) -> PipelineWord {
        let code = payload.byte(at: codeOffset)
        guard code == PipelineVocabulary.literal else {
            guard code <= PipelineVocabulary.codeMax else { throw .malformed(offset: codeOffset) }
            return PipelineWord(code: code)
        }
        return PipelineWord(try blob(in: payload))
    }

    mutating func text(
        if isPresent: Bool,
        in payload: RawSpan
    ) throws(PipelineCodecError) -> String? {
        guard isPresent else { return nil }
        return payload.extracting(try blob(in: payload)).text()
    }
}
