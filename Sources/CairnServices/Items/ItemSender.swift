internal import CairnCore
internal import CairnDomains
internal import CairnEngine
internal import CairnJournal
internal import Logging

/// What sends items and brings them out of doubt, one move at a time.
///
/// A move ends with the item's end as far as its policy goes, or with when to look again; who
/// waits, and how, is for the caller.
struct ItemSender: Sendable {
    typealias Send = @Sendable (Attempt) async throws -> SendOutcome
    typealias Failure = EngineError<ItemRefusal>

    let journal: any Journal
    let worker: Worker
    let clock: ServiceClock
    let policy: ItemPolicy
    /// Knows providers by all their names: their references are kept under one of them.
    let vocabulary: ProviderVocabulary
    let seed: @Sendable () -> UInt64
    let logger: Logger
    let metrics: ItemMetrics

    /// Where an item is after a move.
    enum Move: Sendable {
        /// The provider has it; whether by this move or before.
        case done(ItemAcceptance, isNew: Bool)
        case failed(reason: String)
        /// It failed and its policy tries again after a wait.
        case retry(reason: String, at: Timestamp, after: TimeSpan)
        /// It failed for now and the rule does not try again.
        case skipped(reason: String)
        case parked(ItemDoubt, since: Timestamp)
        case changed(stored: ContentDigest, given: ContentDigest)
        /// Another holder is at it, or a wait is not over: look again after a span.
        case waiting(KeyVerdict, after: TimeSpan)
    }

    /// When a failure that is known may be tried again.
    enum RetryRule: Hashable, Sendable {
        /// Whenever the caller asks.
        case atOnce
        /// At the instant that was written down with the failure, whichever worker wrote it; or
        /// once the caller has waited for that instant, whatever the wall clock did meanwhile.
        case whenDue(waitedFor: Timestamp?)

        func allows(_ verdict: KeyVerdict, of state: ItemState, at now: Timestamp) -> Bool {
            guard case .whenDue(let waitedFor) = self,
                case .failedRetryable(_, let retryAt) = verdict
            else { return true }
            guard let retryAt else {
                // What is gone on with waits for nothing; of a failure the caller's policy says
                // how long to wait, and that is written down first.
                return state.isReleased
            }
            return retryAt <= now || retryAt == waitedFor
        }
    }

    /// How long to wait before another holder's item is looked at again.
    static let lookInterval = TimeSpan.milliseconds(100)

    /// Makes one move on an item.
    ///
    /// - Parameters:
    ///   - request: What is to be done.
    ///   - stream: The item's stream.
    ///   - known: The item as it was seen last.
    ///   - retry: When a failure may be tried again.
    ///   - send: What does it.
    /// - Returns: Where the item is then.
    /// - Throws: `EngineError`.
    func move(
        _ request: ItemRequest,
        in stream: StreamID,
        known: Folded<ItemState>?,
        retry: RetryRule = .atOnce,
        _ send: @escaping Send
    ) async throws(Failure) -> Move {
        let fold = StreamFold(ItemMachine(), of: stream)
        var known = known
        while true {
            let verdict: KeyVerdict
            do throws(Failure) {
                guard let seen = known, let waits = waitingVerdict(of: seen.state, for: request)
                else {
                    return metrics.counted(
                        try await begin(request, in: stream, known: known, retry: retry, send)
                    )
                }
                verdict = waits
            } catch .refused(.verdict(let refusal)) {
                verdict = refusal
            } catch {
                throw error
            }
            let folded = try await fold.folded(in: journal, from: known)
            known = folded
            // What was seen of it may be over, and another holder be at it: only what is there now
            // is answered, under the fence that it has now.
            let now = folded.state.verdict(for: request.content)
            if now != verdict, waitingVerdict(of: folded.state, for: request) == nil { continue }
            switch try await answer(folded, for: request, in: stream, send) {
            case .ended(let move): return metrics.counted(move)
            case .lookAgain: continue
            }
        }
    }

    /// The verdict under which nothing may begin, as far as is known without asking the writer.
    private func waitingVerdict(of state: ItemState, for request: ItemRequest) -> KeyVerdict? {
        // Another key under the same name is the writer's to refuse.
        guard let known = state.request, known.key == request.key else { return nil }
        if case .released = state.current?.standing { return nil }
        let verdict = state.verdict(for: request.content)
        return policy.skip.allowsAttempt(after: verdict) ? nil : verdict
    }

    private func begin(
        _ request: ItemRequest,
        in stream: StreamID,
        known: Folded<ItemState>?,
        retry: RetryRule,
        _ send: @escaping Send
    ) async throws(Failure) -> Move {
        worker.mark(stream, .move)
        defer { worker.unmark(stream, .move) }
        let begin = ItemCommand.begin(request, try hold(), policy.skip)
        let begun: Folded<ItemState>
        do throws(Failure) {
            begun = try await turn(begin, stream, known, retry: retry)
        } catch .refused(.otherWay(let isStepwise)) {
            return .parked(otherWay(isStepwise, stream), since: clock.now())
        } catch {
            throw error
        }
        return try await perform(begun, in: stream, isRepeat: false, send)
    }

    /// What a verdict leads to.
    enum Answer {
        case ended(Move)
        /// Something was written that changed the verdict.
        case lookAgain
    }

