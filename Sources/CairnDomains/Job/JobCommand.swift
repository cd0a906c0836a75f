/// Something that is asked of a job.
public enum JobCommand: Hashable, Sendable {
    /// Begins a run; over how many items, where that is known.
    case beginRun(job: String, WorkerNumber, itemCount: Int64? = nil)
    /// Ends a run; over a sequence of how many items, where that is known.
    case endRun(UInt64, JobEnding, JobCounts, itemCount: Int64? = nil)
    /// Keeps a block, and what of it had been reopened.
    case settleBlock(JobBlock, JobReopenings = JobReopenings())
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
