public import CairnCore
public import CairnDomains
internal import CairnEngine
public import CairnJournal
internal import Synchronization

/// Hands out the due retries of seed 002, each to exactly one worker, under a lease.
///
/// It keeps some numbers of each stage of each request in memory, because rows may come in any
/// order, and reads only what was appended since it last looked: the first call reads the whole
/// journal.
public final class RetryWorker: Sendable {
    private let journal: any Journal
    private let worker: Worker
    private let definition: PipelineDefinition
    private let tracker: PipelineTracker
    private let clock: ServiceClock
    private let fold: Mutex<RetryFold>

    /// Makes a worker for one pipeline.
    public init(
        journal: any Journal,
        worker: Worker,
        definition: PipelineDefinition = .priorAuthorization,
        clock: ServiceClock = .system
    ) {
        self.journal = journal
        self.worker = worker
        self.clock = clock
        self.definition = definition
        tracker = PipelineTracker(journal: journal, definition: definition)
        fold = Mutex(RetryFold(definition))
    }

    /// Takes leases on retries that are due, the first due first.
    ///
    /// What another worker has is left out until its lease is over or its process is gone; what
    /// was lost as often as the stage's policy allows attempts is left out for good.
    ///
    /// - Parameters:
    ///   - tenant: Whose; nil for all.
    ///   - limit: Most leases.
    ///   - lease: How long each is held, on the boot clock.
    /// - Returns: What this worker may now try.
    /// - Throws: ``PipelineTrackerError``.
    /// - Complexity: What was appended since the last call, a look at every stage that was ever
    ///   seen, a read for each due retry that is not to be had, and one commit for all leases that
    ///   are given.
    public func nextDue(
        tenant: String? = nil,
        limit: Int = 100,
        lease: TimeSpan = .seconds(300)
    ) async throws(PipelineTrackerError) -> [RetryLease] {
        guard worker.isHeld else { throw .workerLeft }
        try await catchUp()
        let now = clock.now()
        var due = fold.withLock { $0.due(at: now) }.sorted {
            ($0.nextRetryAt, $0.position) < ($1.nextRetryAt, $1.position)
        }[...]
        var granted: [RetryLease] = []
        while granted.count < limit {
            do throws(PipelineTrackerError) {
                var wishes: [RetryWish] = []
                while wishes.count < limit - granted.count, let next = due.popFirst() {
                    let wish = try await wish(next, tenant: tenant, lease: lease)
                    if let wish { wishes.append(wish) }
                }
                guard !wishes.isEmpty else { break }
                // Others may have been faster with some; then the next ones are due.
                granted += try await grant(wishes)
            } catch {
                // Leases that were given are told of; the next call meets the error again.
                guard granted.isEmpty else { break }
                throw error
            }
        }
        return granted
    }

    /// Takes all the leases that are still to be had, in one turn.
    private func grant(
        _ wishes: [RetryWish]
    ) async throws(PipelineTrackerError) -> [RetryLease] {
        do throws(EngineError<Never>) {
            return try await journal.engineTurn { scope throws(EngineError<Never>) in
                var granted: [RetryLease] = []
                for wish in wishes {
                    if let lease = try wish.grant(in: scope) { granted.append(lease) }
                }
                return granted
            }
        } catch {
            throw PipelineTrackerError(error)
        }
    }

    /// Records a report about a stage under a lease: what a worker that lost it reports is refused.
    ///
    /// - Throws: ``PipelineTrackerError``, above all
    ///   ``PipelineTrackerError/leaseLost(stage:)`` where another worker has the lease.
    @discardableResult
    public func record(
        _ command: PipelineCommand,
        under lease: RetryLease
    ) async throws(PipelineTrackerError) -> PipelineRecording {
        try await tracker.record(command, of: lease.request, under: lease)
    }

    private func catchUp() async throws(PipelineTrackerError) {
        var failure: PipelineTrackerError?
        let next = fold.withLock { $0.next }
        do throws(JournalError) {
            try await journal.forEachEvent(from: next) { header, frame in
                do throws(PipelineCodecError) {
                    try fold.withLock { fold throws(PipelineCodecError) in
                        try fold.take(header, frame: frame)
                    }
                    return .proceed
                } catch {
                    failure = .unreadable(position: header.position, error: error)
                    return .stop
                }
            }
        } catch {
            throw .journal(error)
        }
        if let failure { throw failure }
        try await lookUpSuspects()
    }