    private func answer(
        _ folded: Folded<ItemState>,
        for request: ItemRequest,
        in stream: StreamID,
        _ send: @escaping Send
    ) async throws(Failure) -> Answer {
        let state = folded.state
        func decision(isHolderGone: Bool = false) -> ItemDecision {
            state.decision(
                for: request.content,
                under: policy.rule,
                isHolderGone: isHolderGone,
                at: clock.now()
            )
        }
        var next = decision()
        if case .wait(let holder, _) = next {
            if try await isSending(holder, stream) {
                return .ended(.waiting(state.verdict(), after: Self.lookInterval))
            }
            logger.notice(
                "the holder of an item is gone",
                metadata: ["stream": "\(stream)", "worker": "\(holder)"]
            )
            next = decision(isHolderGone: true)
        }
        switch next {
        case .begin, .wait: return .lookAgain
        case .done(let acceptance): return .ended(.done(acceptance, isNew: false))
        case .failed(let reason): return .ended(.failed(reason: reason))
        case .skip(let reason): return .ended(.skipped(reason: reason))
        case .retry(let reason, let retryAt):
            let next = try await retry(reason, at: retryAt, folded, in: stream)
            return next.map(Answer.ended) ?? .lookAgain
        case .giveUp(let reason):
            let next = try await retry(reason, at: nil, folded, in: stream)
            return next.map(Answer.ended) ?? .lookAgain
        case .conflict(let stored, let given):
            return .ended(.changed(stored: stored, given: given))
        case .noteLoss:
            return try await settleRace { () async throws(Failure) in
                _ = try await turn(.noteLoss, stream, folded, under: folded.fence)
            }
        case .otherWay(let isStepwise):
            return .ended(.parked(otherWay(isStepwise, stream), since: clock.now()))
        case .park(let doubt, let since): return .ended(.parked(doubt, since: since))
        case .goOn(let cause), .setAside(_, let cause):
            return try await goOn(cause, folded, in: stream, send)
        case .awaitReport(let doubt, let since, let until):
            return .ended(awaitReport(doubt, since: since, until: until, folded, in: stream))
        case .ask(let doubt, let since):
            return try await lookUp(doubt, since: since, folded, in: stream, send)
        }
    }

    /// Whether a holder may still be at an item.
    ///
    /// Of itself a worker knows more than that it lives: what came of a send may have failed to
    /// be written down, and then nobody is at it.
    func isSending(
        _ holder: WorkerNumber,
        _ stream: StreamID
    ) async throws(Failure) -> Bool {
        if holder == worker.number { return worker.isSending(stream) }
        do throws(JournalError) {
            return try await journal.isLifeLocked(holder.rawValue)
        } catch {
            throw .journal(error)
        }
    }

    /// Goes on with an attempt under a new fence, if nobody else has.
    func resume(
        _ cause: ItemBeginning.Cause,
        _ folded: Folded<ItemState>,
        in stream: StreamID,
        _ send: @escaping Send
    ) async throws(Failure) -> Answer {
        worker.mark(stream, .move)
        defer { worker.unmark(stream, .move) }
        let resumed: Folded<ItemState>
        do throws(Failure) {
            resumed = try await turn(
                .resume(try hold(), cause, policy.bounds),
                stream,
                folded,
                under: folded.fence
            )
        } catch .refused(.fenced), .refused(.notOpen), .refused(.verdict) {
            return .lookAgain
        } catch {
            throw error
        }
        if let why = resumed.state.setAside {
            logger.error(
                "an item is set aside",
                metadata: ["stream": "\(stream)", "why": "\(why)"]
            )
            return .lookAgain
        }
        let isRepeat = cause != .steps
        return .ended(try await perform(resumed, in: stream, isRepeat: isRepeat, send))
    }

    /// Leaves an item to the code that it was begun with, or to a person.
    func otherWay(_ isStepwise: Bool, _ stream: StreamID) -> ItemDoubt {
        let refusal = ItemRefusal.otherWay(isStepwise: isStepwise)
        logger.error(
            "an item is not to be gone on with in another way than it was begun",
            metadata: ["stream": "\(stream)", "refusal": "\(refusal)"]
        )
        return ItemDoubt(.step, detail: refusal.description)
    }

    /// Writes what another may have been faster with; then the item is looked at again.
    func settleRace(
        _ body: () async throws(Failure) -> Void
    ) async throws(Failure) -> Answer {
        do throws(Failure) {
            try await body()
        } catch .refused(.fenced), .refused(.notOpen), .refused(.notInDoubt) {
            return .lookAgain
        } catch {
            throw error
        }
        return .lookAgain
    }

    /// An acceptance under the one name that reports of its provider are looked up by.
    func named(_ acceptance: ItemAcceptance) -> ItemAcceptance {
        var acceptance = acceptance
        acceptance.provider = acceptance.provider.map(vocabulary.name(ofProvider:))
        return acceptance
    }

    private func hold() throws(Failure) -> ItemHold {
        guard worker.isHeld else { throw .refused(.workerLeft) }
        return ItemHold(worker: worker.number, leaseEnd: clock.boot().adding(policy.timeout))
    }

    func turn(
        _ command: ItemCommand,
        _ stream: StreamID,
        _ known: Folded<ItemState>?,
        under fence: UInt64 = 0,
        retry: RetryRule = .atOnce
    ) async throws(Failure) -> Folded<ItemState> {
        let turn = ItemTurn(
            stream: stream,
            command: command,
            known: known,
            seed: seed(),
            fence: fence,
            retry: retry,
            metrics: metrics
        )
        return try await turn.run(in: journal)
    }
}

extension Folded where State == ItemState {
    /// The fence of the attempt that counts.
    var fence: UInt64 { state.current?.fence.rawValue ?? 0 }
}
