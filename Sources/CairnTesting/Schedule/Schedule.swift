/// How the jobs of a concurrent property take turns.
///
/// What a task does between two of its `await`s is a job. Jobs run one at a time, and which one
/// comes next is drawn like everything else in a case: it is repeated by the case's token, and
/// made simpler with it. The simplest schedule is the order in which jobs became ready; a report
/// shows the fewest departures from it that fail.
public struct Schedule: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case any
        case delays(countMax: Int)
    }

    let kind: Kind
    /// How many jobs a case may have; one that has more fails.
    public var jobCountMax = 100_000
    /// How long a case in which no job is ready waits for one from elsewhere, such as a timer or
    /// an actor with an executor of its own; then it is a deadlock.
    ///
    /// Nothing from elsewhere is expected by default: what it does is in no one's hand, and a
    /// failure that depends on it cannot be repeated.
    public var patience = Duration.zero

    private init(kind: Kind) {
        self.kind = kind
    }

    /// Any order of the jobs that are ready.
    public static let any = Schedule(kind: .any)

    /// The order in which they became ready, but for a few that are held back until no other job
    /// is ready.
    ///
    /// Most races need one or two such delays, so looking at few finds them sooner than looking at
    /// any order where a case has many jobs.
    public static func delays(_ countMax: Int) -> Schedule {
        Schedule(kind: .delays(countMax: max(0, countMax)))
    }
}

/// What goes wrong with the jobs of a case, as opposed to what they do.
public enum ScheduleFailure: Error, Hashable, Sendable {
    /// The property has not ended, and no job is ready: everyone waits for someone else.
    case deadlock(jobCount: Int)
    /// The property has not ended after as many jobs as it may have.
    case endless(jobCountMax: Int)
}

extension ScheduleFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .deadlock(let count):
            "no job is ready after \(count), and the property has not ended; if it waits for "
                + "something outside its tasks, give its schedule patience"
        case .endless(let max): "the property has not ended after \(max) jobs"
        }
    }
}
