internal import CairnCore

extension PackHeader {
    /// Reads the header of a pack out of a file that may be damaged: strictly.
    ///
    /// - Throws: ``PackError``, also where parts that no checksum covers are not zero.
    init(inspecting pack: RawSpan) throws(PackError) {
        try self.init(pack)
        guard pack.littleEndian(at: 6, as: UInt16.self) == 0 else { throw .malformed("flags") }
        let start = try frameRange(0, in: pack).lowerBound
        guard start == PackFormat.fixedByteCount + 4 * eventCount else {
            throw .malformed("directory")
        }
    }

    /// Checks every frame, goes on over damaged ones, and continues the running hash.
    ///
    /// - Returns: The hash after the pack; nil if a frame could not be read.
    func forEachFrame(
        in pack: RawSpan,
        flaw: (Position, String) -> Void,
        body: (EventHeader, RawSpan) -> Void
    ) -> RunningHash? {
        var hasher = RunningHasher(after: previousHash)
        var isWhole = true
        var position = firstPosition
        for index in 0..<eventCount {
            if let reason = read(index, at: position, in: pack, &hasher, body) {
                isWhole = false
                flaw(position, reason)
            }
            position = position.next
        }
        return isWhole ? hasher.finish() : nil
    }

    /// Reads one frame; the answer is what is wrong with it, or nil.
    private func read(
        _ index: Int,
        at position: Position,
        in pack: RawSpan,
        _ hasher: inout RunningHasher,
        _ body: (EventHeader, RawSpan) -> Void
    ) -> String? {
        do throws(PackError) {
            let frame = pack.extracting(try frameRange(index, in: pack))
            do throws(FrameError) {
                let header = try EventHeader(frame: frame, position: position)
                hasher.add(header, frame: frame)
                body(header, frame)
                return nil
            } catch {
                return "the event cannot be read: \(error)"
            }
        } catch {
            return error.reason
        }
    }
}
