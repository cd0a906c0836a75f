public import CairnCore
public import CairnDomains

/// What to ask about a resume.
public struct ResumeQuery: Sendable {
    /// How the run would treat items.
    public var rule: ItemRule
    /// Whether all holders count as gone, as after a crash; as of a moment they always do,
    /// because no lock tells of then.
    public var isCrashed: Bool
    /// Only items about which a resume would do this; nil for all but those that are skipped.
    public var kind: ResumeKind?
    /// Only items whose verdict has this word.
    public var verdict: String?
    /// Most rows.
    public var limit: Int
    /// What the items' keys would stand for; nil to compare nothing.
    public var content: (@Sendable (ItemKey) -> ContentDigest?)?

    public init(
        rule: ItemRule = .standard,
        isCrashed: Bool = false,
        kind: ResumeKind? = nil,
        verdict: String? = nil,
        limit: Int = 100,
        content: (@Sendable (ItemKey) -> ContentDigest?)? = nil
    ) {
        self.rule = rule
        self.isCrashed = isCrashed
        self.kind = kind
        self.verdict = verdict
        self.limit = limit
        self.content = content
    }

    func lists(_ kind: ResumeKind, _ verdict: KeyVerdict) -> Bool {
        if let word = self.verdict, !verdict.word.hasSameBytes(as: word) { return false }
        if let wanted = self.kind { return kind == wanted }
        return kind != .skip || self.verdict != nil
    }
}

/// What a resume of a job would do about its items.
public struct ResumePlan: Hashable, Sendable {
    public let job: JobRow
    public let counts: ResumeCounts
    /// Items that were asked for, the one that began last first.
    public let rows: [ResumeRow]

    /// Why a run would begin nothing, although it has something to send; nil where it would.
    public var obstacle: String? {
        if let stop = job.cancellation { return "cancelled by \(stop.by): \(stop.reason)" }
        if let pause = job.pause { return "paused by \(pause.by): \(pause.reason)" }
        return nil
    }
}

/// Items of a job by what a resume would do about them.
public struct ResumeCounts: Hashable, Sendable {
    /// Items of the latest run whose number was known that nothing was ever begun for, and which
    /// are sent, too; nil where no run knew how many it had.
    ///
    /// Items that another job or a dispatch began are among them until a run has settled them.
    public internal(set) var new: Int64?
    public internal(set) var send: Int64 = 0
    public internal(set) var skip: Int64 = 0
    public internal(set) var wait: Int64 = 0
    public internal(set) var park: Int64 = 0
    public internal(set) var conflict: Int64 = 0

    /// Items that the job began.
    public var known: Int64 { send + skip + wait + park + conflict }

    mutating func add(_ kind: ResumeKind, _ count: Int64) {
        switch kind {
        case .send: send += count
        case .skip: skip += count
        case .wait: wait += count
        case .park: park += count
        case .conflict: conflict += count
        }
    }
}

/// What a resume would have done after a crash at each position of a job's past.
public struct ResumePast: Hashable, Sendable {
    public let job: JobRow
    /// Positions at which something of the job was recorded.
    public let pointCount: Int64
    /// Stretches of the past in which a resume would have done the same; as many as were asked
    /// for, from the job's first event on.
    public let stretches: [ResumeStretch]
    public let stretchCount: Int64
    /// The first stretch in which most items would have been parked; nil where none would.
    public let worst: ResumeStretch?
    /// Where a law would have been broken, as many as were asked for.
    public let breaches: [ResumeBreach]
    public let breachCount: Int64
}

/// Positions after which a crash leads to the same decisions.
public struct ResumeStretch: Hashable, Sendable {
    /// The event that made the difference.
    public let first: Position
    /// The last position before the next one did.
    public internal(set) var last: Position
    public let recordedAt: Timestamp
    public let type: String
    public let counts: ResumeCounts
}

/// A position after which a resume would break law 5 or lose an item, or at which the recorded
/// past itself did.
public struct ResumeBreach: Hashable, Sendable {
    public let position: Position
    /// The item's key.
    public let key: String
    /// What is wrong, in words.
    public let objection: String
}
