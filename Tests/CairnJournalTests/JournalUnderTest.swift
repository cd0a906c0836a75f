import CairnJournal
import CairnLMDB
import CairnTesting
import Foundation

/// Every implementation of `Journal`: a new one is one more case here, and nothing else.
enum JournalUnderTest: String, CaseIterable {
    case memory, lmdb

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
        case .lmdb:
            JournalContract(
                make: { clock in
                    let name = "cairn-contract-\(UUID().uuidString)"
                    let folder = FileManager.default.temporaryDirectory.appending(path: name)
                    return try LMDBJournal(path: folder.path, configuration: .timed(by: clock))
                },
                reopen: { journal, clock in
                    guard let journal = journal as? LMDBJournal else { return journal }
                    journal.close()
                    return try LMDBJournal(path: journal.path, configuration: .timed(by: clock))
                },
                dispose: { journal in
                    guard let journal = journal as? LMDBJournal else { return }
                    journal.close()
                    try? FileManager.default.removeItem(atPath: journal.path)
                }
            )
        }
    }
}

extension LMDBJournal.Configuration {
    static func timed(by clock: ManualClock) -> LMDBJournal.Configuration {
        var configuration = LMDBJournal.Configuration()
        configuration.clock = { clock.now }
        return configuration
    }
}
