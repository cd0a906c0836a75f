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
    /// Whether the event waited for somebody to say which prompt its session goes through.
    var hasWaited = false
    /// Two at most, but for the leave event.
    var steps: [PromptStep] = []
}

/// One of the things that a session is or has said, at each moment the last event that tells of it.
///
/// An event that comes late holds up to the next one, so it changes two moments and no more, and
/// both are found by halving.
struct PromptRegister: Sendable {
    struct Entry: Sendable {
        let key: PromptEventKey
        /// What counts from there on; nil for nothing.
        let counter: PromptCounter?
    }

    /// In the order of their keys.
    private var entries: OrderedChunks<Entry>

    /// How many events it has.
    var count: Int { entries.count }

    init() { entries = OrderedChunks() }

    init(_ entries: [Entry]) { self.entries = OrderedChunks(ordered: entries) }

    /// Goes through its events in the order of their keys.
    func forEach(_ body: (Entry) -> Void) {
        for chunk in entries.chunks { chunk.forEach(body) }
    }

    /// Takes an event in.
    mutating func take(_ key: PromptEventKey, _ counter: PromptCounter?) -> [PromptStep] {
        let beside = entries.insert(Entry(key: key, counter: counter)) { key < $0.key }
        let old = beside.previous?.counter
        guard old != counter else { return [] }
        let step = PromptStep(time: key.promptTime, ended: old, begun: counter)
        guard let next = beside.next else { return [step] }
        return [step, PromptStep(time: next.key.promptTime, ended: counter, begun: old)]
    }

    /// Takes away all that holds from an event on.
    func end(at key: PromptEventKey) -> [PromptStep] {
        var later: [PromptStep] = []
        let beside = entries.neighbours { key < $0.key }
        var holds = beside.previous?.counter
        var steps: [PromptStep] = []
        if let holds { steps.append(PromptStep(time: key.promptTime, ended: holds)) }
        entries.forEach(behind: { key < $0.key }) { entry in
            guard entry.counter != holds else { return }
            later.append(
                PromptStep(time: entry.key.promptTime, ended: entry.counter, begun: holds)
            )
            holds = entry.counter
        }
        return steps + later
    }
}

/// A session in the tables: what is needed to count its next event, wherever that belongs.
struct PromptSessionRecord: Sendable {
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
        return events.map { event in
            var changes = count(event)
            changes.hasWaited = true
            return changes
        }
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
