internal import CairnCore
internal import CairnDomains
internal import CairnEngine

/// How the tables of prompts are written: a tag, and then what it names.
extension PromptProjection {
    enum Key: Hashable, Sendable {
        case prompt(PromptName)
        case session(StreamNumber)
        /// How many places a prompt's tree has, always a power of two.
        case extent(PromptNumber, isNegative: Bool)
        /// A node of a prompt's tree: the sum over as many places up to its own as its lowest bit
        /// says (Fenwick 1994).
        case node(PromptNumber, _ isNegative: Bool, UInt64)
        case second(PromptNumber, Int64)
        case event(PromptNumber, PromptEventKey)
    }

    enum Value: Hashable, Sendable {
        case prompt(PromptNumber)
        case session(PromptSessionRecord)
        case extent(UInt64)
        case node(PromptCounts)
        case second(PromptKindCounts)
        case event(PlayedAct)
    }

    private enum Tag {
        static let prompt: UInt8 = 1
        static let session: UInt8 = 2
        static let extent: UInt8 = 3
        static let node: UInt8 = 4
        static let second: UInt8 = 5
        static let event: UInt8 = 6
    }

    private static let signBit: UInt64 = 1 << 63

    // MARK: keys

    func write(_ key: Key, to bytes: inout ByteWriter) {
        switch key {
        case .prompt(let name):
            bytes.bigEndian(Tag.prompt)
            bytes.raw(name.bytes)
        case .session(let number):
            bytes.bigEndian(Tag.session)
            bytes.bigEndian(number.rawValue)
        case .extent(let prompt, let isNegative):
            bytes.bigEndian(Tag.extent)
            bytes.bigEndian(prompt.rawValue)
            bytes.bigEndian(isNegative ? 1 : 0 as UInt8)
        case .node(let prompt, let isNegative, let index):
            bytes.bigEndian(Tag.node)
            bytes.bigEndian(prompt.rawValue)
            bytes.bigEndian(isNegative ? 1 : 0 as UInt8)
            bytes.bigEndian(index)
        case .second(let prompt, let second):
            bytes.raw(Self.secondPrefix(prompt))
            bytes.bigEndian(UInt64(bitPattern: second) ^ Self.signBit)
        case .event(let prompt, let key):
            bytes.raw(Self.eventPrefix(prompt))
            bytes.bigEndian(Self.ordered(key.promptTime.seconds))
            bytes.raw(key.uid.name.utf8)
        }
    }

    static func secondPrefix(_ prompt: PromptNumber) -> [UInt8] { prefix(Tag.second, prompt) }

    static func eventPrefix(_ prompt: PromptNumber) -> [UInt8] { prefix(Tag.event, prompt) }

    private static func prefix(_ tag: UInt8, _ prompt: PromptNumber) -> [UInt8] {
        var writer = ByteWriter(capacity: 9)
        writer.bigEndian(tag)
        writer.bigEndian(prompt.rawValue)
        return writer.finish()
    }

    /// The bits of a time so that their order is the times'; the two zeros are one.
    private static func ordered(_ seconds: Double) -> UInt64 {
        let bits = (seconds + 0).bitPattern
        return bits & signBit == 0 ? bits | signBit : ~bits
    }

    private static func seconds(_ ordered: UInt64) -> Double {
        Double(bitPattern: ordered & signBit == 0 ? ~ordered : ordered & ~signBit)
    }

    func readKey(_ bytes: RawSpan) throws(TruncatedBytes) -> Key {
        var place = ByteReader()
        func number() throws(TruncatedBytes) -> UInt64 {
            bytes.bigEndian(at: try place.take(8, in: bytes).lowerBound)
        }
        func isNegative() throws(TruncatedBytes) -> Bool {
            try place.littleEndian(UInt8.self, in: bytes) == 1
        }
        switch try place.littleEndian(UInt8.self, in: bytes) {
        case Tag.prompt:
            let rest = try place.take(bytes.byteCount - 1, in: bytes)
            return .prompt(PromptName(bytes: bytes.extracting(rest).array()))
        case Tag.session: return .session(StreamNumber(rawValue: try number()))
        case Tag.extent:
            let prompt = PromptNumber(rawValue: try number())
            return .extent(prompt, isNegative: try isNegative())
        case Tag.node:
            let prompt = PromptNumber(rawValue: try number())
            return .node(prompt, try isNegative(), try number())
        case Tag.second:
            let prompt = PromptNumber(rawValue: try number())
            return .second(prompt, Int64(bitPattern: try number() ^ Self.signBit))
        case Tag.event:
            let prompt = PromptNumber(rawValue: try number())
            let time = Self.seconds(try number())
            let rest = try place.take(bytes.byteCount - place.offset, in: bytes)
            return .event(
                prompt,
                try Self.eventKey(time, bytes.extracting(rest).text(), place.offset)
            )
        default: throw TruncatedBytes(offset: 0)
        }
    }

    private static func eventKey(
        _ seconds: Double,
        _ uid: String,
        _ offset: Int
    ) throws(TruncatedBytes) -> PromptEventKey {
        do throws(PromptEventError) {
            return PromptEventKey(
                promptTime: try PromptTime(seconds),
                uid: try PromptEventUID(uid)
            )
        } catch {
            throw TruncatedBytes(offset: offset)
        }
    }

