import CairnCore
import CairnTesting
import Testing

struct FrameTests {
    struct Sample {
        let event: NewEvent
        let place: EventPlace
        let naming: StreamID?
        let frame: [UInt8]

        init(_ generator: inout CairnTesting.SeededGenerator) throws {
            func text(upTo countMax: Int) -> String {
                String(repeating: "\u{E9}", count: 1 + generator.below(countMax / 2))
            }
            event = try NewEvent(
                type: text(upTo: Limits.eventTypeByteCountMax),
                typeVersion: UInt8(generator.below(256)),
                id: generator.isHit(1, outOf: 2)
                    ? EventID(text(upTo: Limits.eventIDByteCountMax)) : nil,
                occurredAt: Timestamp(nanoseconds: Int64(bitPattern: generator.next())),
                mayBeIgnored: generator.isHit(1, outOf: 2),
                codec: PayloadCodec(rawValue: UInt8(generator.below(256))),
                payload: generator.bytes(count: generator.below(200)),
                canonicalContent: generator.bytes(count: generator.below(50))
            )
            place = EventPlace(
                position: Position(rawValue: generator.next()),
                streamNumber: StreamNumber(rawValue: generator.next()),
                sequence: SequenceNumber(rawValue: generator.next()),
                recordedAt: Timestamp(nanoseconds: Int64(bitPattern: generator.next()))
            )
            naming =
                generator.isHit(1, outOf: 2)
                ? try StreamID(text(upTo: Limits.streamIDByteCountMax)) : nil
            var frame: [UInt8] = []
            Frame.encode(event, at: place, naming: naming, into: &frame)
            self.frame = frame
        }
    }

    @Test func `every field of a frame reads back`() throws {
        var generator = CairnTesting.SeededGenerator(seed: 31)
        for _ in 0..<2_000 {
            let sample = try Sample(&generator)
            let frame = sample.frame.span.bytes
            let header = try EventHeader(frame: frame, position: sample.place.position)
            let expected = EventFacts(sample.event, at: sample.place, naming: sample.naming)
            #expect(EventFacts(header, frame: frame) == expected)
            let stream = try sample.naming ?? StreamID("x")
            let record = EventRecord(header, frame: frame, stream: stream)
            #expect(record.payload == sample.event.payload)
            #expect(record.contentDigest == sample.event.contentDigest)
        }
    }

    @Test func `a frame has the documented bytes`() throws {
        let event = try NewEvent(
            type: "T",
            typeVersion: 3,
            id: EventID("ID"),
            occurredAt: Timestamp(nanoseconds: 0x0807_0605_0403_0201),
            mayBeIgnored: true,
            codec: .json,
            payload: [0xAA, 0xBB]
        )
        let place = EventPlace(
            position: Position(rawValue: 9),
            streamNumber: StreamNumber(rawValue: 5),
            sequence: SequenceNumber(rawValue: 6),
            recordedAt: Timestamp(nanoseconds: 7)
        )
        var buffer: [UInt8] = [0x55]
        let hashed = Frame.encode(event, at: place, naming: try StreamID("s/1"), into: &buffer)
        let frame = Array(buffer[1...])
        #expect(buffer[0] == 0x55)
        #expect(hashed == 9..<91)
        #expect(Array(frame[0..<4]) == [92, 0, 0, 0])
        #expect(Array(frame[8..<16]) == [1, 7, 1, 1, 0, 0, 3, 0])
        #expect(Array(frame[16..<24]) == [5, 0, 0, 0, 0, 0, 0, 0])
        #expect(Array(frame[24..<32]) == [6, 0, 0, 0, 0, 0, 0, 0])
        #expect(Array(frame[32..<40]) == [7, 0, 0, 0, 0, 0, 0, 0])
        #expect(Array(frame[40..<48]) == [1, 2, 3, 4, 5, 6, 7, 8])
        #expect(Array(frame[48..<80]) == event.contentDigest.bytes)
        #expect(Array(frame[80..<84]) == [3, 0, 2, 0])
        #expect(Array(frame[84...]) == Array("Ts/1ID".utf8) + [0xAA, 0xBB])
    }

