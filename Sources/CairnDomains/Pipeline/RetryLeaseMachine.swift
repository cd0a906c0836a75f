public import CairnCore

/// Who may try a failed stage of a request again: one worker at a time, under a lease.
///
/// Decision "Attempts and retries (002)": the retry list of seed 002 has no lease, so that two
/// workers pick the same row. A lease that is taken over counts as an attempt, so that a request
/// which kills its worker does not go round for ever. A request's leases have a stream of their
/// own, beside the one of its rows. The transition table is `Specs/Machines/RetryLease.md`;
/// `RetryLeaseTableTests` keeps the two equal.
public struct RetryLeaseMachine: Machine {
    public static let streamKind = StreamKind("retry")

    /// The stages of a request that were handed out, by their names' bytes.
    public struct State: Hashable, Sendable {
        public internal(set) var leases: [RetryLeaseGrant] = []
        public internal(set) var eventCount: UInt64 = 0

        /// Who has a stage, or had it last.
        public subscript(stage: String) -> RetryLeaseGrant? {
            leases.first { $0.stage.hasSameBytes(as: stage) }
        }
    }

    public enum Command: Hashable, Sendable {
        case take(RetryLeaseWish)
    }

    public struct Event: Hashable, Sendable {
        public let grant: RetryLeaseGrant
        public let at: Timestamp
    }

    public enum Rejection: Error, Hashable, Sendable {
        /// Another worker has it, until an instant of the boot clock.
        case leased(worker: WorkerNumber, until: BootInstant)
        /// As many attempts as the policy allows were made or lost.
        case attemptsExhausted(attemptCountMax: Int64)
    }

    public init() {}

    /// The stream of a request's leases.
    public static func stream(request: String) throws(LimitError) -> StreamID {
        try StreamID(kind: streamKind, longKey: request)
    }

    public var initial: State { State() }

    public func decide(
        _ command: Command,
        in state: State,
        context: TurnContext
    ) throws(Rejection) -> [Event] {
        switch command {
        case .take(let wish): [Event(grant: try grant(wish, in: state), at: context.now)]
        }
    }

    private func grant(
        _ wish: RetryLeaseWish,
        in state: State
    ) throws(Rejection) -> RetryLeaseGrant {
        var takeoverCount: Int64 = 0
        if let known = state[wish.stage], known.failure == wish.failure {
            guard wish.isHolderGone(of: known) || known.leaseEnd.isOver(at: wish.now) else {
                throw .leased(worker: known.worker, until: known.leaseEnd)
            }
            takeoverCount = known.takeoverCount.saturatingSum(1)
        }
        // An imported attempt may be any number.
        let attempt = wish.failedAttempt.saturatingSum(1).saturatingSum(takeoverCount)
        guard attempt <= wish.attemptCountMax else {
            throw .attemptsExhausted(attemptCountMax: wish.attemptCountMax)
        }
        return RetryLeaseGrant(
            stage: wish.stage,
            failure: wish.failure,
            worker: wish.worker,
            leaseEnd: wish.leaseEnd,
            attempt: attempt,
            takeoverCount: takeoverCount,
            fence: SequenceNumber(rawValue: state.eventCount &+ 1)
        )
    }

    public func evolve(_ state: inout State, by event: Event) {
        state.eventCount &+= 1
        var grant = event.grant
        grant.fence = SequenceNumber(rawValue: state.eventCount)
        state.leases.removeAll { $0.stage.hasSameBytes(as: grant.stage) }
        state.leases.append(grant)
    }
}

/// A worker's wish to try a stage again.
public struct RetryLeaseWish: Hashable, Sendable {
    public var stage: String
    /// The position of the failure, or the plan, that is due.
    public var failure: Position
    /// The attempt that failed.
    public var failedAttempt: Int64
    public var attemptCountMax: Int64
    public var worker: WorkerNumber
    public var leaseEnd: BootInstant
    /// The instant of the wish, on the boot clock.
    public var now: BootInstant
    /// A worker whose lock was seen to be free.
    public var goneWorker: WorkerNumber?

    public init(
        stage: String,
        failure: Position,
        failedAttempt: Int64,
        attemptCountMax: Int64,
        worker: WorkerNumber,
        leaseEnd: BootInstant,
        now: BootInstant,
        goneWorker: WorkerNumber?
    ) {
        self.stage = stage
        self.failure = failure
        self.failedAttempt = failedAttempt
        self.attemptCountMax = attemptCountMax
        self.worker = worker
        self.leaseEnd = leaseEnd
        self.now = now
        self.goneWorker = goneWorker
    }

    func isHolderGone(of grant: RetryLeaseGrant) -> Bool { goneWorker == grant.worker }
}

/// The right to try a stage again.
public struct RetryLeaseGrant: Hashable, Sendable {
    public internal(set) var stage: String
    public internal(set) var failure: Position
    public internal(set) var worker: WorkerNumber
    public internal(set) var leaseEnd: BootInstant
    /// The attempt to make; leases that were lost count.
    public internal(set) var attempt: Int64
    public internal(set) var takeoverCount: Int64
    /// The sequence of the event that gave it: writes under an earlier one are refused.
    public internal(set) var fence: SequenceNumber
}

extension Int64 {
    /// The sum, or the end of the range that it would go beyond.
    fileprivate func saturatingSum(_ other: Int64) -> Int64 {
        let (sum, isOver) = addingReportingOverflow(other)
        guard isOver else { return sum }
        return other < 0 ? .min : .max
    }
}
