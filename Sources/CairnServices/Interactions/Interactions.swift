public import CairnCore
public import CairnDomains
public import CairnEngine
public import CairnJournal
public import CoreMetrics
public import Logging

/// What is said to customers, and what became of it (seed 001).
///
/// Every send has its intent on disk before it begins and its outcome after; a key makes that it
/// happens once, across crashes and processes. The reports of providers may come in any order, any
/// number of times, and before the send's own answer.
public struct Interactions: Sendable {
    let journal: any Journal
    let worker: Worker
    let vocabulary: ProviderVocabulary
    let clock: ServiceClock
    let seed: @Sendable () -> UInt64
    let logger: Logger
    let metrics: ItemMetrics
    let keyTable: KeyTable

    /// Opens the interactions of a journal.
    ///
    /// - Parameters:
    ///   - journal: Where they stand.
    ///   - worker: Who sends; each process has its own.
    ///   - vocabulary: What the words of providers mean.
    ///   - clock: All the time it knows of.
    ///   - seed: Where chance comes from: uuids, and the jitter of retries.
    ///   - logger: Where it tells what people should know.
    ///   - metrics: Where it counts: `cairn_sends`, `cairn_items_in_doubt` once for each doubt that
    ///     is written down, and `cairn_key_verdicts` once for each end of a dispatch.
    public init(
        journal: any Journal,
        worker: Worker,
        vocabulary: ProviderVocabulary = .builtIn,
        clock: ServiceClock = .system,
        seed: @escaping @Sendable () -> UInt64 = { UInt64.random(in: 0 ... .max) },
        logger: Logger = Logger(label: "cairn.interactions"),
        metrics: any MetricsFactory = MetricsSystem.factory
    ) {
        self.journal = journal
        self.worker = worker
        self.vocabulary = vocabulary
        self.clock = clock
        self.seed = seed
        self.logger = logger
        self.metrics = ItemMetrics(factory: metrics)
        keyTable = KeyTable(journal)
    }

    /// Sends something to a customer once, and records what became of it.
    ///
    /// Two commits: one for the intent, before the closure runs, and one for the outcome. Skips
    /// where the key is done or failed for good; waits while another holder is at it, as long as
    /// `waitMax`; leaves a doubt to the policy.
    ///
    /// - Parameters:
    ///   - customer: `customer_id`.
    ///   - channel: `channel`.
    ///   - template: The template's key.
    ///   - payload: JSON text, kept byte for byte. With customer, channel and template it is the
    ///     content that the key stands for.
    ///   - key: `idempotency_key`; without one nothing is ever skipped.
    ///   - policy: Retries are the caller's, by calling again; the rest as it says.
    ///   - waitMax: How long to wait for another holder, or for a doubt's resolution.
    ///   - send: What sends it; gets the attempt, with the key to give to the provider.
    /// - Returns: What became of it.
    /// - Throws: ``InteractionError``: above all a conflict, where the key stands for other
    ///   content.
    public func dispatch(
        customer: String,
        channel: Channel,
        template: String,
        payload: String? = nil,
        key: String? = nil,
        policy: ItemPolicy = .standard,
        waitMax: TimeSpan = .seconds(30),
        _ send: @escaping @Sendable (Attempt) async throws -> SendOutcome
    ) async throws(InteractionError) -> DispatchResult {
        let message = InteractionMessage(
            uuid: newUUID(),
            customer: customer,
            channel: channel,
            template: template,
            payload: payload.map { Array($0.utf8) }
        )
        let request = try request(for: message, key: key, worksInSteps: policy.worksInSteps)
        let stream = try request.stream()
        let sender = sender(policy)
        let start = clock.boot()
        var known: Folded<ItemState>?
        while true {
            let move: ItemSender.Move
            do throws(EngineError<ItemRefusal>) {
                move = try await sender.move(request, in: stream, known: known, send)
            } catch {
                throw .item(error)
            }
            if case .waiting(let verdict, let wait) = move {
                let rest = start.adding(waitMax).since(clock.boot())
                let pause = max(wait, .milliseconds(1))
                do { try await clock.sleep(min(pause, rest)) } catch {
                    metrics.count(verdict)
                    return .waiting(verdict)
                }
                // It is not to be sent once the caller has its answer.
                if pause > rest { return try await lastLook(at: stream) }
                known = nil
                continue
            }
            return try DispatchResult(move)
        }
    }

