internal import CairnCore

/// Makes of each document of a machine the one that stands for it: other texts, other long
/// numbers and other times in the same structure.
///
/// A text that is a time is moved as all times are, the name of a stream has the stand-in of its
/// key, a UUID becomes another one, and any other text that is no word of the program has a
/// stand-in, the same one wherever it stands.
struct MachineDisguise: Sendable {
    private let kind: StreamKind
    private let isWord: @Sendable (String) -> Bool
    private let words: ProgramWords
    /// nil where everything stays.
    private var standIns: (any StandIns)?
    /// How far times are moved.
    private let shift: TimeSpan
    /// Whether a time was met that could not be moved.
    private(set) var hasLostTime = false

    init(
        _ machine: some InspectableMachine,
        _ words: ProgramWords,
        _ standIns: (any StandIns)?,
        shift: TimeSpan
    ) {
        kind = machine.streamKind
        isWord = { machine.isWord($0) }
        self.words = words
        self.standIns = standIns
        self.shift = shift
    }

    mutating func time(_ time: Timestamp) -> Timestamp {
        let (moved, isLost) = time.nanoseconds.addingReportingOverflow(shift.nanoseconds)
        if isLost { hasLostTime = true }
        return isLost ? time : Timestamp(nanoseconds: moved)
    }

    /// What a stream is called.
    mutating func stream(_ stream: StreamID) throws(LimitError) -> StreamID {
        try StreamID(kind: stream.kind, key: text(stream.key, as: "key"))
    }

    /// The id of an event, a text as any other.
    mutating func id(_ id: EventID?) -> EventID? {
        id.flatMap { try? EventID(text($0.name, as: "event")) }
    }

    mutating func value(_ value: JSONValue) -> JSONValue {
        guard standIns != nil else { return value }
        switch value {
        case .null, .bool: return value
        case .number(let text): return .number(standIns?.number(of: text) ?? text)
        case .string(let text): return .string(self.text(text, as: "text"))
        case .array(let elements):
            var others: [JSONValue] = []
            for element in elements { others.append(self.value(element)) }
            return .array(others)
        case .object(let members):
            var others: [JSONMember] = []
            for member in members {
                others.append(
                    JSONMember(text(member.key, as: "key"), self.value(member.value))
                )
            }
            return .object(others)
        }
    }

    private mutating func text(_ text: String, as use: String) -> String {
        guard standIns != nil else { return text }
        var (prefix, rest) = ("", text[...])
        // Nothing longer is the name of a stream.
        let isShort = text.utf8.count <= Limits.streamIDByteCountMax
        while isShort, !stays(String(rest)), let slash = rest.firstIndex(of: "/") {
            let (head, tail) = (String(rest[..<slash]), rest[rest.index(after: slash)...])
            guard !tail.isEmpty, head.hasSameBytes(as: kind.name) || isWord(head) else { break }
            prefix += "\(head)/"
            rest = tail
        }
        let last = String(rest)
        if stays(last) { return text }
        return prefix + standIn(for: last, as: prefix.isEmpty ? use : "key")
    }

    private func stays(_ text: String) -> Bool {
        words.all.contains(ExactText(text)) || isWord(text)
    }

    private mutating func standIn(for text: String, as use: String) -> String {
        if let time = try? Timestamp(rfc3339: text) {
            // The ends of all times are nobody's.
            let isEnd = time == .distantPast || time == .distantFuture
            return isEnd ? time.rfc3339 : self.time(time).rfc3339
        }
        return (Self.isUUID(text) ? standIns?.uuid(of: text) : standIns?.name(of: text, as: use))
            ?? text
    }

    /// Whether a text reads as a UUID; what reads one takes nothing else.
    private static func isUUID(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 36 else { return false }
        return bytes.enumerated().allSatisfy { place, byte in
            [8, 13, 18, 23].contains(place)
                ? byte == UInt8(ascii: "-") : Character(UnicodeScalar(byte)).isHexDigit
        }
    }
}

extension MachineDisguise {
    /// Where a document is not the one that stands for another; nil where it is.
    ///
    /// What is the original's own is fine, too: no such text, number or time is in a bundle, so
    /// the machine made it of something else, such as a count or a word of its own.
    mutating func difference(
        of copy: JSONValue,
        from original: JSONValue,
        at path: [String] = []
    ) -> JSONPath? {
        let here = JSONPath(parts: path)
        switch (original, copy) {
        case (.object(let members), .object(let others)):
            guard members.count == others.count else { return here }
            var found: [ExactText: JSONValue] = [:]
            for other in others { found[ExactText(other.key)] = other.value }
            for member in members {
                let inner = path + [member.key]
                guard let other = keys(of: member.key).compactMap({ found[ExactText($0)] }).first
                else { return JSONPath(parts: inner) }
                if let place = difference(of: other, from: member.value, at: inner) {
                    return place
                }
            }
            return nil
        case (.array(let elements), .array(let others)):
            guard elements.count == others.count else { return here }
            for (index, (element, other)) in zip(elements, others).enumerated() {
                guard
                    let place = difference(of: other, from: element, at: path + ["\(index)"])
                else { continue }
                return isSameSet(others, as: elements) ? nil : place
            }
            return nil
        default: return original == copy || value(original) == copy ? nil : here
        }
    }

    /// What may stand for a key: a text, or the JSON of what is no text.
    private mutating func keys(of key: String) -> [String] {
        let name = text(key, as: "key")
        let told = (try? JSONValue.parse(Array(key.utf8))).map { value($0).description }
        return [name, told ?? key, key]
    }

    /// Whether two lists are sets, which are told in the order of their texts, of the same.
    private mutating func isSameSet(_ copies: [JSONValue], as originals: [JSONValue]) -> Bool {
        guard Self.isSorted(originals), Self.isSorted(copies) else { return false }
        var counts: [JSONValue: Int] = [:]
        for copy in copies { counts[copy, default: 0] += 1 }
        for original in originals {
            let expected = value(original)
            let found = counts[expected, default: 0] > 0 ? expected : original
            guard let count = counts[found], count > 0 else { return false }
            counts[found] = count - 1
        }
        return true
    }

    private static func isSorted(_ values: [JSONValue]) -> Bool {
        let texts = values.map(\.description)
        return zip(texts, texts.dropFirst()).allSatisfy { !$1.hasBytes(before: $0) }
    }
}
