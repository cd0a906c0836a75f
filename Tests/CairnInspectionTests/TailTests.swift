import CairnCore
import CairnJournal
import CairnTesting
import CairnTestSupport
import Testing

@testable import CairnLMDB

/// The flat tail of the index beside a list of events that is gone through each time.
struct TailTests {
    /// An event as the list has it.
    private struct Known {
        let stream: StreamID
        let number: StreamNumber
        let sequence: UInt64
        let position: Position
        let id: EventID?
    }

    /// The segment, and the list that says what it must answer.
    private struct Pair {
        static let base = Position(rawValue: 10_000)

        let segment: TailSegment
        var known: [Known] = []

        /// Begins a segment behind one of so many events.
        init(followingEventCount count: Int) throws {
            let first = TailSegment(after: Position(rawValue: Self.base.rawValue - UInt64(count)))
            for number in 0..<count {
                let id = try EventID("before/\(number % 300)/\(number)")
                first.add(
                    sequence: SequenceNumber(rawValue: 1),
                    of: StreamNumber(rawValue: first.last.rawValue + 1),
                    naming: try StreamID("before/\(number)"),
                    id: EventIDKey(id)
                )
            }
            segment = count > 0 ? TailSegment(following: first) : TailSegment(after: Self.base)
        }

        mutating func add(to stream: StreamID, of older: UInt64, id: EventID?) {
            let position = Position(rawValue: Self.base.rawValue + UInt64(known.count) + 1)
            let before = known.last { $0.stream == stream }
            // Streams with events before the segment have numbers from before it.
            let number =
                before?.number
                ?? StreamNumber(rawValue: older > 0 ? older : position.rawValue)
            let sequence = before.map { $0.sequence + 1 } ?? (older > 0 ? older + 1 : 1)
            segment.add(
                sequence: SequenceNumber(rawValue: sequence),
                of: number,
                naming: sequence == 1 ? stream : nil,
                id: id.map { EventIDKey($0) }
            )
            known.append(
                Known(
                    stream: stream,
                    number: number,
                    sequence: sequence,
                    position: position,
                    id: id
                )
            )
        }

        mutating func removeLast() {
            segment.removeLast()
            known.removeLast()
        }
    }

    /// How many streams, how many ids a prefix has, and how often events are taken out again.
    private static let shapes: [(streamCount: Int, prefixCount: Int, removalPercent: Int)] = [
        (1, 1, 10), (3, 40, 45), (400, 400, 20), (2_000, 3, 0),
    ]

    @Test(arguments: 0..<shapes.count, 1...3)
    func `a segment answers what a list of its events answers`(shape: Int, seed: Int) throws {
        let (streamCount, prefixCount, removalPercent) = Self.shapes[shape]
        var random = SeededGenerator(seed: UInt64(100 * shape + seed))
        var pair = try Pair(followingEventCount: [0, 40, 3_000][seed - 1])
        for step in 0..<1_500 {
            if random.below(100) < removalPercent, !pair.known.isEmpty {
                // A refused turn takes several back.
                for _ in 0..<min(pair.known.count, 1 + random.below(80)) { pair.removeLast() }
            } else {
                for _ in 0..<(1 + random.below(30)) {
                    let number = random.below(streamCount)
                    let stream = try StreamID("kind/\(number)")
                    pair.add(
                        to: stream,
                        of: number % 3 == 0 ? UInt64(number + 1) : 0,
                        id: try id(&random, of: prefixCount, among: pair.known)
                    )
                }
            }
            if step % 300 == 299 { try check(pair, &random) }
        }
        try check(pair, &random)
        while !pair.known.isEmpty { pair.removeLast() }
        try check(pair, &random)
        #expect(pair.segment.events.streamCount == 0 && pair.segment.born.count == 0)
        #expect(pair.segment.events.prefixCount == 0)
    }

    @Test func `names and beginnings of ids are written in the order of their bytes`() throws {
        var random = SeededGenerator(seed: 5)
        let segment = TailSegment(after: .zero)
        var names: Set<String> = []
        for number in 1...300 {
            let name = String(repeating: "k", count: random.below(20)) + "\(random.below(1_000))"
            guard names.insert(name).inserted else { continue }
            segment.add(
                sequence: SequenceNumber(rawValue: 1),
                of: StreamNumber(rawValue: segment.last.rawValue + 1),
                naming: try StreamID(name),
                id: EventIDKey(try EventID("\(name)/\(number)"))
            )
        }
        let born = (0..<segment.born.count).sorted { segment.born.isName(at: $0, before: $1) }
            .map { String(decoding: segment.born.name(at: $0), as: UTF8.self) }
        #expect(born == names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        let prefixes = (0..<segment.events.prefixCount)
            .sorted { segment.events.isPrefix(at: $0, before: $1) }
            .map { String(decoding: segment.events.prefix(at: $0), as: UTF8.self) }
        let wanted = names.map { $0 + "/" }.sorted {
            $0.utf8.count == $1.utf8.count
                ? $0.utf8.lexicographicallyPrecedes($1.utf8) : $0.utf8.count < $1.utf8.count
        }
        #expect(prefixes == wanted)
    }

