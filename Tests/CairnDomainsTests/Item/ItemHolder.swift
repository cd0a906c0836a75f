import CairnCore
@testable import CairnDomains
import CairnEngine
import CairnJournal

/// Someone who works on an item and knows of it what it saw last.
struct ItemHolder<Rules: StoredMachine> {
    let fold: StreamFold<Rules>
    let journal: MemoryJournal
    var known: Folded<Rules.State>
    /// The fence of the right that was given to it last.
    var fence: UInt64 = 0

    init(_ machine: Rules, of stream: StreamID, in journal: MemoryJournal) {
        fold = StreamFold(machine, of: stream)
        self.journal = journal
        known = fold.start
    }

    /// Gives a command; nil if it was refused.
    mutating func give(_ command: Rules.Command, seed: UInt64 = 0) async throws -> [Rules.Event]?
    where Rules.Command: Sendable {
        let (fold, before, fence) = (fold, known, fence)
        let (result, after) = try await journal.turn { scope throws(JournalError) in
            var folded = before
            let result: Result<[Rules.Event], EngineError<Rules.Rejection>>
            do throws(EngineError<Rules.Rejection>) {
                let events = try fold.turn(
                    command,
                    on: &folded,
                    in: scope,
                    seed: seed,
                    fence: fence
                )
                result = .success(events)
            } catch {
                result = .failure(error)
            }
            return (result, folded)
        }
        known = after
        do throws(EngineError<Rules.Rejection>) { return try result.get() } catch {
            guard case .refused = error else { throw error }
            return nil
        }
    }
}
