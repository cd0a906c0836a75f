internal import CairnCore
internal import CairnJournal

/// One step of a random test: what is done to the journal and to the model alike.
enum JournalCommand: Sendable {
    /// One turn; a refused append is let out, or caught if `goesOn`; `ends` throws at the end.
    case turn([StreamAppend], goesOn: Bool, throwsAtEnd: Bool)
    /// Moves the clock.
    case moveClock(TimeSpan)
    /// Reads a page of the journal, or of one stream.
    case page(PageCommand)
    /// Looks single things up.
    case lookUp(stream: StreamID, id: EventID, instant: Timestamp, number: UInt64)
    case reopen
}

/// How a page is read.
struct PageCommand: Sendable {
    /// The stream, or nil for the whole journal.
    let stream: StreamID?
    let start: UInt64
    let direction: PageDirection
    let bound: UInt64?
    let eventCountMax: Int
}

extension JournalCommand: CustomStringConvertible {
    var description: String {
        switch self {
        case .turn(let appends, let goesOn, let throwsAtEnd):
            let words = appends.map { append in
                let events = append.events.map { event in
                    let digest = event.contentDigest.hexadecimal.prefix(6)
                    return "\(event.type) id \(Self.short(event.id?.name ?? "-")) \(digest)"
                }
                return
                    "append [\(events.joined(separator: ", "))] to \(Self.short(append.stream.name))"
                    + " expecting \(append.expected)"
            }
            return "turn: " + words.joined(separator: "; ") + (goesOn ? "; going on" : "")
                + (throwsAtEnd ? "; throwing" : "")
        case .moveClock(let span): return "move the clock by \(span.nanoseconds) ns"
        case .page(let page):
            return
                "page of \(page.stream.map { Self.short($0.name) } ?? "the journal") from \(page.start)"
                + " \(page.direction) up to \(page.bound.map(String.init) ?? "the end"),"
                + " \(page.eventCountMax) at most"
        case .lookUp(let stream, let id, let instant, let number):
            return "look up stream \(Self.short(stream.name)), id \(Self.short(id.name)),"
                + " \(instant), number \(number)"
        case .reopen: return "reopen"
        }
    }

    /// A name as a literal: what cannot be seen is escaped, and the rest of a long one left out.
    private static func short(_ name: String) -> String {
        let scalars = name.unicodeScalars.prefix(12).map { $0.escaped(asASCII: true) }
        return "\"\(scalars.joined())\"" + (name.unicodeScalars.count > 12 ? "..." : "")
    }
}

/// Draws commands that collide often: few streams, few ids, few contents.
struct JournalCommandGenerator {
    private var generator: SeededGenerator
    private let streams: [StreamID]
    private let ids: [EventID]
    /// About how many events the journal can have by now; commands aim at and around them.
    private var appendedCount = 0
    private let epoch: Timestamp

    init(seed: UInt64, epoch: Timestamp) throws(LimitError) {
        generator = SeededGenerator(seed: seed)
        self.epoch = epoch
        var streams: [StreamID] = []
        let names = ["a/1", "a/2", "a/10", "b", "b/\u{0}", "e/\u{E9}", "e/e\u{301}"]
        for name in names { streams.append(try StreamID(name)) }
        streams.append(try StreamID(String(repeating: "l", count: Limits.streamIDByteCountMax)))
        self.streams = streams
        var ids: [EventID] = []
        // Of some the beginning, up to the last slash, is that of others.
        for number in 0..<38 {
            ids.append(try EventID(number % 3 == 0 ? "id \(number)" : "r\(number % 4)/\(number)"))
        }
        ids.append(try EventID("r1/"))
        ids.append(try EventID("r1/" + String(repeating: "0", count: 40)))
        ids.append(try EventID("\u{E9}"))
        ids.append(try EventID("e\u{301}"))
        ids.append(try EventID(String(repeating: "l", count: Limits.eventIDByteCountMax)))
        self.ids = ids
    }

    mutating func next() throws(LimitError) -> JournalCommand {
        switch generator.below(20) {
        case 0..<10:
            var appends: [StreamAppend] = []
            for _ in 0..<generator.pick([1, 1, 1, 2, 3]) { appends.append(try append()) }
            return .turn(
                appends,
                goesOn: generator.isHit(1, outOf: 5),
                throwsAtEnd: generator.isHit(1, outOf: 10)
            )
        case 10..<12: return .moveClock(TimeSpan(nanoseconds: generator.draw(-2_000...5_000)))
        case 12..<16: return .page(page())
        case 16..<19:
            return .lookUp(
                stream: generator.pick(streams),
                id: generator.pick(ids),
                instant: epoch.adding(TimeSpan(nanoseconds: generator.draw(-5_000...200_000))),
                number: place()
            )
        default: return generator.isHit(1, outOf: 3) ? .reopen : .page(page())
        }
    }

    private mutating func append() throws(LimitError) -> StreamAppend {
        let streamIndex = generator.below(streams.count)
        var events: [NewEvent] = []
        for _ in 0..<generator.pick([0, 1, 1, 1, 1, 2, 3, 8]) {
            events.append(try event(in: streamIndex))
        }
        appendedCount += events.count
        let expected: ExpectedSequence =
            switch generator.below(10) {
            case 0: .noneYet
            case 1..<3: .exactly(SequenceNumber(rawValue: UInt64(generator.below(12))))
            default: .any
            }
        return StreamAppend(events, to: streams[streamIndex], expecting: expected)
    }

    /// Draws an event that may have an id.
    ///
    /// Most ids belong to one stream and one content, so that repeats are duplicates. A few turn
    /// up with other content, and a few in another stream.
    private mutating func event(in streamIndex: Int) throws(LimitError) -> NewEvent {
        let oddity = generator.below(20)
        var idIndex = generator.below(ids.count)
        if oddity != 0 { idIndex -= (idIndex - streamIndex) % streams.count }
        let hasID = generator.isHit(1, outOf: 2) && ids.indices.contains(idIndex)
        let type = generator.pick(["made", "moved", "t"])
        let content = UInt8(max(idIndex, 0)) &+ (oddity == 1 ? 100 : 0)
        let size = generator.pick([0, 1, 2, 10, 100, 3_000])
        let isImported = generator.isHit(1, outOf: 8)
        let recordedAt = epoch.adding(TimeSpan(nanoseconds: generator.draw(-1_000...100_000)))
        return try NewEvent(
            type: hasID ? "made" : type,
            typeVersion: UInt8(generator.below(4)),
            id: hasID ? ids[idIndex] : nil,
            occurredAt: Timestamp(nanoseconds: Int64(bitPattern: generator.next())),
            recordedAt: isImported ? recordedAt : nil,
            mayBeIgnored: generator.isHit(1, outOf: 4),
            codec: PayloadCodec(rawValue: UInt8(generator.below(3))),
            payload: generator.bytes(count: size),
            canonicalContent: [content]
        )
    }

    private mutating func page() -> PageCommand {
        PageCommand(
            stream: generator.isHit(1, outOf: 2) ? generator.pick(streams) : nil,
            start: place(),
            direction: generator.pick([.forwards, .backwards]),
            bound: generator.isHit(1, outOf: 2) ? place() : nil,
            eventCountMax: generator.pick([1, 2, 3, 10, 1_000])
        )
    }

    /// A position or sequence: mostly one that there may be.
    private mutating func place() -> UInt64 {
        switch generator.below(12) {
        case 0: 0
        case 1: .max
        case 2..<5: UInt64(generator.below(10))
        default: UInt64(generator.below(appendedCount + 3))
        }
    }
}
