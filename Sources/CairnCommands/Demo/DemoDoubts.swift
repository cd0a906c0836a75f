internal import CairnCore
internal import CairnDomains
internal import CairnJournal
internal import CairnLMDB

/// How the doubts of the demonstration's batch arose and ended, as its journal tells.
struct DemoDoubts {
    private(set) var doubtCount = 0
    private(set) var foundSentCount = 0
    private(set) var foundNotSentCount = 0
    /// Intents that have no outcome, and doubts that nobody has decided.
    var openCount: Int { open.count }

    private var open: Set<StreamNumber> = []

    init(journalPath: String) async throws(CommandFailure) {
        let journal = try JournalOptions.open(journalPath, .readOnly)
        defer { journal.close() }
        var tally = DemoDoubts()
        let machine = ItemMachine()
        try await journaling(journalPath) { () async throws(JournalError) in
            try await journal.forEachEvent { header, frame in
                // What else the journal holds is of other kinds of stream.
                guard let event = try? machine.event(header, frame: frame) else { return .proceed }
                tally.take(event.fact, of: header.streamNumber)
                return .proceed
            }
        }
        self = tally
    }

    private init() {}

    private mutating func take(_ fact: ItemEvent.Fact, of stream: StreamNumber) {
        switch fact {
        case .began(let beginning):
            open.insert(stream)
            if beginning.cause == .notSent { foundNotSentCount += 1 }
        case .doubted: doubtCount += 1
        case .settled(let settlement):
            open.remove(stream)
            if settlement.source == .ask { foundSentCount += 1 }
        case .accepted, .rejected: open.remove(stream)
        case .released, .setAside, .calledBack, .stepBegan, .stepEnded, .stepFailed, .timerSet,
            .noted, .imported:
            break
        }
    }
}
