internal import CairnDomains

/// A change of what a session counts as, from a moment on: one thing ends, and another begins.
struct PromptStep: Hashable, Sendable {
    let time: PromptTime
    var ended: PromptCounter?
    var begun: PromptCounter?
}

/// What one event changes in the tables of a prompt.
struct PromptChanges {
    /// The event, unless it came after the end.
    var added: PromptEvent?
    /// Two at most, but for the leave event.
    var steps: [PromptStep] = []
}

/// One of the things that a session is or has said, at each moment the last event that tells of it.
///
/// An event that comes late holds up to the next one, so it changes two moments and no more, and
/// both are found by halving.
struct PromptRegister: Hashable, Sendable {
    struct Entry: Hashable, Sendable {
        let key: PromptEventKey
        /// What counts from there on; nil for nothing.
        let counter: PromptCounter?
    }

    /// In the order of their keys.
    private(set) var entries: [Entry] = []

    init() {}

    init(_ entries: [Entry]) { self.entries = entries }

    /// Takes an event in.
    mutating func take(_ key: PromptEventKey, _ counter: PromptCounter?) -> [PromptStep] {
        let index = index(after: key)
        let old = index > 0 ? entries[index - 1].counter : nil
        let next = index < entries.count ? entries[index].key.promptTime : nil
        entries.insert(Entry(key: key, counter: counter), at: index)
        guard old != counter else { return [] }
        let step = PromptStep(time: key.promptTime, ended: old, begun: counter)
        guard let next else { return [step] }
        return [step, PromptStep(time: next, ended: counter, begun: old)]
    }

    /// Takes away all that holds from an event on.
    func end(at key: PromptEventKey) -> [PromptStep] {
        var steps: [PromptStep] = []
        let index = index(after: key)
        var holds = index > 0 ? entries[index - 1].counter : nil
        if let holds { steps.append(PromptStep(time: key.promptTime, ended: holds)) }
        for entry in entries[index...] where entry.counter != holds {
            steps.append(
                PromptStep(time: entry.key.promptTime, ended: entry.counter, begun: holds)
            )
            holds = entry.counter
        }
        return steps
    }

    private func index(after key: PromptEventKey) -> Int {
        // Nearly all come in order.
        guard let last = entries.last, key < last.key else { return entries.count }
        var (low, high) = (0, entries.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if key < entries[middle].key { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

/// A session in the tables: what is needed to count its next event, wherever that belongs.
struct PromptSessionRecord: Hashable, Sendable {
    /// The registers, in the order in which they are stored.
    enum Kind: Int, CaseIterable {
        case presence, press, rating, color, word
    }

    /// Nil as long as nobody said which prompt the session goes through.
    private(set) var prompt: PromptNumber?
    /// The events that came until then, in the order in which they were stored.
    private(set) var waiting: [PromptEvent] = []
    private(set) var registers = [PromptRegister](repeating: PromptRegister(), count: kindCount)
    private(set) var hasLeft = false

    private static let kindCount = Kind.allCases.count

    init() {}

    /// Takes a record as it was stored.
    init(
        prompt: PromptNumber?,
        hasLeft: Bool,
        waiting: [PromptEvent],
        registers: [PromptRegister]
    ) {
        self.prompt = prompt
        self.hasLeft = hasLeft
        self.waiting = waiting
        if registers.count == Self.kindCount { self.registers = registers }
    }

    /// Takes note of its prompt; the first one holds.
    ///
    /// - Returns: The changes of the events that waited for it, one after another.
    mutating func open(as number: PromptNumber) -> [PromptChanges] {
        guard prompt == nil else { return [] }
        prompt = number
        let events = waiting
        waiting = []
        return events.map { count($0) }
    }

    /// Takes the next stored event in; nothing of it counts yet where the prompt is not known.
    mutating func take(_ event: PromptEvent) -> PromptChanges {
        guard !hasLeft else { return PromptChanges() }
        guard prompt != nil else {
            waiting.append(event)
            if event.act.kind == .leave { hasLeft = true }
            return PromptChanges()
        }
        return count(event)
    }

    private mutating func count(_ event: PromptEvent) -> PromptChanges {
        var changes = PromptChanges(added: event)
        switch event.act {
        case .join: changes.steps = take(event, .presence, PromptCounter(kind: .participants))
        case .like:
            let like = PromptCounter(kind: .likes)
            changes.steps = [PromptStep(time: event.promptTime, begun: like)]
        case .numericResponse(let value):
            changes.steps = take(event, .rating, PromptCounter(kind: .rating, number: value))
        case .pressStart: changes.steps = take(event, .press, PromptCounter(kind: .pressing))
        case .pressEnd: changes.steps = take(event, .press, nil)
        case .colorResponse(let choice):
            changes.steps = take(event, .color, PromptCounter(kind: .color, number: choice.index))
        case .wordResponse(let choice):
            changes.steps = take(event, .word, PromptCounter(kind: .word, number: choice.index))
        case .leave:
            // Nobody is there or presses from then on, whatever else came before this event.
            changes.steps = registers[Kind.presence.rawValue].end(at: event.key)
            changes.steps += registers[Kind.press.rawValue].end(at: event.key)
            hasLeft = true
            registers = [PromptRegister](repeating: PromptRegister(), count: Self.kindCount)
        }
        return changes
    }

    private mutating func take(
        _ event: PromptEvent,
        _ kind: Kind,
        _ counter: PromptCounter?
    ) -> [PromptStep] {
        registers[kind.rawValue].take(event.key, counter)
    }
}
