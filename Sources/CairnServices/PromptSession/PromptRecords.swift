internal import CairnCore
internal import CairnDomains

/// A prompt in the tables: the position of the event that named it first.
struct PromptNumber: Hashable, Sendable {
    let rawValue: UInt64
}

/// A prompt's name as a key: of a long one its beginning and its digest.
struct PromptName: Hashable, Sendable {
    private static let plainByteCountMax = 400

    let bytes: [UInt8]

    init(_ name: String) {
        let whole = Array(name.utf8)
        guard whole.count > Self.plainByteCountMax else {
            bytes = whole
            return
        }
        let digest = ContentDigest(type: "prompt", content: whole.span.bytes)
        bytes = whole.prefix(Self.plainByteCountMax) + digest.bytes
    }

    init(bytes: [UInt8]) { self.bytes = bytes }
}

/// What is counted at each moment.
struct PromptCounter: Hashable, Comparable, Sendable {
    enum Kind: UInt8, Sendable {
        case participants, pressing, likes, rating, color, word
    }

    let kind: Kind
    /// The rating or the choice; 0 for the others.
    var number: Int64 = 0

    static func < (left: PromptCounter, right: PromptCounter) -> Bool {
        left.kind == right.kind
            ? left.number < right.number : left.kind.rawValue < right.kind.rawValue
    }
}

/// Counts, or changes of counts; those that are zero are not in it.
struct PromptCounts: Hashable, Sendable {
    struct Entry: Hashable, Sendable {
        let counter: PromptCounter
        var count: Int64
    }

    /// In the order of the counters; mostly a handful, but ratings may be as many as answers.
    private(set) var entries: [Entry] = []

    var isEmpty: Bool { entries.isEmpty }

    init() {}

    mutating func add(_ counter: PromptCounter, _ count: Int64) {
        guard count != 0 else { return }
        let index = index(of: counter)
        guard index < entries.count, entries[index].counter == counter else {
            entries.insert(Entry(counter: counter, count: count), at: index)
            return
        }
        entries[index].count &+= count
        if entries[index].count == 0 { entries.remove(at: index) }
    }

    /// The first entry that is not of a counter before one.
    private func index(of counter: PromptCounter) -> Int {
        // Nodes and other counts give theirs in order, so most come after all that are here.
        if entries.last.map({ $0.counter < counter }) ?? true { return entries.count }
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].counter < counter { low = middle + 1 } else { high = middle }
        }
        return low
    }

    mutating func subtract(_ other: PromptCounts) {
        for entry in other.entries { add(entry.counter, 0 &- entry.count) }
    }

    var totals: PromptTotals {
        var (participantCount, pressingCount, likeCount) = (Int64(0), Int64(0), Int64(0))
        var answers: [PromptAnswer: Int64] = [:]
        answers.reserveCapacity(entries.count)
        for entry in entries {
            switch entry.counter.kind {
            case .participants: participantCount = entry.count
            case .pressing: pressingCount = entry.count
            case .likes: likeCount = entry.count
            case .rating: answers[.rating(entry.counter.number)] = entry.count
            case .color:
                guard let choice = try? PromptChoice(entry.counter.number) else { continue }
                answers[.color(choice)] = entry.count
            case .word:
                guard let choice = try? PromptChoice(entry.counter.number) else { continue }
                answers[.word(choice)] = entry.count
            }
        }
        return PromptTotals(
            participantCount: participantCount,
            pressingCount: pressingCount,
            likeCount: likeCount,
            answerCounts: answers
        )
    }
}

/// How many events of each kind there are in one second.
struct PromptKindCounts: Hashable, Sendable {
    /// In the order of the kinds.
    var counts = [Int64](repeating: 0, count: PromptActKind.allCases.count)

    mutating func add(_ kind: PromptActKind) {
        counts[PromptActKind.allCases.firstIndex(of: kind) ?? 0] &+= 1
    }

    /// Without those of which there are none.
    var byKind: [PromptActKind: Int64] {
        var found: [PromptActKind: Int64] = [:]
        for (kind, count) in zip(PromptActKind.allCases, counts) where count != 0 {
            found[kind] = count
        }
        return found
    }
}

/// An event of a prompt in the order of prompt times.
struct PlayedAct: Hashable, Sendable {
    let session: StreamNumber
    let act: PromptAct
    let createdAt: Timestamp
    /// Whether it may have come to those who watched: whose session it is was known by then, and
    /// it is no imported history.
    let mayBeLive: Bool
}