    /// Throws where a request has an event that nobody may pass over; each call says so again.
    private func lookUpSuspects() async throws(PipelineTrackerError) {
        for suspect in fold.withLock({ $0.allSuspects() }) {
            let stream: StreamID
            do throws(JournalError) {
                stream = try await journal.streamID(of: suspect.stream)
            } catch {
                throw .journal(error)
            }
            if let error = suspect.error(in: stream) {
                throw .unreadable(position: suspect.position, error: error)
            }
            fold.withLock { $0.clear(suspect) }
        }
    }

    /// Looks at a retry that is due: whose it is, whether another worker has it, and whether an
    /// attempt is left.
    private func wish(
        _ due: DueTry,
        tenant: String?,
        lease: TimeSpan
    ) async throws(PipelineTrackerError) -> RetryWish? {
        guard let (row, number) = try await row(at: due.position) else { return nil }
        if let tenant, !row.tenant.hasSameBytes(as: tenant) { return nil }
        let stage = definition.stageName(of: row.stage)
        let stream: StreamID
        let leases: StreamFold<RetryLeaseMachine>
        do throws(JournalError) {
            stream = try await journal.streamID(of: number)
            let leaseStream = try limited { () throws(LimitError) in
                try RetryLeaseMachine.stream(request: stream.key)
            }
            leases = StreamFold(RetryLeaseMachine(), of: leaseStream)
        } catch {
            throw .journal(error)
        }
        let known: RetryLeaseMachine.State
        do throws(EngineError<RetryLeaseMachine.Rejection>) {
            known = try await leases.folded(in: journal).state
        } catch {
            guard let error = error.unrefused else { return nil }
            throw PipelineTrackerError(error)
        }
        let now = clock.boot()
        let wish = RetryLeaseWish(
            stage: stage,
            failure: due.position,
            failedAttempt: row.attempt,
            attemptCountMax: definition.retryPolicy(ofStage: stage).attemptCountMax,
            worker: worker.number,
            leaseEnd: now.adding(lease),
            now: now,
            goneWorker: nil
        )
        guard let wish = try await allowed(wish, in: known) else { return nil }
        // Another call may have read on meanwhile: what is given is due as of the last event that
        // the turn compares.
        let seen = fold.withLock { $0.lastSequence(of: number, where: due, at: clock.now()) }
        guard let seen else { return nil }
        return RetryWish(
            leases: leases,
            stream: stream,
            seen: seen,
            row: row,
            nextRetryAt: due.nextRetryAt,
            wish: wish
        )
    }

    /// The wish as it has a chance; nil for one that would be refused, so that what is refused
    /// for ever takes no place among those that are asked for.
    private func allowed(
        _ wish: RetryLeaseWish,
        in known: RetryLeaseMachine.State
    ) async throws(PipelineTrackerError) -> RetryLeaseWish? {
        var wish = wish
        while true {
            do throws(RetryLeaseMachine.Rejection) {
                let context = TurnContext(now: clock.now())
                _ = try RetryLeaseMachine().decide(.take(wish), in: known, context: context)
                return wish
            } catch {
                switch error {
                case .attemptsExhausted: return nil
                case .leased(let holder, _):
                    guard wish.goneWorker != holder, try await isGone(holder) else { return nil }
                    wish.goneWorker = holder
                }
            }
        }
    }

    private func isGone(_ worker: WorkerNumber) async throws(PipelineTrackerError) -> Bool {
        do throws(JournalError) {
            return try await !journal.isLifeLocked(worker.rawValue)
        } catch {
            throw .journal(error)
        }
    }

    private func row(
        at position: Position
    ) async throws(PipelineTrackerError) -> (PipelineEvent, StreamNumber)? {
        var found: (PipelineEvent, StreamNumber)?
        var failure: PipelineTrackerError?
        do throws(JournalError) {
            _ = try await journal.page(
                from: position,
                .forwards,
                upTo: position,
                limit: PageLimit(eventCountMax: 1)
            ) { header, frame in
                do throws(PipelineCodecError) {
                    found = (try PipelineEvent(header, frame: frame), header.streamNumber)
                } catch {
                    failure = .unreadable(position: position, error: error)
                }
                return .stop
            }
        } catch {
            throw .journal(error)
        }
        if let failure { throw failure }
        return found
    }
}
