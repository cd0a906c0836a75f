internal import CairnCore
internal import CairnDomains

/// Small numbers for the words of events, so that a fold compares and stores no text.
///
/// Numbers count from 0 in the order in which words are first seen. Two words are one if their
/// bytes are. The distinct words of a column are few; the table holds each once.
struct WordTable {
    /// The words by their numbers.
    private(set) var words: [String] = []
    /// Words that events store as a code: known without looking at any text.
    private var coded: [PipelineWord: Int32] = [:]
    /// Open addressing over hashes of the words' bytes; 0 is a free slot.
    private var slots = [Int32](repeating: 0, count: 64)

    /// The number of a word of an event.
    @inline(__always)
    mutating func number(of word: PipelineWord, in payload: RawSpan) -> Int32 {
        guard word.range.isEmpty else { return number(of: payload.extracting(word.range)) }
        if let known = coded[word] { return known }
        let number = number(of: word.text(in: payload))
        coded[word] = number
        return number
    }

    /// The number of a word given as text.
    mutating func number(of word: String) -> Int32 {
        let bytes = Array(word.utf8)
        return number(of: bytes.span.bytes)
    }

    private mutating func number(of bytes: RawSpan) -> Int32 {
        var slot = Self.hash(bytes) & (slots.count - 1)
        while slots[slot] != 0 {
            let number = slots[slot] - 1
            if bytes.equals(words[Int(number)]) { return number }
            slot = (slot + 1) & (slots.count - 1)
        }
        words.append(bytes.text())
        slots[slot] = Int32(truncatingIfNeeded: words.count)
        if words.count * 2 > slots.count { grow() }
        return Int32(truncatingIfNeeded: words.count - 1)
    }

    private mutating func grow() {
        slots = Array(repeating: 0, count: slots.count * 2)
        for (index, word) in words.enumerated() {
            let bytes = Array(word.utf8)
            var slot = Self.hash(bytes.span.bytes) & (slots.count - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = Int32(truncatingIfNeeded: index + 1)
        }
    }

    /// FNV-1a, folded once more because the table uses the low bits.
    private static func hash(_ bytes: RawSpan) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in 0..<bytes.byteCount {
            hash = (hash ^ UInt64(bytes.byte(at: index))) &* 0x0000_0100_0000_01B3
        }
        return Int(truncatingIfNeeded: hash ^ (hash >> 32))
    }
}

/// The three words of an event that name a kind of event, as numbers.
struct StepWords: Hashable {
    let stage: Int32
    let eventType: Int32
    let status: Int32
}

/// The tables of a fold: one for each column of words.
struct StepVocabulary {
    var stages = WordTable()
    var eventTypes = WordTable()
    var statuses = WordTable()
    /// The numbers of the five known statuses, by their code.
    private let known: [Int32]

    init() {
        var statuses = WordTable()
        let words = PipelineStatus.known.map(\.word)
        known = [-1] + words.map { statuses.number(of: $0) }
        self.statuses = statuses
    }

    mutating func words(of scanned: ScannedStep, in frame: RawSpan) -> StepWords {
        let step = scanned.step
        let payload = frame.extracting(scanned.header.payloadRange)
        let status =
            step.status == .other
            ? statuses.number(of: step.statusText, in: payload)
            : known[Int(step.status.rawValue)]
        return StepWords(
            stage: stages.number(of: step.stage, in: payload),
            eventType: eventTypes.number(of: step.eventType, in: payload),
            status: status
        )
    }

    func stage(_ words: StepWords) -> String { stages.words[Int(words.stage)] }
    func eventType(_ words: StepWords) -> String { eventTypes.words[Int(words.eventType)] }
    func status(_ words: StepWords) -> PipelineStatus {
        PipelineStatus(statuses.words[Int(words.status)])
    }
}

extension PipelineStatus {
    /// The five words of the source, in the order of their codes.
    static let known: [PipelineStatus] = [.started, .completed, .failed, .skipped, .retryScheduled]
}

extension String {
    /// Whether this text comes before another in the C collation, by the bytes of UTF-8.
    func precedesByBytes(_ other: String) -> Bool {
        utf8.lexicographicallyPrecedes(other.utf8)
    }
}
