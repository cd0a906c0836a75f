/// The plain bytes of an input, in chunks: unpacked where they begin as gzip does.
final class InputBytes {
    static let chunkByteCount = 64 << 10
    /// How much of the beginning is looked at to tell the format.
    static let probeByteCount = 4 << 10

    let name: String
    private let file: InputFile
    private var inflater: Inflater?
    private let packed: UnsafeMutableBufferPointer<UInt8>
    /// What was read to look at the beginning; handed out as the first chunk.
    private var probed: [UInt8] = []

    init(path: String) throws(ImportError) {
        name = path
        file = try InputFile(path: path)
        packed = .allocate(capacity: Self.chunkByteCount)
        packed.initialize(repeating: 0)
        var filled = 0
        // A pipe may give one byte at a time; gzip shows itself in the first two.
        while filled < 2 {
            let count = try file.read(into: UnsafeMutableRawBufferPointer(part(from: filled)))
            if count == 0 { break }
            filled += count
        }
        if filled >= 2, packed[0] == 0x1F, packed[1] == 0x8B {
            inflater = Inflater()
            inflater?.take(part(upTo: filled))
        } else {
            probed = Array(packed[..<filled])
        }
        var chunk = [UInt8](repeating: 0, count: Self.chunkByteCount)
        while probed.count < Self.probeByteCount {
            let count = try read(into: &chunk)
            if count == 0 { break }
            probed.append(contentsOf: chunk[..<count])
        }
    }

    deinit {
        packed.deallocate()
    }

    /// The first bytes, as long as no chunk was taken.
    var beginning: ArraySlice<UInt8> { probed.prefix(Self.probeByteCount) }

    /// Bytes of the file itself that were read so far, packed as they are.
    var fileOffset: Int { file.offset }

    /// An error about this input.
    func error(_ reason: ImportReason, at place: ImportPlace? = nil) -> ImportError {
        ImportError(source: name, place: place, reason: reason)
    }

    /// Replaces a buffer's content by the next chunk.
    ///
    /// - Returns: Whether there was one; false at the end of the input.
    func next(into chunk: inout [UInt8]) throws(ImportError) -> Bool {
        if !probed.isEmpty {
            chunk = probed
            probed = []
            return true
        }
        if chunk.count != Self.chunkByteCount {
            chunk = [UInt8](repeating: 0, count: Self.chunkByteCount)
        }
        let count = try read(into: &chunk)
        if count < chunk.count { chunk.removeLast(chunk.count - count) }
        return count > 0
    }

    private func read(into chunk: inout [UInt8]) throws(ImportError) -> Int {
        try chunk.withUnsafeMutableBufferPointer { buffer throws(ImportError) in
            guard let inflater else {
                return try file.read(into: UnsafeMutableRawBufferPointer(buffer))
            }
            return try unpack(with: inflater, into: buffer)
        }
    }

    private func unpack(
        with inflater: Inflater,
        into buffer: UnsafeMutableBufferPointer<UInt8>
    ) throws(ImportError) -> Int {
        while true {
            switch inflater.step(into: buffer) {
            case .unpacked(let count): return count
            case .damaged(let message): throw error(.damagedGzip(message: message))
            case .needsInput:
                let count = try file.read(into: UnsafeMutableRawBufferPointer(packed))
                if count == 0 {
                    guard inflater.isComplete else { throw error(.truncatedGzip) }
                    return 0
                }
                inflater.take(part(upTo: count))
            }
        }
    }

    private func part(from start: Int) -> UnsafeMutableBufferPointer<UInt8> {
        UnsafeMutableBufferPointer(rebasing: packed[start...])
    }

    private func part(upTo end: Int) -> UnsafeMutableBufferPointer<UInt8> {
        UnsafeMutableBufferPointer(rebasing: packed[..<end])
    }
}
