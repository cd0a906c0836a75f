import CairnJournal
import CairnLMDB
import CairnTesting
import Foundation

/// Every implementation of `Journal`: a new one is one more case here, and nothing else.
enum JournalUnderTest: String, CaseIterable {
    case memory, lmdb
    /// The same with an index flush after every few events.
    case lmdbFlushing

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
        case .lmdb, .lmdbFlushing:
            JournalContract(
                make: { [self] clock in
                    let name = "cairn-contract-\(UUID().uuidString)"
                    let folder = FileManager.default.temporaryDirectory.appending(path: name)
                    return try LMDBJournal(path: folder.path, configuration: configuration(clock))
                },
                reopen: { journal, clock in
                    guard let journal = journal as? LMDBJournal else { return journal }
                    journal.close()
                    return try LMDBJournal(path: journal.path, configuration: configuration(clock))
                },
                keepsProjections: true,
                dispose: { journal in
                    guard let journal = journal as? LMDBJournal else { return }
                    journal.close()
                    try? FileManager.default.removeItem(atPath: journal.path)
                }
            )
        }
    }

    private func configuration(_ clock: ManualClock) -> LMDBJournal.Configuration {
        var configuration = LMDBJournal.Configuration()
        configuration.clock = { clock.now }
        if self == .lmdbFlushing { configuration.indexSegmentEventCountMax = 3 }
        return configuration
    }
}
