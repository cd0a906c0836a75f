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
    private let metrics: ItemMetrics

    private struct State {
        var known: Folded<ItemState>
        /// Ends of steps that are not known to be durable; more than one where steps overlap.
        var unwritten: [ItemStepEnd] = []
        /// Turns on their way that write them.
        var writeCount = 0
        /// The number of the step or timer met last.
        var stepNumber: Int64 = 0
        /// What is still to be written of the send's end in its time: one while it runs.
        var endCount = 1
        /// The late end, where that has to wait.
        var late: CheckedContinuation<Void, Never>?
    }

    private let state: Mutex<State>

    init(
        journal: any Journal,
        clock: ServiceClock,
        stream: StreamID,
        folded: Folded<ItemState>,
        metrics: ItemMetrics
    ) {
        self.journal = journal
        self.metrics = metrics
        self.clock = clock
        self.stream = stream
        fence = folded.state.current?.fence.rawValue ?? 0
        state = Mutex(State(known: folded))
    }

    /// The item as far as it is durable.
    var folded: Folded<ItemState> { state.withLock { $0.known } }

    /// The item once the ends of steps are written that are not yet.
    var itemToBe: ItemState {
        let (known, unwritten) = state.withLock { ($0.known.state, $0.unwritten) }
        var item = known
        for end in unwritten where item.isOpen(step: end.number) {
            ItemMachine().evolve(&item, by: ItemEvent(.stepEnded(end), at: clock.now()))
        }
        return item
    }

    /// The number of the step or timer met last.
    var stepNumber: Int64 { state.withLock { $0.stepNumber } }

    /// Gives a command under the attempt's fence, and before it the ends of steps that are still
    /// to be written; all of it is durable when it returns.
    @discardableResult
    func write(
        _ command: ItemCommand,
        seed: UInt64 = 0
    ) async throws(EngineError<ItemRefusal>) -> Folded<ItemState> {
        let (known, unwritten) = state.withLock { state in
            state.writeCount += 1
            return (state.known, state.unwritten)
        }
        defer { state.withLock { $0.writeCount -= 1 } }
        let turn = ItemTurn(
            stream: stream,
            command: command,
            before: unwritten,
            known: known,
            seed: seed,
            fence: fence,
            metrics: metrics
        )
        let folded = try await turn.run(in: journal)
        let isRestLeft = state.withLock { state in
            if state.known.sequence < folded.sequence { state.known = folded }
            // What was not taken is kept as long as it may still be told.
            let isOver = folded.fence != fence || !folded.state.takesStepEnds
            state.unwritten.removeAll { end in
                isOver || unwritten.contains(end) && !folded.state.isOpen(step: end.number)
            }
            return !state.unwritten.isEmpty && state.writeCount == 1
        }
        if isRestLeft { Task { try? await flush() } }
        return folded
    }

    /// Takes the end of a step that is on its way to the journal: the next write brings it there,
    /// or else this one, as soon as a thread is free.
    func writeSoon(_ end: ItemStepEnd) {
        state.withLock { $0.unwritten.append(end) }
        Task {
            // What fails here is told by the next write, which tries it again.
            guard state.withLock({ $0.writeCount == 0 }) else { return }
            try? await flush()
        }
    }

    /// The last end of a step that is not known to be durable; nil if there is none.
    var lastUnwritten: ItemStepEnd? { state.withLock { $0.unwritten.last } }

    /// Makes the ends of steps durable that are not yet.
    private func flush() async throws(EngineError<ItemRefusal>) {
        guard let end = lastUnwritten else { return }
        try await write(.endStep(end))
    }

    /// Waits until that the send's time was over is written, or never will be.
    func untilWritten() async {
        await withCheckedContinuation { continuation in
            let isWritten = state.withLock { state in
                if state.endCount > 0 { state.late = continuation }
                return state.endCount == 0
            }
            if isWritten { continuation.resume() }
        }
    }

    func beginWriting() { state.withLock { $0.endCount += 1 } }

    func endWriting() {
        let late = state.withLock { state in
            state.endCount -= 1
            defer { if state.endCount == 0 { state.late = nil } }
            return state.endCount == 0 ? state.late : nil
        }
        late?.resume()
    }

    func nextStepNumber() -> Int64 {
        state.withLock { state in
            state.stepNumber += 1
            return state.stepNumber
        }
    }
}
