internal import CairnCore
internal import CairnDomains
internal import CairnEngine

/// How the tables of prompts are written: a tag, and then what it names.
extension PromptProjection {
    enum Key: Sendable {
        case prompt(PromptName)
        case session(StreamNumber)
        case heights(PromptNumber)
        /// A node of one of a prompt's trees: its level, the leaves' is 0, and its place there.
        case node(PromptNumber, _ isNegative: Bool, _ level: UInt8, UInt64)
        case second(PromptNumber, Int64)
        case event(PromptNumber, PromptEventKey)
    }

    enum Value: Sendable {
        case prompt(PromptNumber)
        indirect case session(PromptSessionRecord)
        case heights(PromptHeights)
        case node(PromptBlock)
        case second(PromptKindCounts)
        case event(PlayedAct)
    }

    private enum Tag {
        static let prompt: UInt8 = 1
        static let session: UInt8 = 2
        static let heights: UInt8 = 3
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
        case .heights(let prompt): Self.write(Tag.heights, prompt, to: &bytes)
        case .node(let prompt, let isNegative, let level, let index):
            Self.write(Tag.node, prompt, to: &bytes)
            bytes.bigEndian(isNegative ? 1 : 0 as UInt8)
            bytes.bigEndian(level)
            bytes.bigEndian(index)
        case .second(let prompt, let second):
            Self.write(Tag.second, prompt, to: &bytes)
            bytes.bigEndian(UInt64(bitPattern: second) ^ Self.signBit)
        case .event(let prompt, let key):
            Self.write(Tag.event, prompt, to: &bytes)
            bytes.bigEndian(Self.ordered(key.promptTime.seconds))
            bytes.raw(key.uid.name.utf8)
        }
    }

    static func secondPrefix(_ prompt: PromptNumber) -> [UInt8] { prefix(Tag.second, prompt) }

    static func eventPrefix(_ prompt: PromptNumber) -> [UInt8] { prefix(Tag.event, prompt) }

    private static func prefix(_ tag: UInt8, _ prompt: PromptNumber) -> [UInt8] {
        var writer = ByteWriter(capacity: 9)
        write(tag, prompt, to: &writer)
        return writer.finish()
    }

    private static func write(_ tag: UInt8, _ prompt: PromptNumber, to bytes: inout ByteWriter) {
        bytes.bigEndian(tag)
        bytes.bigEndian(prompt.rawValue)
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
        switch try place.littleEndian(UInt8.self, in: bytes) {
        case Tag.prompt:
            let rest = try place.take(bytes.byteCount - 1, in: bytes)
            return .prompt(PromptName(bytes: bytes.extracting(rest).array()))
        case Tag.session: return .session(StreamNumber(rawValue: try number()))
        case Tag.heights: return .heights(PromptNumber(rawValue: try number()))
        case Tag.node:
            let prompt = PromptNumber(rawValue: try number())
            let isNegative = try place.littleEndian(UInt8.self, in: bytes) == 1
            let level = try place.littleEndian(UInt8.self, in: bytes)
            return .node(prompt, isNegative, level, try number())
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

    static func eventKey(
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
            session.write(to: &bytes)
        case .heights(let heights):
            bytes.littleEndian(Tag.heights)
            bytes.littleEndian(heights[false])
            bytes.littleEndian(heights[true])
        case .node(let block):
            bytes.littleEndian(Tag.node)
            block.write(to: &bytes)
        case .second(let counts):
            bytes.littleEndian(Tag.second)
            for count in counts.counts { bytes.variable(count) }
        case .event(let played):
            bytes.littleEndian(Tag.event)
            bytes.variable(played.session.rawValue)
            Self.write(played.act, played.createdAt, to: &bytes)
            bytes.littleEndian(played.mayBeLive ? 1 : 0 as UInt8)
        }
    }

    static func write(
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
        case Tag.session: return .session(try PromptSessionRecord(&place, bytes))
        case Tag.heights:
            var heights = PromptHeights()
            for isNegative in [false, true] {
                let height = try place.littleEndian(UInt8.self, in: bytes)
                guard height <= PromptHeights.heightMax else {
                    throw TruncatedBytes(offset: place.offset)
                }
                heights[isNegative] = height
            }
            return .heights(heights)
        case Tag.node: return .node(try PromptBlock.read(&place, bytes))
        case Tag.second:
            var counts = PromptKindCounts()
            for index in counts.counts.indices {
                counts.counts[index] = try place.signedVariable(in: bytes)
            }
            return .second(counts)
        case Tag.event:
            let session = StreamNumber(rawValue: try place.variable(in: bytes))
            let (act, createdAt) = try Self.act(&place, bytes)
            return .event(
                PlayedAct(
                    session: session,
                    act: act,
                    createdAt: createdAt,
                    mayBeLive: try place.littleEndian(UInt8.self, in: bytes) == 1
                )
            )
        default: throw TruncatedBytes(offset: 0)
        }
    }

    /// Adds the sums of a stored node up to one child.
    static func add(
        upTo child: UInt8,
        of bytes: RawSpan,
        to counts: inout PromptCounts
    ) throws(TruncatedBytes) {
        var place = ByteReader()
        guard try place.littleEndian(UInt8.self, in: bytes) == Tag.node else {
            throw TruncatedBytes(offset: 0)
        }
        try PromptBlock.add(upTo: child, &place, bytes, to: &counts)
    }

    static func act(
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
