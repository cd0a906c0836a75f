internal import CairnCore
internal import CairnDomains
internal import CairnEngine
internal import CairnJournal
internal import Synchronization

/// One try at an item, as its send closure sees it.
public struct Attempt: Sendable {
    /// Counted from 1 for each item.
    public let number: Int64
    /// The item's key, or the interaction's uuid where it has none.
    public let key: String
    /// The key to give to the provider: the item's key and the attempt.
    public let providerKey: String
    /// Whether something may have been sent under the provider key before.
    public let isRepeat: Bool
    let session: AttemptSession
}

/// What an attempt may still write, and what it knows of its item.
final class AttemptSession: Sendable {
    let journal: any Journal
    let clock: ServiceClock
    let stream: StreamID
    let fence: UInt64
    let policy: ItemPolicy
    private let known: Mutex<Folded<ItemState>>
    /// The number of the step or timer met last.
    private let stepNumber = Mutex<Int64>(0)

    init(
        journal: any Journal,
        clock: ServiceClock,
        stream: StreamID,
        policy: ItemPolicy,
        folded: Folded<ItemState>
    ) {
        self.journal = journal
        self.clock = clock
        self.stream = stream
        self.policy = policy
        fence = folded.state.current?.fence.rawValue ?? 0
        known = Mutex(folded)
    }

    var folded: Folded<ItemState> { known.withLock { $0 } }

    /// Gives a command under the attempt's fence; durable when it returns.
    @discardableResult
    func write(
        _ command: ItemCommand,
        seed: UInt64 = 0
    ) async throws(EngineError<ItemRefusal>) -> Folded<ItemState> {
        let turn = ItemTurn(
            stream: stream,
            command: command,
            known: folded,
            seed: seed,
            fence: fence
        )
        let folded = try await turn.run(in: journal)
        known.withLock { known in
            if known.sequence < folded.sequence { known = folded }
        }
        return folded
    }

    func nextStepNumber() -> Int64 {
        stepNumber.withLock { number in
            number += 1
            return number
        }
    }
}
