import CairnCore
import CairnTesting
import Testing

struct ByteTests {
    @Test func `everything that is written reads back`() throws {
        var generator = CairnTesting.SeededGenerator(seed: 21)
        for _ in 0..<500 {
            var writer = ByteWriter()
            // Shifting spreads the numbers over all lengths of the variable encoding.
            let unsigned = generator.next() >> UInt64(generator.draw(0...63))
            let signed = Int64(bitPattern: generator.next()) >> generator.draw(0...63)
            let blob = generator.bytes(count: generator.below(300))
            let text = String(decoding: generator.bytes(count: generator.below(40)), as: UTF8.self)
            writer.variable(unsigned)
            writer.littleEndian(signed)
            writer.variable(signed)
            writer.blob(blob)
            writer.bigEndian(UInt32(7))
            writer.text(text)
            let bytes = writer.finish()
            var reader = ByteReader()
            #expect(try reader.variable(in: bytes.span.bytes) == unsigned)
            #expect(try reader.littleEndian(Int64.self, in: bytes.span.bytes) == signed)
            #expect(try reader.signedVariable(in: bytes.span.bytes) == signed)
            #expect(Array(bytes[try reader.blob(in: bytes.span.bytes)]) == blob)
            #expect(Array(bytes[try reader.take(4, in: bytes.span.bytes)]) == [0, 0, 0, 7])
            #expect(Array(try reader.text(in: bytes.span.bytes).utf8) == Array(text.utf8))
            #expect(reader.offset == bytes.count)
        }
    }

    @Test func `numbers at the ends of their ranges take their known bytes`() throws {
        func bytes(_ value: UInt64) -> [UInt8] {
            var writer = ByteWriter()
            writer.variable(value)
            return writer.finish()
        }
        func signed(_ value: Int64) -> [UInt8] {
            var writer = ByteWriter()
            writer.variable(value)
            return writer.finish()
        }
        #expect(bytes(0) == [0])
        #expect(bytes(127) == [127])
        #expect(bytes(128) == [128, 1])
        #expect(bytes(.max) == Array(repeating: 255, count: 9) + [1])
        #expect(signed(0) == [0])
        #expect(signed(-1) == [1])
        #expect(signed(1) == [2])
        #expect(signed(.min) == Array(repeating: 255, count: 9) + [1])
    }

    @Test func `random bytes are read or refused and never stop the program`() {
        var generator = CairnTesting.SeededGenerator(seed: 22)
        for _ in 0..<20_000 {
            let bytes = generator.bytes(count: generator.below(24))
            var reader = ByteReader(offset: generator.below(bytes.count + 1))
            for _ in 0..<4 {
                let before = reader.offset
                do throws(TruncatedBytes) {
                    switch generator.below(6) {
                    case 0: _ = try reader.variable(in: bytes.span.bytes)
                    case 1: _ = try reader.signedVariable(in: bytes.span.bytes)
                    case 2: _ = try reader.text(in: bytes.span.bytes)
                    case 3: _ = try reader.littleEndian(UInt64.self, in: bytes.span.bytes)
                    case 4:
                        let count = Int(truncatingIfNeeded: generator.draw(.min ... .max))
                        _ = try reader.take(count, in: bytes.span.bytes)
                    default:
                        let range = try reader.blob(in: bytes.span.bytes)
                        #expect(range.upperBound <= bytes.count)
                    }
                } catch {
                    #expect(error.offset <= bytes.count)
                }
                #expect(reader.offset >= before)
                #expect(reader.offset <= bytes.count)
            }
        }
    }

    @Test(
        arguments: [
            [], [0x80], Array(repeating: 0x80, count: 10), Array(repeating: 0xFF, count: 9) + [2],
            Array(repeating: 0xFF, count: 11),
        ] as [[UInt8]]
    )
    func `a number that does not end or does not fit in 64 bits is refused`(bytes: [UInt8]) {
        #expect(throws: TruncatedBytes.self) {
            var reader = ByteReader()
            return try reader.variable(in: bytes.span.bytes)
        }
    }

    @Test func `a blob that says it is longer than the rest is refused`() {
        for length: UInt64 in [4, 5, 1 << 32, .max] {
            var writer = ByteWriter()
            writer.variable(length)
            writer.raw([1, 2, 3])
            let bytes = writer.finish()
            #expect(throws: TruncatedBytes.self) {
                var reader = ByteReader()
                return try reader.blob(in: bytes.span.bytes)
            }
        }
    }
}