    // MARK: values

    func write(_ value: Value, to bytes: inout ByteWriter) {
        switch value {
        case .prompt(let number):
            bytes.littleEndian(Tag.prompt)
            bytes.variable(number.rawValue)
        case .session(let session):
            bytes.littleEndian(Tag.session)
            bytes.variable(session.prompt?.rawValue ?? 0)
            bytes.littleEndian((session.isOpen ? 1 : 0) | (session.isEnded ? 2 : 0) as UInt8)
            bytes.variable(UInt64(session.events.count))
            for event in session.events {
                bytes.littleEndian(event.promptTime.seconds.bitPattern)
                bytes.text(event.uid.name)
                Self.write(event.act, event.createdAt, to: &bytes)
            }
        case .extent(let size):
            bytes.littleEndian(Tag.extent)
            bytes.variable(size)
        case .node(let counts):
            bytes.littleEndian(Tag.node)
            bytes.variable(UInt64(counts.entries.count))
            for entry in counts.entries {
                bytes.littleEndian(entry.counter.kind.rawValue)
                bytes.variable(entry.counter.number)
                bytes.variable(entry.count)
            }
        case .second(let counts):
            bytes.littleEndian(Tag.second)
            for count in counts.counts { bytes.variable(count) }
        case .event(let played):
            bytes.littleEndian(Tag.event)
            bytes.variable(played.session.rawValue)
            Self.write(played.act, played.createdAt, to: &bytes)
        }
    }

    private static func write(
        _ act: PromptAct,
        _ createdAt: Timestamp,
        to bytes: inout ByteWriter
    ) {
        let kind = PromptActKind.allCases.firstIndex(of: act.kind) ?? 0
        bytes.littleEndian(UInt8(kind))
        bytes.variable(act.number ?? 0)
        bytes.littleEndian(createdAt.nanoseconds)
    }

    func readValue(_ bytes: RawSpan) throws(TruncatedBytes) -> Value {
        var place = ByteReader()
        switch try place.littleEndian(UInt8.self, in: bytes) {
        case Tag.prompt: return .prompt(PromptNumber(rawValue: try place.variable(in: bytes)))
        case Tag.session: return .session(try Self.session(&place, bytes))
        case Tag.extent: return .extent(try place.variable(in: bytes))
        case Tag.node:
            var counts = PromptCounts()
            for _ in 0..<(try place.variable(in: bytes)) {
                let raw = try place.littleEndian(UInt8.self, in: bytes)
                guard let kind = PromptCounter.Kind(rawValue: raw) else {
                    throw TruncatedBytes(offset: place.offset)
                }
                let number = try place.signedVariable(in: bytes)
                counts.add(
                    PromptCounter(kind: kind, number: number),
                    try place.signedVariable(in: bytes)
                )
            }
            return .node(counts)
        case Tag.second:
            var counts = PromptKindCounts()
            for index in counts.counts.indices {
                counts.counts[index] = try place.signedVariable(in: bytes)
            }
            return .second(counts)
        case Tag.event:
            let session = StreamNumber(rawValue: try place.variable(in: bytes))
            let (act, createdAt) = try Self.act(&place, bytes)
            return .event(PlayedAct(session: session, act: act, createdAt: createdAt))
        default: throw TruncatedBytes(offset: 0)
        }
    }

    private static func session(
        _ place: inout ByteReader,
        _ bytes: RawSpan
    ) throws(TruncatedBytes) -> PromptSessionRecord {
        let number = try place.variable(in: bytes)
        let flags = try place.littleEndian(UInt8.self, in: bytes)
        var events: [PromptEvent] = []
        for _ in 0..<(try place.variable(in: bytes)) {
            let bits = try place.littleEndian(UInt64.self, in: bytes)
            let uid = try place.text(in: bytes)
            let key = try eventKey(Double(bitPattern: bits), uid, place.offset)
            let (act, createdAt) = try act(&place, bytes)
            events.append(
                PromptEvent(
                    uid: key.uid,
                    act: act,
                    promptTime: key.promptTime,
                    createdAt: createdAt
                )
            )
        }
        return PromptSessionRecord(
            prompt: number == 0 ? nil : PromptNumber(rawValue: number),
            isOpen: flags & 1 != 0,
            hasLeft: flags & 2 != 0,
            events: events
        )
    }

    private static func act(
        _ place: inout ByteReader,
        _ bytes: RawSpan
    ) throws(TruncatedBytes) -> (PromptAct, Timestamp) {
        let raw = Int(try place.littleEndian(UInt8.self, in: bytes))
        let number = try place.signedVariable(in: bytes)
        let createdAt = Timestamp(nanoseconds: try place.littleEndian(in: bytes))
        guard raw < PromptActKind.allCases.count else { throw TruncatedBytes(offset: place.offset) }
        do throws(PromptEventError) {
            return (try PromptAct(PromptActKind.allCases[raw], number: number), createdAt)
        } catch {
            throw TruncatedBytes(offset: place.offset)
        }
    }
}