    @Test func `every flipped bit of a frame is refused`() throws {
        var generator = CairnTesting.SeededGenerator(seed: 32)
        for _ in 0..<8 {
            let sample = try Sample(&generator)
            for bit in 0..<sample.frame.count * 8 {
                var frame = sample.frame
                frame[bit / 8] ^= 1 << UInt8(bit % 8)
                #expect(throws: FrameError.self, "bit \(bit)") {
                    try EventHeader(frame: frame.span.bytes, position: sample.place.position)
                }
            }
        }
    }

    @Test func `a frame that stands at another position is refused`() throws {
        var generator = CairnTesting.SeededGenerator(seed: 33)
        let sample = try Sample(&generator)
        for bit in UInt64(0)..<64 {
            let position = Position(rawValue: sample.place.position.rawValue ^ (1 << bit))
            #expect(throws: FrameError.self, "position \(position)") {
                try EventHeader(frame: sample.frame.span.bytes, position: position)
            }
        }
    }

    @Test func `a frame that is cut off or has more after it is malformed`() throws {
        var generator = CairnTesting.SeededGenerator(seed: 34)
        for _ in 0..<20 {
            let sample = try Sample(&generator)
            for count in 0..<sample.frame.count {
                let cut = Array(sample.frame.prefix(count))
                #expect(throws: FrameError.malformed, "\(count) of \(sample.frame.count) bytes") {
                    try EventHeader(frame: cut.span.bytes, position: sample.place.position)
                }
            }
            let longer = sample.frame + [0]
            #expect(throws: FrameError.malformed) {
                try EventHeader(frame: longer.span.bytes, position: sample.place.position)
            }
        }
    }

    @Test func `hostile frames without a checked checksum never stop the program`() throws {
        var generator = CairnTesting.SeededGenerator(seed: 35)
        for _ in 0..<5_000 {
            let sample = try Sample(&generator)
            var frame = sample.frame
            for _ in 0...generator.below(4) {
                // Length fields are where harm could come from, so hit them often.
                let target = generator.pick([11, 80, 81, 82, 83, generator.below(frame.count)])
                frame[target] = UInt8(truncatingIfNeeded: generator.next())
            }
            let bytes = frame.span.bytes
            let header: EventHeader
            do throws(FrameError) {
                header = try EventHeader(
                    frame: bytes,
                    position: sample.place.position,
                    verifiesChecksum: false
                )
            } catch {
                continue
            }
            let facts = EventFacts(header, frame: bytes)
            #expect(facts.payload.count <= frame.count)
            #expect(header.payloadRange.upperBound == frame.count)
        }
    }

    @Test func `a frame of a newer version says so`() throws {
        var generator = CairnTesting.SeededGenerator(seed: 36)
        let sample = try Sample(&generator)
        var frame = sample.frame
        frame[8] = Frame.version + 1
        #expect(throws: FrameError.newerVersion(Frame.version + 1)) {
            try EventHeader(
                frame: frame.span.bytes,
                position: sample.place.position,
                verifiesChecksum: false
            )
        }
    }

    @Test func `the running hash leaves out payloads and the mark of erasure`() throws {
        var generator = CairnTesting.SeededGenerator(seed: 37)
        let sample = try Sample(&generator)
        func hash(_ frame: [UInt8]) throws -> RunningHash {
            let bytes = frame.span.bytes
            let header = try EventHeader(
                frame: bytes,
                position: sample.place.position,
                verifiesChecksum: false
            )
            var hasher = RunningHasher(after: .zero)
            hasher.add(header, frame: bytes)
            return hasher.finish()
        }
        let original = try hash(sample.frame)
        var erased = sample.frame
        erased[9] |= Frame.Flags.isErased.rawValue
        #expect(try hash(erased) == original)
        var hasher = RunningHasher(after: .zero)
        var buffer: [UInt8] = [0, 0, 0]
        let range = Frame.encode(
            sample.event,
            at: sample.place,
            naming: sample.naming,
            into: &buffer
        )
        hasher.add(encoded: buffer.span.bytes.extracting(range))
        #expect(hasher.finish() == original)
        var moved = sample.frame
        moved[24] ^= 1
        #expect(try hash(moved) != original)
    }
}