    /// An id that no event has: short, long, or without a slash.
    private func id(
        _ random: inout SeededGenerator,
        of prefixCount: Int,
        among known: [Known]
    ) throws -> EventID? {
        let number = known.count
        let prefix = "p-\(random.below(prefixCount))"
        return switch random.below(8) {
        case 0: nil
        case 1: try EventID("\(prefix)/a long suffix of many bytes \(number)")
        case 2: try EventID("plain-\(number)")
        case 3:
            try EventID(
                "\(prefix)/\(String(repeating: "0", count: 15 - "\(number)".count))\(number)"
            )
        default: try EventID("\(prefix)/\(number)")
        }
    }

    private func check(_ pair: Pair, _ random: inout SeededGenerator) throws {
        let (segment, known) = (pair.segment, pair.known)
        #expect(segment.eventCount == known.count)
        #expect(segment.last.rawValue == Pair.base.rawValue + UInt64(known.count))
        for event in known {
            guard let id = event.id else { continue }
            #expect(segment.events.position(of: EventIDKey(id)).position == event.position)
        }
        for absent in [
            "p-0/absent", "absent", "p-0/", "other/1", "p-0/a long suffix of many bytes",
        ] {
            let id = EventIDKey(try EventID(absent))
            #expect(segment.events.position(of: id).position == nil)
        }
        var streams: [StreamNumber: [Known]] = [:]
        for event in known { streams[event.number, default: []].append(event) }
        #expect(segment.events.streamCount == streams.count)
        for (number, events) in streams {
            let isBorn = events[0].sequence == 1
            #expect(segment.born.number(of: events[0].stream) == (isBorn ? number : nil))
            let bound = Position(
                rawValue: Pair.base.rawValue + UInt64(random.below(known.count + 2))
            )
            let last = events.last { $0.position <= bound }
            #expect(
                segment.events.lastSequence(of: number, upTo: bound)?.rawValue == last?.sequence
            )
            let first = events[0].sequence
            let start = first + UInt64(random.below(events.count + 2)) - (first > 1 ? 1 : 0)
            let end = start + UInt64(random.below(200))
            var found = [Position.zero]
            segment.events.appendPositions(of: number, start...end, to: &found)
            let wanted = events.filter { (start...end).contains($0.sequence) }.map(\.position)
            #expect(found == [.zero] + (start >= first ? wanted : []))
        }
        let groups = segment.events.groups()
        for index in 0..<segment.events.streamCount {
            let events = streams[segment.events.number(ofStream: index)]
            #expect(groups.positions(ofStream: index) == events?.map(\.position))
        }
        var ids: [String] = []
        for index in 0..<segment.events.prefixCount {
            let own = groups.ids(ofPrefix: index)
            #expect(own.count == segment.events.idCount(ofPrefix: index))
            #expect(zip(own, own.dropFirst()).allSatisfy { $0.position < $1.position })
            for id in own {
                let name = String(
                    decoding: segment.events.prefix(at: index) + id.suffix.bytes,
                    as: UTF8.self
                )
                ids.append("\(id.position.rawValue) \(name)")
            }
        }
        let wanted = known.compactMap { event in event.id.map { "\(event.position.rawValue) \($0)" }
        }
        #expect(ids.sorted() == wanted.sorted())
    }

    @Test(arguments: 1...5)
    func `slots find what is there, whatever was taken out, though hashes meet`(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var table = SlotTable()
        var tags: [Int: UInt32] = [:]
        for entry in 0..<2_000 {
            // Few hashes, some of them at the end of the slots.
            let tag = UInt32(random.below(2) == 0 ? random.below(40) : 4_095 - random.below(40))
            table.add(entry, tag)
            tags[entry] = tag
            while random.below(10) < 4, let gone = tags.keys.sorted().randomElement(using: &random)
            {
                table.remove(gone, tags[gone] ?? 0)
                tags[gone] = nil
            }
            guard entry % 50 == 0 else { continue }
            for known in 0...entry + 1 {
                let found = table.entry(tags[known] ?? UInt32(known % 40)) { $0 == known }
                #expect(found == (tags[known] == nil ? nil : known))
            }
        }
    }

    @Test(arguments: [0, 1, 15, 16, 478])
    func `the end of an id is the same from text and from bytes`(byteCount: Int) throws {
        let text =
            String(repeating: "\u{E9}", count: byteCount / 2) + (byteCount % 2 == 0 ? "" : "z")
        let key = EventIDKey(try EventID("p/" + text))
        let bytes = Array(text.utf8)
        let suffix = EventIDKey.Suffix(bytes.span.bytes)
        #expect(suffix == key.suffix && suffix.bytes == bytes && suffix.byteCount == byteCount)
        let ids = [
            IndexedID(suffix: suffix, position: Position(rawValue: 7)),
            IndexedID(suffix: key.suffix, position: Position(rawValue: 300)),
        ]
        var found: [UInt64] = []
        try IndexRecords.forEachID(in: IndexRecords.encode(ids: ids).span.bytes) { read, position in
            #expect(read.array() == bytes)
            found.append(position.rawValue)
            return .proceed
        }
        #expect(found == [7, 300])
    }

    @Test func `a noted absence is of a generation, and no id is there by it`() throws {
        let segment = TailSegment(after: .zero)
        let id = EventIDKey(try EventID("p/1"))
        segment.note(id.prefix, hasOnly: [], at: 7)
        #expect(segment.events.position(of: id).position == nil)
        #expect(segment.events.position(of: id).absentGeneration == 7)
        let other = EventIDKey(try EventID("q/1"))
        #expect(segment.events.position(of: other).absentGeneration == nil)
        segment.note(id.prefix, hasOnly: [], at: 8)
        #expect(segment.events.position(of: id).absentGeneration == 8)
        #expect(segment.events.prefixCount == 1 && segment.events.idCount(ofPrefix: 0) == 0)
        segment.add(
            sequence: SequenceNumber(rawValue: 1),
            of: StreamNumber(rawValue: 1),
            naming: try StreamID("kind/a"),
            id: id
        )
        #expect(segment.events.position(of: id).position == Position(rawValue: 1))
        segment.removeLast()
        #expect(segment.events.position(of: id).position == nil)
        #expect(segment.events.position(of: id).absentGeneration == 8)
    }

    @Test func `what the tables have of a prefix is asked of them, and nothing else of it`() throws
    {
        let segment = TailSegment(after: .zero)
        let long = String(repeating: "x", count: 40)
        let stored = try ["1", "2", long].map { EventIDKey(try EventID("p/" + $0)) }
        let others = try ["3", "12", long + "x"].map { EventIDKey(try EventID("p/" + $0)) }
        segment.note(stored[0].prefix, hasOnly: stored.map(\.suffix), at: 4)
        for id in stored { #expect(segment.events.position(of: id).absentGeneration == nil) }
        for id in others { #expect(segment.events.position(of: id).absentGeneration == 4) }
        segment.note(stored[0].prefix, hasOnly: (stored + [others[0]]).map(\.suffix), at: 5)
        #expect(segment.events.position(of: others[0]).absentGeneration == nil)
        #expect(segment.events.position(of: others[1]).absentGeneration == 5)
    }

    @Test func `ids of requests that go on over index flushes are found, and new ones are new`()
        async throws
    {
        let folder = try ScratchFolder()
        var configuration = LMDBJournal.Configuration()
        configuration.indexSegmentEventCountMax = 32
        let journal = try LMDBJournal(path: folder.path("j"), configuration: configuration)
        defer { journal.close() }
        func append(_ request: Int, _ number: Int) async throws -> Receipt {
            let event = try NewEvent(
                type: "NOTED",
                id: try EventID("r\(request)/\(number)"),
                occurredAt: .unixEpoch,
                payload: [UInt8(number % 256)]
            )
            return try await journal.append(event, to: try StreamID("request/r\(request)"))
        }
        // More ids of one request than are noted, and of the others fewer.
        let counts = [200, 60, 60]
        var positions: [[Position]] = counts.map { _ in [] }
        for number in 0..<200 {
            for request in counts.indices where number < counts[request] {
                let receipt = try await append(request, number)
                #expect(!receipt.isDuplicate)
                positions[request].append(receipt.position)
                guard number > 0, number % 7 == 0 else { continue }
                let old = try await append(request, number / 2)
                #expect(old.isDuplicate && old.position == positions[request][number / 2])
            }
        }
        for request in counts.indices {
            for number in 0..<counts[request] {
                let again = try await append(request, number)
                #expect(again.isDuplicate && again.position == positions[request][number])
            }
        }
    }
}
