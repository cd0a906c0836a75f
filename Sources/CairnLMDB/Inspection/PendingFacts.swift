internal import CairnCore

/// Facts of the index tables that are looked up one by one, in batches sorted by position.
///
/// Tables may tell of events beyond the indexed position, which no sum covers; and when a sum
/// does not agree, every fact is looked up to name the false ones. Memory: 65,536 facts.
final class PendingFacts {
    enum Claim {
        /// The event's id has this fingerprint.
        case eventID(hash: UInt64)
        /// The event stands here in its stream.
        case sequence(streamNumber: UInt64, sequence: UInt64)
    }

    private struct Fact {
        let position: UInt64
        let claim: Claim
        let page: UInt64
    }

    private static let batchCount = 65_536
    private let locator: EventLocator
    private let reader: PageReader
    private let table: String
    private let log: DamageLog
    private var facts: [Fact] = []

    init(locator: EventLocator, reader: PageReader, table: String, log: DamageLog) {
        self.locator = locator
        self.reader = reader
        self.table = table
        self.log = log
    }

    /// Takes a fact that stands in a page of the table.
    func add(_ claim: Claim, at position: UInt64, page: UInt64) {
        facts.append(Fact(position: position, claim: claim, page: page))
        if facts.count >= Self.batchCount { flush() }
    }

    /// Looks up all facts taken so far.
    func flush() {
        facts.sort { $0.position < $1.position }
        for fact in facts where !log.isFull {
            let position = Position(rawValue: fact.position)
            let isTrue = locator.event(at: position) { event, frame in
                switch fact.claim {
                case .eventID(let hash):
                    event.flags.contains(.hasEventID)
                        && FactSum.hash(id: frame.extracting(event.eventIDRange)) == hash
                case .sequence(let number, let sequence):
                    event.streamNumber.rawValue == number && event.sequence.rawValue == sequence
                }
            }
            guard isTrue != true else { continue }
            let reason =
                switch fact.claim {
                case .eventID: "the event has another id than the table says"
                case .sequence: "the event has another place in its stream than the table says"
                }
            log.add(reader.fault(fact.page, reason), position: position, table: table)
        }
        facts.removeAll(keepingCapacity: true)
    }
}
