public import CairnCore
public import CairnDomains
public import CairnJournal
internal import Synchronization

/// What a viewer of a prompt sees: the events of all earlier sessions when the viewer comes to
/// their prompt times, and what happens now at once (seed 004).
///
/// ```swift
/// let board = PromptBoard(journal)  // one for all viewers
/// let playback = try await PromptPlayback(of: "breathe", on: board)
/// let player = Task { for try await played in playback { show(played) } }
/// playback.advance(to: try PromptTime(12.5))  // as often as the viewer's own clock says
/// ```
///
/// Each event comes once. One that was recorded after the playback was made, no later than
/// ``liveWindow`` after it was created and by its own participant, is live: it comes at once,
/// wherever its prompt time is, in the order of positions. Rows that were imported with the times
/// at which they were created are none of those, and neither is what came before somebody said
/// whose its session is. All others come in the order of `(prompt_time, uid)`, up to the time to
/// which the viewer was advanced; those that are imported meanwhile for a time that has passed do
/// not come any more, and neither does what was removed. Events after the leave event of their
/// session do not count and do not come.
///
/// A viewer that is slow reads on from where it is: nothing is dropped for it and nobody waits for
/// it, because the journal and its tables are its buffer. Of events, no more than a page of live
/// ones and a page of others are in memory for a viewer; what came since the tables were stored is
/// its board's, and there once for all viewers of a board. What comes when is for ``advance(to:)``
/// to say: nothing here looks at a clock.
public struct PromptPlayback: AsyncSequence, Sendable {
    public typealias Element = PlayedPromptEvent
    public typealias Failure = PromptSessionsError

    /// Most events of a page.
    static let pageEventCountMax = 256

    let prompt: String
    let board: PromptBoard
    var journal: any Journal { board.journal }
    let sampling: PromptSampling
    /// How long after it was created an event may have been recorded to be live.
    public let liveWindow: TimeSpan
    /// The end of the journal when the playback was made: what stands behind it may be live.
    public let start: Position
    let startedAt: Timestamp
    let beginning: PromptTime?
    let pace = PromptPace()

    /// Begins a playback for a journal's only viewer, on a board of its own.
    ///
    /// - Parameters:
    ///   - prompt: The prompt; that nobody went through it yet is no error.
    ///   - journal: The journal.
    ///   - beginning: The prompt time at which the viewer begins, exclusive; nil for before all.
    ///   - sampling: How many events of each second come.
    ///   - liveWindow: How long after it was created an event may have been recorded to be live.
    /// - Throws: ``PromptSessionsError``.
    public init(
        of prompt: String,
        in journal: any Journal,
        after beginning: PromptTime? = nil,
        sampling: PromptSampling = .all,
        liveWindow: TimeSpan = .seconds(2)
    ) async throws(PromptSessionsError) {
        try await self.init(
            of: prompt,
            on: PromptBoard(journal),
            after: beginning,
            sampling: sampling,
            liveWindow: liveWindow
        )
    }

    /// Begins a playback for a new viewer; the events up to now are the earlier ones.
    ///
    /// - Parameters:
    ///   - prompt: The prompt; that nobody went through it yet is no error.
    ///   - board: What answers, which all viewers of a journal may have in common.
    ///   - beginning: The prompt time at which the viewer begins, exclusive; nil for before all.
    ///   - sampling: How many events of each second come. Of live ones so many in each second of
    ///     recorded time come, the first ones.
    ///   - liveWindow: How long after it was created an event may have been recorded to be live.
    /// - Throws: ``PromptSessionsError``.
    public init(
        of prompt: String,
        on board: PromptBoard,
        after beginning: PromptTime? = nil,
        sampling: PromptSampling = .all,
        liveWindow: TimeSpan = .seconds(2)
    ) async throws(PromptSessionsError) {
        self.prompt = prompt
        self.board = board
        self.beginning = beginning
        self.sampling = sampling
        self.liveWindow = liveWindow
        do throws(JournalError) {
            let head = try await board.journal.head()
            start = head.lastPosition
            startedAt = head.lastRecordedAt
        } catch {
            throw .journal(error)
        }
    }

    /// Says how far the viewer is; going back changes nothing.
    public func advance(to time: PromptTime) { pace.advance(to: time) }

    /// Says that the viewer will go no further: once all up to there has come, the sequence ends.
    public func end() { pace.end() }

    /// How many events did not come because of the sampling, over all iterators.
    public var leftOutCount: UInt64 { pace.leftOutCount }

    public func makeAsyncIterator() -> Iterator { Iterator(self) }
}

/// An event as a viewer gets it.
public struct PlayedPromptEvent: Hashable, Sendable {
    public let event: PromptEvent
    /// Whether it came because it happened just then, and not because its prompt time did.
    public let isLive: Bool
}

/// How far a viewer is, and who waits for that to change.
final class PromptPace: Sendable {
    struct State: Sendable {
        var time: PromptTime?
        var isEnded = false
        var leftOutCount: UInt64 = 0
        var waiting: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var waiterCount: UInt64 = 0
    }

    private let state = Mutex(State())

    var current: (time: PromptTime?, isEnded: Bool) {
        state.withLock { ($0.time, $0.isEnded) }
    }

    var leftOutCount: UInt64 { state.withLock { $0.leftOutCount } }

    func leaveOut() { state.withLock { $0.leftOutCount &+= 1 } }

    func advance(to time: PromptTime) {
        change { $0.time = max($0.time ?? time, time) }
    }

    func end() { change { $0.isEnded = true } }

    private func change(_ body: (inout State) -> Void) {
        let waiting = state.withLock { state in
            body(&state)
            defer { state.waiting = [:] }
            return state.waiting.values.map(\.self)
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Waits until it is not as it was any more, or for cancellation.
    func waitForChange(from old: (time: PromptTime?, isEnded: Bool)) async {
        let number = state.withLock { state in
            state.waiterCount &+= 1
            return state.waiterCount
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    guard state.time == old.time, state.isEnded == old.isEnded, !Task.isCancelled
                    else { return true }
                    state.waiting[number] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: number) }?.resume()
        }
    }
}
