internal import CairnCore

/// Reads the lines of a mail log that say something about a message.
///
/// Lines of other programs are passed over by their bytes. A line that does not begin with a time
/// is the rest of the one before it, if that is a delivery that was broken in two; blank lines
/// mean nothing, and any other one is reported.
struct PostfixReader {
    /// A line about a message.
    struct Found {
        let line: PostfixLine
        let host: String
        let queueID: String
        let mark: PostfixMark
    }

    /// What comes next.
    enum Item {
        case found(Found)
        case bad(ImportError)
        /// A line that says nothing about a message.
        case other
    }

    /// Most bytes of a delivery that is put together from several lines.
    private static let joinedByteCountMax = 64 << 10

    let input: InputBytes
    private let source: Int
    private var lines: LineReader
    private var next: [UInt8] = []
    private var pending: (line: [UInt8], number: Int)?
    /// What was wrong with a line, once the one before it is told of.
    private var failure: Item?
    private var ordinals = LineOrdinals()
    private(set) var lineCount = 0

    init(_ input: InputBytes, source: Int) {
        self.input = input
        self.source = source
        lines = LineReader(input)
    }

    /// Takes the next line; nil at the end.
    mutating func next(_ clock: inout SyslogClock) throws(ImportError) -> Item? {
        if let failure {
            self.failure = nil
            return failure
        }
        while let found = try lines.next(into: &next) {
            lineCount += 1
            guard found == .complete else {
                let reason = ImportReason.rowTooLong(byteCountMax: LineReader.rowByteCountMax)
                return after(bad(reason, lines.number), &clock)
            }
            if next.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { continue }
            if SyslogStamp.byteCount(in: next[...]) != nil {
                let last = pending
                pending = (next, lines.number)
                if let last { return item(last.line, last.number, &clock) }
                continue
            }
            guard let line = pending?.line, Self.isBroken(line),
                line.count + next.count < Self.joinedByteCountMax
            else {
                let reason = ImportReason.malformedLine(message: "no time stands at its start")
                return after(bad(reason, lines.number), &clock)
            }
            pending?.line.append(0x20)
            pending?.line.append(contentsOf: next.drop { $0 == 0x20 || $0 == 0x09 })
        }
        guard let last = pending else { return nil }
        pending = nil
        return item(last.line, last.number, &clock)
    }

    /// Gives the line that waits before a failure, if there is one.
    private mutating func after(_ failure: Item, _ clock: inout SyslogClock) -> Item {
        guard let last = pending else { return failure }
        pending = nil
        self.failure = failure
        return item(last.line, last.number, &clock)
    }

    /// Whether a line is a delivery without its end.
    private static func isBroken(_ line: [UInt8]) -> Bool {
        guard line.last != UInt8(ascii: ")"), let parsed = SyslogLine(line[...]) else {
            return false
        }
        return parsed.daemon != nil && parsed.message.queueID?.rest.hasPrefix(": to=<") ?? false
    }

    private func bad(_ reason: ImportReason, _ number: Int) -> Item {
        .bad(input.error(reason, at: .line(number)))
    }

    private mutating func item(_ bytes: [UInt8], _ number: Int, _ clock: inout SyslogClock) -> Item
    {
        guard let line = SyslogLine(bytes[...]) else {
            return bad(.malformedLine(message: "it ends behind its time"), number)
        }
        // The years are counted by every line, whoever wrote it.
        guard let instant = clock.instant(line.stamp) else {
            let text = String(decoding: line.stamp, as: UTF8.self)
            return bad(.badTime(column: "the time", text: text, .outOfRange), number)
        }
        guard let daemon = line.daemon, let (id, rest) = line.message.queueID,
            let text = rest.after(prefix: ": ")
        else { return .other }
        do throws(PostfixFault) {
            guard let parsed = try PostfixLine(text, daemon: daemon) else { return .other }
            if parsed.hasTexts, !line.message.isValid || !line.host.isValid {
                return bad(.invalidUTF8, number)
            }
            let mark = PostfixMark(
                source: source,
                number: number,
                instant: instant,
                digest: ordinals.digest(of: bytes, at: line.stamp)
            )
            let found = Found(line: parsed, host: line.host.text, queueID: id.text, mark: mark)
            return .found(found)
        } catch {
            return bad(.malformedLine(message: error.message), number)
        }
    }
}

/// Tells equal lines of one file apart by counting them.
///
/// Equal lines have equal times, so only the lines of the last few times are remembered.
struct LineOrdinals {
    static let stampCountMax = 64

    private var counts: [[UInt8]: [ContentDigest: UInt64]] = [:]
    private var stamps: [[UInt8]] = []

    mutating func digest(of line: [UInt8], at stamp: ArraySlice<UInt8>) -> ContentDigest {
        let digest = ContentDigest(type: "line", content: line.span.bytes)
        let stamp = Array(stamp)
        if counts[stamp] == nil {
            if stamps.count == Self.stampCountMax { counts[stamps.removeFirst()] = nil }
            stamps.append(stamp)
        }
        let ordinal = counts[stamp, default: [:]][digest, default: 0] + 1
        counts[stamp, default: [:]][digest] = ordinal
        guard ordinal > 1 else { return digest }
        return ContentDigest(type: "line \(ordinal)", content: line.span.bytes)
    }
}
