public import CairnCore

/// A job: the runs over its items, and what people decided about it as a whole.
///
/// What became of each item stands in the item's own stream; a job's stream says what holds for
/// all of them. The transition table is `Specs/Machines/Job.md`; `JobTableTests` keeps the two
/// equal.
public struct JobMachine: Machine {
    public static let streamKind = StreamKind("job")

    public init() {}

    /// The stream of a job.
    public static func stream(of job: String) throws(LimitError) -> StreamID {
        try StreamID(kind: streamKind, longKey: job)
    }

    public var initial: JobState { JobState() }

    public func decide(
        _ command: JobCommand,
        in state: JobState,
        context: TurnContext
    ) throws(JobRefusal) -> [JobEvent] {
        let fact: JobEvent.Fact?
        switch command {
        case .beginRun(let name, let worker):
            if let known = state.name, !known.hasSameBytes(as: name) { throw .nameCollision }
            if let stop = state.cancellation { throw .cancelled(stop) }
            fact = .runBegan(JobRun(number: state.runCount &+ 1, worker: worker, job: name))
        case .endRun(let number, let ending, let counts):
            guard state.openRuns.contains(where: { $0.number == number }) else {
                throw .noSuchRun(number)
            }
            fact = .runEnded(JobRunEnd(number: number, ending: ending, counts: counts))
        case .settleBlock(let block):
            try state.requireKnown()
            let known = state.blocks[block.number]?.digest
            fact = known == block.digest ? nil : .blockSettled(block)
        case .pause(let decision):
            try state.requireKnown()
            if let stop = state.cancellation { throw .cancelled(stop) }
            fact = state.pause == nil ? .paused(decision) : nil
        case .resume(let decision):
            try state.requireKnown()
            if let stop = state.cancellation { throw .cancelled(stop) }
            fact = state.pause == nil ? nil : .resumed(decision)
        case .cancel(let decision):
            try state.requireKnown()
            fact = state.cancellation == nil ? .cancelled(decision) : nil
        }
        return fact.map { [JobEvent($0, at: context.now)] } ?? []
    }

    public func evolve(_ state: inout JobState, by event: JobEvent) {
        switch event.fact {
        case .runBegan(let run):
            if run.number != state.runCount &+ 1 { state.anomalyCount &+= 1 }
            state.name = state.name ?? run.job
            state.openedAt = state.openedAt ?? event.at
            state.runCount = max(state.runCount, run.number)
            state.openRuns.append(run)
        case .runEnded(let end):
            guard state.openRuns.contains(where: { $0.number == end.number }) else {
                return state.anomalyCount &+= 1
            }
            state.openRuns.removeAll { $0.number == end.number }
            state.lastEnd = end
            state.lastEndedAt = event.at
        case .blockSettled(let block): state.blocks[block.number] = block
        case .itemReopened(let key): state.reopened.insert(key)
        case .paused(let decision): state.pause = decision
        case .resumed: state.pause = nil
        case .cancelled(let decision):
            // The first one holds; a second was decided by someone who did not see it.
            guard state.cancellation == nil else { return state.anomalyCount &+= 1 }
            state.cancellation = decision
        }
    }
}

/// What the events of a job amount to.
public struct JobState: Hashable, Sendable {
    public internal(set) var name: String?
    public internal(set) var openedAt: Timestamp?
    public internal(set) var runCount: UInt64 = 0
    /// Runs that have not said that they ended; their workers may be gone.
    public internal(set) var openRuns: [JobRun] = []
    public internal(set) var lastEnd: JobRunEnd?
    public internal(set) var lastEndedAt: Timestamp?
    public internal(set) var pause: JobDecision?
    public internal(set) var cancellation: JobDecision?
    /// Blocks of items whose outcomes are all known, by their number.
    public internal(set) var blocks: [Int64: JobBlock] = [:]
    /// Keys of items that failed after their block was settled.
    public internal(set) var reopened: Set<ItemKey> = []
    /// Facts that came where they should not have: kept, and otherwise without effect (law 6).
    public internal(set) var anomalyCount: UInt64 = 0

    public init() {}

    func requireKnown() throws(JobRefusal) {
        guard name != nil else { throw .unknown }
    }
}

/// Something that is asked of a job.
public enum JobCommand: Hashable, Sendable {
    case beginRun(job: String, WorkerNumber)
    case endRun(UInt64, JobEnding, JobCounts)
    case settleBlock(JobBlock)
    case pause(JobDecision)
    case resume(JobDecision)
    case cancel(JobDecision)
}

/// Why a command to a job is refused; nothing was recorded.
public enum JobRefusal: Error, Hashable, Sendable {
    case unknown
    case noSuchRun(UInt64)
    case cancelled(JobDecision)
    /// The name of another job has the same beginning and the same digest.
    case nameCollision
}

extension JobRefusal: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknown: "there is no such job"
        case .noSuchRun(let number): "run \(number) of the job is not open"
        case .cancelled(let decision):
            "the job was cancelled by \(decision.by): \(decision.reason)"
        case .nameCollision: "another job's name has the same beginning and digest"
        }
    }
}
