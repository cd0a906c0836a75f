import CairnJournal
import CairnTesting

/// Every implementation of `Journal`: a new one is one more case here, and nothing else.
enum JournalUnderTest: String, CaseIterable {
    case memory

    var contract: JournalContract {
        switch self {
        case .memory:
            JournalContract(
                make: { clock in MemoryJournal(clock: { clock.now }) },
                reopen: { journal, clock in
                    guard let journal = journal as? MemoryJournal else { return journal }
                    return try journal.reopened()
                }
            )
        }
    }
}