    /// What an item that was waited for has come to; nothing is begun.
    private func lastLook(at stream: StreamID) async throws(InteractionError) -> DispatchResult {
        do throws(EngineError<ItemRefusal>) {
            let fold = StreamFold(ItemMachine(), of: stream)
            let state = try await fold.folded(in: journal).state
            let verdict = state.verdict()
            metrics.count(verdict)
            // What was given back between two steps has not failed: some of them have happened.
            if state.isReleased { return .waiting(verdict) }
            return switch verdict {
            case .done(let acceptance): .skipped(acceptance)
            case .failedRetryable(let reason, let retryAt):
                .failed(reason: reason, retryAt: retryAt)
            case .failedFinal(let reason): .failed(reason: reason, retryAt: nil)
            case .fresh, .inFlight, .inDoubt, .conflict: .waiting(verdict)
            }
        } catch {
            throw .item(error)
        }
    }

    /// Records a conversation by hand: an interaction on the PHONE channel.
    ///
    /// - Returns: Its `interaction_uuid`.
    /// - Throws: ``InteractionError``.
    @discardableResult
    public func addNote(
        customer: String,
        content: String
    ) async throws(InteractionError) -> String {
        let message = InteractionMessage(
            uuid: newUUID(),
            customer: customer,
            channel: .phone,
            body: content
        )
        do throws(EngineError<ItemRefusal>) {
            let stream = try journaled { () throws(JournalError) in
                try limited { () throws(LimitError) in try message.stream }
            }
            let turn = ItemTurn(stream: stream, command: .note(message))
            _ = try await turn.run(in: journal)
        } catch {
            throw .item(error)
        }
        return message.uuid
    }

    func sender(_ policy: ItemPolicy) -> ItemSender {
        ItemSender(
            journal: journal,
            worker: worker,
            clock: clock,
            policy: policy,
            vocabulary: vocabulary,
            seed: seed,
            logger: logger,
            metrics: metrics
        )
    }

    private func request(
        for message: InteractionMessage,
        key: String?,
        worksInSteps: Bool
    ) throws(InteractionError) -> ItemRequest {
        do throws(ItemKeyError) {
            return ItemRequest(
                key: try key.map { name throws(ItemKeyError) in try ItemKey(name) },
                content: message.content,
                worksInSteps: worksInSteps,
                message: message
            )
        } catch {
            throw .key(error)
        }
    }

    private func newUUID() -> String {
        InteractionUUID.name(at: clock.now(), seed(), seed())
    }
}

/// What became of a dispatch.
public enum DispatchResult: Hashable, Sendable {
    /// The provider took it now.
    case sent(ItemAcceptance)
    /// The key was done before; nothing was sent.
    case skipped(ItemAcceptance)
    /// It is known that nothing was sent; `retryAt` is when the policy would try again.
    case failed(reason: String, retryAt: Timestamp?)
    /// Nobody knows whether it was sent, and the policy goes no further.
    case inDoubt(ItemDoubt, since: Timestamp)
    /// Another holder is at it, or a doubt is not resolved, for longer than the caller waits.
    case waiting(KeyVerdict)

    init(_ move: ItemSender.Move) throws(InteractionError) {
        switch move {
        case .done(let acceptance, let isNew):
            self = isNew ? .sent(acceptance) : .skipped(acceptance)
        case .failed(let reason), .skipped(let reason): self = .failed(reason: reason, retryAt: nil)
        case .retry(let reason, let at, _): self = .failed(reason: reason, retryAt: at)
        case .parked(let doubt, let since): self = .inDoubt(doubt, since: since)
        case .changed(let stored, let given): throw .conflict(stored: stored, given: given)
        case .waiting(let verdict, _): self = .waiting(verdict)
        }
    }
}

/// Why something about interactions was not done.
public enum InteractionError: Error, Hashable, Sendable {
    /// The text cannot be an idempotency key.
    case key(ItemKeyError)
    /// The key stands for other content; nothing was sent.
    case conflict(stored: ContentDigest, given: ContentDigest)
    /// The item's rules or the journal refuse it, or the journal cannot be read.
    case item(EngineError<ItemRefusal>)
}

extension InteractionError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .key(let error): error.description
        case .conflict(let stored, let given):
            "the key stands for other content: stored digest \(stored), given \(given)"
        case .item(let error): error.description
        }
    }
}
