import CChecksum
import CairnTesting
import Testing

struct ChecksumTests {
    /// The vectors of RFC 3720, appendix B.4, and the usual check value.
    static let vectors: [(bytes: [UInt8], checksum: UInt32)] = [
        ([], 0),
        (Array("123456789".utf8), 0xE306_9283),
        (Array(repeating: 0, count: 32), 0x8A91_36AA),
        (Array(repeating: 0xFF, count: 32), 0x62A8_AB43),
        (Array(0...31), 0x46DD_794E),
        (Array((0...31).reversed()), 0x113F_DB5C),
    ]

    @Test(arguments: vectors)
    func `the checksum of known bytes is the published one`(bytes: [UInt8], checksum: UInt32) {
        #expect(cairn_crc32c(0, bytes, bytes.count) == checksum)
        #expect(cairn_crc32c_portable(0, bytes, bytes.count) == checksum)
    }

    @Test func `the processor and the table agree at every length and alignment`() {
        var generator = CairnTesting.SeededGenerator(seed: 7)
        let bytes = generator.bytes(count: 4_096)
        bytes.withUnsafeBytes { buffer in
            for length in 0...130 {
                for start in 0..<17 {
                    let part = UnsafeRawBufferPointer(rebasing: buffer[start..<start + length])
                    let seed = UInt32(truncatingIfNeeded: generator.next())
                    #expect(
                        cairn_crc32c(seed, part.baseAddress, length)
                            == cairn_crc32c_portable(seed, part.baseAddress, length),
                        "length \(length), start \(start), seed \(seed)"
                    )
                }
            }
            for _ in 0..<500 {
                let start = generator.below(buffer.count)
                let length = generator.below(buffer.count - start + 1)
                let part = UnsafeRawBufferPointer(rebasing: buffer[start..<start + length])
                #expect(
                    cairn_crc32c(0, part.baseAddress, length)
                        == cairn_crc32c_portable(0, part.baseAddress, length),
                    "length \(length), start \(start)"
                )
            }
        }
    }

    @Test func `a checksum can be taken in pieces`() {
        var generator = CairnTesting.SeededGenerator(seed: 8)
        let bytes = generator.bytes(count: 300)
        let whole = cairn_crc32c(0, bytes, bytes.count)
        for cut in 0...bytes.count {
            let first = cairn_crc32c(0, bytes, cut)
            let rest = Array(bytes[cut...])
            #expect(cairn_crc32c(first, rest, rest.count) == whole, "cut at \(cut)")
        }
    }

    @Test func `a position counts as eight bytes before the others, least significant first`() {
        let bytes: [UInt8] = [9, 8, 7]
        let position: UInt64 = 0x0102_0304_0506_0708
        let prefixed: [UInt8] = [8, 7, 6, 5, 4, 3, 2, 1, 9, 8, 7]
        #expect(
            cairn_crc32c_at(position, bytes, bytes.count)
                == cairn_crc32c_portable(0, prefixed, prefixed.count)
        )
    }
}
