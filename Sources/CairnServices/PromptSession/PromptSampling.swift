public import CairnDomains
internal import CairnCore

/// How many events of one second of a prompt a viewer gets.
///
/// Which ones is not chance: of the events that are stored for a second, those whose uids have the
/// lowest hashes (64 bits of FNV-1a over the uid's bytes, mixed once more), and of two equal ones
/// the lower uid. So every viewer gets the same ones, at whatever pace.
public struct PromptSampling: Hashable, Sendable {
    /// Most events of a second; nil for all.
    public let eventCountMax: Int?

    /// All events.
    public static let all = PromptSampling(checked: nil)
    /// Most events that can be asked for, because as many are held in memory.
    public static let eventCountLimit = 10_000

    /// At most so many events of each second.
    ///
    /// - Parameter count: From 1 to ``eventCountLimit``; what is beyond is taken as the end of that.
    public init(eventCountMax count: Int) {
        self.init(checked: min(max(count, 1), Self.eventCountLimit))
    }

    private init(checked count: Int?) { eventCountMax = count }

    /// Chooses among all events of some seconds, as a viewer who sees all of them gets them.
    ///
    /// - Parameter events: The events, each second's with none left out.
    /// - Returns: Those that are chosen, in the order they were in.
    public func chosen(of events: [PromptEvent]) -> [PromptEvent] {
        guard let eventCountMax else { return events }
        let seconds = Dictionary(grouping: events) { PromptSecond.containing($0.promptTime) }
        var chosen: Set<PromptEventUID> = []
        for own in seconds.values {
            let ranked = own.map { (PromptSampleRank($0.uid), $0.uid) }.sorted { $0.0 < $1.0 }
            chosen.formUnion(ranked.prefix(eventCountMax).map(\.1))
        }
        return events.filter { chosen.contains($0.uid) }
    }

    /// The share of the events of a second that a viewer gets, by how many there are.
    public func rate(ofCount count: Int64) -> Double {
        guard let eventCountMax, count > Int64(eventCountMax) else { return 1 }
        return Double(eventCountMax) / Double(count)
    }
}

/// The place of an event among those that are chosen from.
struct PromptSampleRank: Hashable, Comparable, Sendable {
    private let hash: UInt64
    private let uid: PromptEventUID

    init(_ uid: PromptEventUID) {
        hash = uid.name.stableDigest
        self.uid = uid
    }

    static func < (left: PromptSampleRank, right: PromptSampleRank) -> Bool {
        left.hash == right.hash ? left.uid < right.uid : left.hash < right.hash
    }
}
