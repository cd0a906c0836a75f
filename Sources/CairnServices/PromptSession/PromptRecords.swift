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

    /// In the order of the counters; a handful.
    private(set) var entries: [Entry] = []

    var isEmpty: Bool { entries.isEmpty }

    init() {}

    /// What one standing has that another one has not.
    init(from old: PromptStanding, to new: PromptStanding) {
        add(.init(kind: .participants), (new.isPresent ? 1 : 0) - (old.isPresent ? 1 : 0))
        add(.init(kind: .pressing), (new.isPressing ? 1 : 0) - (old.isPressing ? 1 : 0))
        add(.init(kind: .likes), new.likeCount &- old.likeCount)
        exchange(.rating, old.rating, new.rating)
        exchange(.color, old.color?.index, new.color?.index)
        exchange(.word, old.word?.index, new.word?.index)
    }

    private mutating func exchange(_ kind: PromptCounter.Kind, _ old: Int64?, _ new: Int64?) {
        if let old { add(PromptCounter(kind: kind, number: old), -1) }
        if let new { add(PromptCounter(kind: kind, number: new), 1) }
    }

    mutating func add(_ counter: PromptCounter, _ count: Int64) {
        guard count != 0 else { return }
        var index = 0
        while index < entries.count, entries[index].counter < counter { index += 1 }
        guard index < entries.count, entries[index].counter == counter else {
            entries.insert(Entry(counter: counter, count: count), at: index)
            return
        }
        entries[index].count &+= count
        if entries[index].count == 0 { entries.remove(at: index) }
    }

    mutating func add(_ other: PromptCounts) {
        for entry in other.entries { add(entry.counter, entry.count) }
    }

    mutating func subtract(_ other: PromptCounts) {
        for entry in other.entries { add(entry.counter, 0 &- entry.count) }
    }

    var totals: PromptTotals {
        var answers: [PromptAnswer: Int64] = [:]
        var plain: [PromptCounter.Kind: Int64] = [:]
        for entry in entries {
            switch entry.counter.kind {
            case .participants, .pressing, .likes: plain[entry.counter.kind] = entry.count
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
            participantCount: plain[.participants, default: 0],
            pressingCount: plain[.pressing, default: 0],
            likeCount: plain[.likes, default: 0],
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
}

/// What an event changes in the tables of a prompt.
struct PromptChanges {
    /// Nil as long as nobody said which prompt the session goes through.
    var prompt: PromptNumber?
    /// The name of the prompt, where the event says it.
    var opened: String?
    var added: [PromptEvent] = []
    var steps: [(time: PromptTime, counts: PromptCounts)] = []
}

/// A session in the tables: its counted events in the order of their keys.
struct PromptSessionRecord: Hashable, Sendable {
    var prompt: PromptNumber?
    /// Whether its events are in its prompt's tables.
    var isOpen = false
    private var hasLeft = false
    private(set) var events: [PromptEvent] = []
    /// Where it stands after all of them.
    private var standing = PromptStanding()

    init() {}

    /// Takes a record as it was stored.
    init(prompt: PromptNumber?, isOpen: Bool, hasLeft: Bool, events: [PromptEvent]) {
        self.prompt = prompt
        self.isOpen = isOpen
        self.hasLeft = hasLeft
        self.events = events
        for event in events { standing.take(event.act) }
    }

    var isEnded: Bool { hasLeft }

    /// Takes note of its prompt; the first one holds.
    mutating func open(as number: PromptNumber, _ name: String) {
        if prompt == nil { prompt = number }
    }

    /// Everything that the session has, as changes to a prompt that had nothing of it.
    var all: PromptChanges {
        var changes = PromptChanges(prompt: prompt, added: events)
        changes.steps = Self.steps(events[...], from: PromptStanding())
        return changes
    }

    /// Takes the next stored event in.
    ///
    /// - Returns: What changes at which moments: one that is the last in the order of keys, as
    ///   nearly all are, changes its own moment only.
    mutating func take(_ event: PromptEvent) -> PromptChanges {
        guard !hasLeft else { return PromptChanges() }
        if event.act.kind == .leave { hasLeft = true }
        var changes = PromptChanges(prompt: isOpen ? prompt : nil, added: [event])
        if events.last.map({ $0.key < event.key }) ?? true {
            let before = standing
            standing.take(event.act)
            events.append(event)
            let counts = PromptCounts(from: before, to: standing)
            if !counts.isEmpty { changes.steps = [(event.promptTime, counts)] }
            return changes
        }
        let index = events.firstIndex { event.key < $0.key } ?? events.count
        var before = PromptStanding()
        for earlier in events[..<index] { before.take(earlier.act) }
        let old = Self.steps(events[index...], from: before)
        events.insert(event, at: index)
        let new = Self.steps(events[index...], from: before)
        for (time, counts) in old {
            var taken = PromptCounts()
            taken.subtract(counts)
            changes.steps.append((time, taken))
        }
        changes.steps += new
        standing = PromptStanding()
        for event in events { standing.take(event.act) }
        return changes
    }

    private static func steps(
        _ events: ArraySlice<PromptEvent>,
        from start: PromptStanding
    ) -> [(time: PromptTime, counts: PromptCounts)] {
        var standing = start
        var steps: [(time: PromptTime, counts: PromptCounts)] = []
        for event in events {
            let before = standing
            standing.take(event.act)
            let counts = PromptCounts(from: before, to: standing)
            if !counts.isEmpty { steps.append((event.promptTime, counts)) }
        }
        return steps
    }
}
