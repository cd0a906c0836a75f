public import CairnCore
public import CairnDomains
internal import CairnJournal

/// How often one kind of event happened with one status, and how long it took.
public struct StatsRow: Sendable {
    /// `event_type`.
    public let eventType: String
    /// `status`.
    public let status: PipelineStatus
    /// `event_count`.
    public let eventCount: Int64
    /// `avg_duration_ms`; nil where no event has a duration.
    public let averageDurationMilliseconds: ExactMean?
    /// `max_duration_ms`; nil where no event has a duration.
    public let durationMillisecondsMax: Int64?
}

/// How long one kind of event takes when it succeeds.
public struct SlowestRow: Sendable {
    /// `stage`, as the rows have it.
    public let stage: String
    /// `event_type`.
    public let eventType: String
    /// `occurrences`.
    public let occurrences: Int64
    /// `avg_ms`.
    public let averageMilliseconds: ExactMean
    /// `max_ms`.
    public let millisecondsMax: Int64
    /// `p95_ms`: 95 percent took at most this long, interpolated as `PERCENTILE_CONT` does.
    public let percentile95Milliseconds: Double
}

extension PipelineView {
    /// The distribution of event types: the third query of seed 002.
    ///
    /// Most frequent first, then by `event_type` and `status` in the C collation.
    ///
    /// - Parameters:
    ///   - tenant: Whose events; nil for all.
    ///   - since: The first `created_at` that counts; the seed's is 24 hours before now.
    /// - Returns: A row for each event type and status.
    /// - Throws: ``IncidentError``.
    /// - Complexity: One pass over the journal; memory for the groups only.
    public func stats(
        tenant: String? = nil,
        since: Timestamp
    ) async throws(IncidentError) -> [StatsRow] {
        struct Group: Hashable {
            let eventType: UInt32
            let status: UInt32
        }
        var vocabulary = StepVocabulary()
        var totals: [Group: DurationTotals] = [:]
        try await scan(tenant: tenant, upTo: try await bound()) { scanned, frame in
            guard scanned.step.createdAt >= since else { return .proceed }
            let words = vocabulary.words(of: scanned, in: frame)
            let group = Group(eventType: words.eventType, status: words.status)
            totals[group, default: DurationTotals()]
                .add(scanned.step.durationMilliseconds)
            return .proceed
        }
        let rows = totals.map { group, totals in
            StatsRow(
                eventType: vocabulary.text(group.eventType),
                status: PipelineStatus(vocabulary.text(group.status)),
                eventCount: totals.eventCount,
                averageDurationMilliseconds: totals.mean.count > 0 ? totals.mean : nil,
                durationMillisecondsMax: totals.max
            )
        }
        return rows.sorted { left, right in
            if left.eventCount != right.eventCount { return left.eventCount > right.eventCount }
            if !left.eventType.hasSameBytes(as: right.eventType) {
                return left.eventType.hasBytes(before: right.eventType)
            }
            return left.status.word.hasBytes(before: right.status.word)
        }
    }

    /// The slowest stages: the fourth query of seed 002.
    ///
    /// Counts completed events that have a duration. Highest mean first, as PostgreSQL rounds it,
    /// then by `stage` and `event_type` in the C collation.
    ///
    /// - Parameters:
    ///   - tenant: Whose events; nil for all.
    ///   - since: The first `created_at` that counts; the seed's is 7 days before now.
    ///   - limit: Most rows; the seed's is 20.
    /// - Returns: A row for each stage and event type.
    /// - Throws: ``IncidentError``.
    /// - Complexity: One pass over the journal; 8 bytes of memory for each event counted.
    public func slowest(
        tenant: String? = nil,
        since: Timestamp,
        limit: Int = 20
    ) async throws(IncidentError) -> [SlowestRow] {
        struct Group: Hashable {
            let stage: UInt32
            let eventType: UInt32
        }
        var vocabulary = StepVocabulary()
        var durations: [Group: [Int64]] = [:]
        try await scan(tenant: tenant, upTo: try await bound()) { scanned, frame in
            guard scanned.step.status == .completed, scanned.step.createdAt >= since,
                let duration = scanned.step.durationMilliseconds
            else { return .proceed }
            let words = vocabulary.words(of: scanned, in: frame)
            let group = Group(stage: words.stage, eventType: words.eventType)
            durations[group, default: []].append(duration)
            return .proceed
        }
        let rows = durations.compactMap { group, values -> (mean: JSONNumber, row: SlowestRow)? in
            var totals = DurationTotals()
            for value in values { totals.add(value) }
            guard let max = totals.max, let mean = totals.mean.postgresValue,
                let percentile = RankSelection.continuousPercentile(0.95, of: values)
            else { return nil }
            let row = SlowestRow(
                stage: vocabulary.text(group.stage),
                eventType: vocabulary.text(group.eventType),
                occurrences: totals.eventCount,
                averageMilliseconds: totals.mean,
                millisecondsMax: max,
                percentile95Milliseconds: percentile
            )
            return (mean, row)
        }
        let sorted = rows.sorted { left, right in
            if left.mean != right.mean { return left.mean > right.mean }
            let (left, right) = (left.row, right.row)
            if !left.stage.hasSameBytes(as: right.stage) {
                return left.stage.hasBytes(before: right.stage)
            }
            return left.eventType.hasBytes(before: right.eventType)
        }
        return sorted.prefix(max(limit, 0)).map(\.row)
    }
}

/// `COUNT(*)`, `AVG` and `MAX` of a column; the last two pass over rows without a value.
struct DurationTotals {
    private(set) var eventCount: Int64 = 0
    private(set) var mean = ExactMean()
    private(set) var max: Int64?

    mutating func add(_ value: Int64?) {
        eventCount += 1
        guard let value else { return }
        mean.add(value)
        max = Swift.max(max ?? value, value)
    }
}
