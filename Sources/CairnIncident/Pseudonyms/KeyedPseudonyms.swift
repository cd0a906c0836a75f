internal import CairnCore
internal import CairnDomains

/// Stand-ins that a secret key makes of texts, numbers and digests: `request-7f3a9c21`.
///
/// The same text has the same stand-in, whatever it is: before the digits stands what it was met
/// as first. Another text has another one; where the first digits are those of another text, it
/// has more of them. The digits come from the key and the text alone, so everything that is made
/// with one key agrees in them, and without the key nobody finds the text by trying.
struct KeyedPseudonyms: StandIns {
    /// Digits that a stand-in has, in the absence of others that begin alike.
    static let digitCount = 8
    /// Digits of a number that stays: no id, telephone number or date of birth has so few.
    static let plainNumberDigitCountMax = 4

    private let key: [UInt8]
    private let keepsNumbers: Bool
    /// What no stand-in may be, or it would be taken for a word that stays.
    private let words: Set<ExactText>
    private var names: [ExactText: String] = [:]
    private var numbers: [JSONNumber: String] = [:]
    private var workers: [WorkerNumber: WorkerNumber] = [:]
    /// Digits that are given out.
    private var digits: Set<String> = []
    private var numbersTaken: Set<UInt64> = []
    private var workersTaken: Set<WorkerNumber> = []

    /// Prepares.
    ///
    /// - Parameters:
    ///   - options: The secret, of 32 random bytes, and whether numbers stay.
    ///   - words: Words that stay.
    init(_ options: BundleOptions, words: Set<ExactText>) {
        key = options.key
        keepsNumbers = options.keepsNumbers
        self.words = words
    }

    /// What stands for a text; nothing for nothing.
    mutating func name(of text: String, as kind: String) -> String {
        guard !text.isEmpty else { return text }
        if let known = names[ExactText(text)] { return known }
        let name = newName(of: text.utf8, as: kind)
        names[ExactText(text)] = name
        return name
    }

    /// What stands for bytes that need not be text.
    mutating func name(of bytes: [UInt8], as kind: String) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        // Bytes that are no text would be shown alike, and so have more than that in common.
        guard text.utf8.elementsEqual(bytes) else {
            return "\(kind)-\(ContentDigest(of: bytes, for: "bytes", key: key).hexadecimal)"
        }
        return name(of: text, as: kind)
    }

    private mutating func newName(of text: some Sequence<UInt8>, as kind: String) -> String {
        let all = ContentDigest(of: text, for: "text", key: key).hexadecimal
        var count = Self.digitCount
        while count < all.utf8.count {
            let some = String(all.prefix(count))
            let isWord = words.contains(ExactText("\(kind)-\(some)"))
            if !isWord, digits.insert(some).inserted { break }
            count += Self.digitCount
        }
        return "\(kind)-\(all.prefix(count))"
    }

    /// What stands for a number in JSON: itself if it has few digits or is to stay, or else one of nine or more.
    ///
    /// Zeros at its end count, and so do those behind the point.
    mutating func number(of text: String) -> String {
        if keepsNumbers { return text }
        guard let number = JSONNumber(text) else { return "0" }
        let plain = number.canonicalText
        let digitCount = plain.utf8.count { (48...57).contains($0) }
        if digitCount <= Self.plainNumberDigitCountMax, !plain.utf8.contains(UInt8(ascii: "e")) {
            // As it means and not as it is written, or zeros at its end would tell it from others.
            return plain
        }
        if let known = numbers[number] { return known }
        let word = ContentDigest(of: plain.utf8, for: "number", key: key).firstWord
        var span: UInt64 = 900_000_000
        var standIn = word % span + span / 9
        // Up to 16 digits, which every reader of JSON takes exactly.
        while !numbersTaken.insert(standIn).inserted, span < 900_000_000_000_000 {
            span *= 10
            standIn = word % span + span / 9
        }
        numbers[number] = standIn.description
        return standIn.description
    }

    /// Digits that no other text has.
    func digits(of text: String) -> String {
        String(ContentDigest(of: text.utf8, for: "uuid", key: key).hexadecimal.prefix(30))
    }

    /// What stands for a digest that was made of a text.
    func digest(of digest: ContentDigest) -> ContentDigest {
        ContentDigest(of: digest.bytes, for: "digest", key: key)
    }

    /// What stands for a worker's number.
    mutating func worker(_ worker: WorkerNumber) -> WorkerNumber {
        if let known = workers[worker] { return known }
        let word = ContentDigest(of: worker.description.utf8, for: "worker", key: key).firstWord
        var bitCount: UInt64 = 31
        var standIn = WorkerNumber(rawValue: word >> (64 - bitCount))
        while !workersTaken.insert(standIn).inserted, bitCount < 61 {
            bitCount += 1
            standIn = WorkerNumber(rawValue: word >> (64 - bitCount))
        }
        workers[worker] = standIn
        return standIn
    }

    /// An instant of a start of the machine that nobody knows, as far as ever from others of it.
    func bootInstant(_ instant: BootInstant) -> BootInstant {
        let digest = ContentDigest(of: instant.boot.description.utf8, for: "boot", key: key)
        let other = ContentDigest(of: instant.boot.description.utf8, for: "boot time", key: key)
        return BootInstant(boot: digest.firstWord, nanoseconds: instant.nanoseconds)
            .adding(TimeSpan(nanoseconds: Int64(other.firstWord >> 8)))
    }

    /// How far all times are moved back: between one and ten years, in whole microseconds.
    var timeShift: TimeSpan {
        let yearCount: UInt64 = 9
        let microsecondsOfYear: UInt64 = 365 * 86_400 * 1_000_000
        let word = ContentDigest(of: [], for: "time shift", key: key).firstWord
        let microseconds = microsecondsOfYear + word % (yearCount * microsecondsOfYear)
        return TimeSpan(nanoseconds: -Int64(microseconds * 1_000))
    }
}
