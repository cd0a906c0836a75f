internal import CairnCore
internal import CairnDomains

/// A failure that is due: plain data.
struct DueStep {
    let stream: StreamNumber
    let stage: Int32
    let order: EventOrder
    let position: Position
    let nextRetryAt: Timestamp

    init(_ scanned: ScannedStep, stage: Int32, nextRetryAt: Timestamp) {
        stream = scanned.header.streamNumber
        self.stage = stage
        order = EventOrder(scanned)
        position = scanned.header.position
        self.nextRetryAt = nextRetryAt
    }
}

/// The order of a request's events: by `sequence_no`, and by position where that repeats.
struct EventOrder: Comparable {
    let number: Int64
    let position: Position

    init(_ scanned: ScannedStep) {
        number = scanned.order
        position = scanned.header.position
    }

    static func < (left: EventOrder, right: EventOrder) -> Bool {
        (left.number, left.position) < (right.number, right.position)
    }
}

/// For each stage of each request, the last event that leaves no earlier failure of it open.
struct ClosingEvents {
    /// A stage's last closing event, and where the request's next stage is noted.
    private struct Entry {
        let stage: Int32
        var order: EventOrder
        let next: Int32
    }

    private var entries: [Entry] = []
    /// The first entry of each request, counted from 1.
    private var heads = StreamMap<Int32>()
    private var ends: [StreamNumber: EventOrder] = [:]

    mutating func add(_ scanned: ScannedStep, stage: Int32, isEnd: Bool) {
        let order = EventOrder(scanned)
        let stream = scanned.header.streamNumber
        let status = scanned.step.status
        if isEnd, status == .completed { ends[stream] = max(ends[stream] ?? order, order) }
        // A planned retry and a word that says nothing leave a failure as open as it was.
        guard status != .retryScheduled, status != .other else { return }
        var index = Int(heads[stream, default: 0])
        while index > 0 {
            if entries[index - 1].stage == stage {
                entries[index - 1].order = max(entries[index - 1].order, order)
                return
            }
            index = Int(entries[index - 1].next)
        }
        entries.append(Entry(stage: stage, order: order, next: heads[stream, default: 0]))
        heads[stream, default: 0] = Int32(truncatingIfNeeded: entries.count)
    }

    /// Whether a later event leaves a failure nothing to wait for.
    func isClosed(_ due: DueStep) -> Bool {
        if let end = ends[due.stream], due.order < end { return true }
        var index = Int(heads[due.stream] ?? 0)
        while index > 0 {
            let entry = entries[index - 1]
            if entry.stage == due.stage { return due.order < entry.order }
            index = Int(entry.next)
        }
        return false
    }
}

/// Numbers for stages under their names, so that an alias is the same stage, and the event types
/// with which a request ends.
struct StageNumbers {
    private let definition: PipelineDefinition
    private let terminalTypes: Set<String>
    private var canonical = WordTable()
    /// The number of the stage that each word means, by the word's own number.
    private var stages: [Int32] = []
    private var isTerminal: [Bool] = []

    init(_ definition: PipelineDefinition) {
        self.definition = definition
        terminalTypes = Set(definition.eventTypes.filter(\.isTerminal).map(\.name))
    }

    mutating func number(of word: Int32, in words: WordTable) -> Int32 {
        while stages.count <= Int(word) {
            let name = definition.stageName(of: words.words[stages.count])
            stages.append(canonical.number(of: name))
        }
        return stages[Int(word)]
    }

    mutating func isTerminal(_ word: Int32, in words: WordTable) -> Bool {
        while isTerminal.count <= Int(word) {
            isTerminal.append(terminalTypes.contains(words.words[isTerminal.count]))
        }
        return isTerminal[Int(word)]
    }
}
