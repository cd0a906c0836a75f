internal import CairnCore
internal import CairnDomains
internal import CairnJournal
internal import CairnLMDB

/// How the doubts of the demonstration's batch arose and ended, as its journal tells.
struct DemoDoubts {
    /// An item that was in doubt, and how that ended.
    struct Doubt {
        let stream: StreamNumber
        /// The item's key, once all of them are known.
        fileprivate(set) var key = ""
        /// Why nobody knew.
        let why: String
        /// How it ended; nil while it has not.
        fileprivate(set) var resolution: Resolution?
    }

    enum Resolution: String {
        case foundSent = "found_sent"
        case foundNotSent = "found_not_sent"
        /// The send's own answer came after all.
        case answeredLate = "answered_late"
    }

    private(set) var doubts: [Doubt] = []
    /// Intents that have no outcome, and doubts that nobody has decided.
    var openCount: Int { open.count }

    private var open: Set<StreamNumber> = []
    /// The last doubt of each item.
    private var places: [StreamNumber: Int] = [:]

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
            for index in tally.doubts.indices {
                tally.doubts[index].key = try journal.streamID(of: tally.doubts[index].stream)
                    .key
            }
        }
        self = tally
    }

    private init() {}

    func count(_ resolution: Resolution) -> Int {
        doubts.count { $0.resolution == resolution }
    }

    private mutating func take(_ fact: ItemEvent.Fact, of stream: StreamNumber) {
        switch fact {
        case .began(let beginning):
            open.insert(stream)
            if beginning.cause == .notSent { resolve(stream, .foundNotSent) }
        case .doubted(let doubt):
            // That a send ended after its time is the same doubt.
            if places[stream] != nil { return }
            places[stream] = doubts.count
            doubts.append(
                Doubt(
                    stream: stream,
                    why: doubt.detail
                        ?? (doubt.cause == .timeout ? "timeout" : "its sender was killed")
                )
            )
        case .settled(let settlement):
            open.remove(stream)
            resolve(stream, settlement.source == .ask ? .foundSent : .answeredLate)
        case .accepted, .rejected: open.remove(stream)
        case .released, .retryPlanned, .setAside, .calledBack, .stepBegan, .stepEnded, .stepFailed,
            .timerSet, .noted, .imported:
            break
        }
    }

    private mutating func resolve(_ stream: StreamNumber, _ resolution: Resolution) {
        guard let place = places.removeValue(forKey: stream) else { return }
        doubts[place].resolution = resolution
    }
}
