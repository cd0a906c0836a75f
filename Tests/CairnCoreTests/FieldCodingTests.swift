import CairnCore
import CairnTesting
import Testing

struct FieldCodingTests {
    @Test func `fields come back by their tags, and what is absent is nil`() throws {
        var writer = FieldWriter()
        writer.number(0, .min)
        writer.count(1, .max)
        writer.time(2, .distantFuture)
        writer.flag(3, true)
        writer.flag(4, false)
        writer.text(5, "caf\u{E9}")
        writer.blob(255, [])
        writer.number(6, nil)
        let payload = writer.finish()
        let reader = try FieldReader(payload.span.bytes)
        #expect(reader.number(0) == .min)
        #expect(reader.count(1) == .max)
        #expect(reader.time(2) == .distantFuture)
        #expect(reader.flag(3))
        #expect(!reader.flag(4))
        #expect(reader.text(5, in: payload.span.bytes) == "caf\u{E9}")
        #expect(reader.blob(255, in: payload.span.bytes) == [])
        #expect(reader.number(6) == nil)
        // One tag may stand for a number and for bytes, and neither is read as the other.
        #expect(reader.number(5) == nil)
        #expect(reader.text(0, in: payload.span.bytes) == nil)
    }

    @Test(arguments: [2, 255, 256, 300, 5_000])
    func `of a tag that is there more than once the last counts`(count: Int) throws {
        var generator = SeededGenerator(seed: 601)
        var writer = FieldWriter()
        var numbers: [UInt8: Int64] = [:]
        var texts: [UInt8: String] = [:]
        for index in 0..<count {
            let tag = UInt8(generator.below(256))
            if generator.isHit(1, outOf: 2) {
                numbers[tag] = Int64(index)
                writer.number(tag, Int64(index))
            } else {
                texts[tag] = "\(index)"
                writer.text(tag, "\(index)")
            }
        }
        let payload = writer.finish()
        let reader = try FieldReader(payload.span.bytes)
        for tag in UInt8.min ... .max {
            #expect(reader.number(tag) == numbers[tag])
            #expect(reader.text(tag, in: payload.span.bytes) == texts[tag])
        }
    }
}
