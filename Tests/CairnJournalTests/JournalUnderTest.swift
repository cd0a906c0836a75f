import CairnJournal
import CairnLMDB
import CairnTesting
import Foundation
<<<<<<< HEAD
import Testing

/// Every implementation of `Journal`: a new one is one more case here, and nothing else.
enum JournalUnderTest: String, CaseIterable {
    case memory
    case lmdb
=======

/// Every implementation of `Journal`: a new one is one more case here, and nothing else.
enum JournalUnderTest: String, CaseIterable {
    case memory, lmdb
>>>>>>> verify

    var contract: JournalContract {
        switch self {
        case .memory:
            JournalContract(
                make: { clock in MemoryJournal(clock: { clock.now }) },
                reopen: { journal, _ in
                    try #require(journal as? MemoryJournal).reopened()
                }
            )
        case .lmdb:
            JournalContract(
                make: { clock in
                    let folder = FileManager.default.temporaryDirectory
                        .appending(path: "cairn-contract-\(UUID().uuidString)")
                    return try Self.openLMDB(folder.path, clock)
                },
                reopen: { journal, clock in
                    let journal = try #require(journal as? LMDBJournal)
                    journal.close()
                    return try Self.openLMDB(journal.path, clock)
                },
                dispose: { journal in
                    guard let journal = journal as? LMDBJournal else { return }
                    journal.close()
                    try? FileManager.default.removeItem(atPath: journal.path)
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

    private static func openLMDB(_ path: String, _ clock: ManualClock) throws -> LMDBJournal {
        var configuration = LMDBJournal.Configuration()
        configuration.clock = { clock.now }
        return try LMDBJournal(path: path, configuration: configuration)
    }
}

extension LMDBJournal.Configuration {
    static func timed(by clock: ManualClock) -> LMDBJournal.Configuration {
        var configuration = LMDBJournal.Configuration()
        configuration.clock = { clock.now }
        return configuration
    }
}
