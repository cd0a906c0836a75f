public import CairnDomains

/// What a run of a job came to.
public struct JobReport: Hashable, Sendable {
    public var job: String
    public var run: UInt64
    public var ending: JobEnding
    public var counts: JobCounts
    /// Keys of items in doubt that are parked, with why; at most ``listCountMax``.
    public var parked: [String: String] = [:]
    /// Keys of items that failed for good, with why; at most ``listCountMax``.
    public var failed: [String: String] = [:]
    /// Keys under which nothing had ever begun, in a run that is not the job's first; at most
    /// ``listCountMax``.
    public var new: [String] = []
    /// Keys whose content is another than before; at most ``listCountMax``.
    public var changed: [String] = []
    /// Keys that earlier runs knew and this one was not offered; at most ``listCountMax``.
    public var missing: [String] = []

    /// Most keys in each list; the counts have all.
    public static let listCountMax = 1_000
}

/// How far a run is, for whoever watches it.
public struct JobProgress: Hashable, Sendable {
    public var job: String
    public var run: UInt64
    /// What became of the items so far; those that have not come to an end are left.
    public var counts: JobCounts
    /// How many items the sequence has, where that is known.
    public var itemCount: Int64?
    /// Sends on their way.
    public var runningCount: Int
    /// Items that wait for a retry or for another holder.
    public var waitingCount: Int
    public var isPaused: Bool
    /// How the run ended; nil while it goes on.
    public var ending: JobEnding?
}

extension JobCounts {
    /// The items that have not come to an end.
    var rest: Int64 { offered - sent - done - failed - parked - changed }
}
