public import CairnCore
public import CairnDomains
internal import CairnJournal

/// Which hours of which requests' events to sum up.
public struct SummaryQuery: Hashable, Sendable {
    /// Whose events; nil for all.
    public var tenant: String?
    /// Of which stage, as the rows have it; nil for all.
    public var stage: String?
    /// The hour that this instant is in is the first; nil for all.
    public var since: Timestamp?
    /// Hours that begin at this instant or later are not wanted; nil for all.
    public var until: Timestamp?

    public init(
        tenant: String? = nil,
        stage: String? = nil,
        since: Timestamp? = nil,
        until: Timestamp? = nil
    ) {
        self.tenant = tenant
        self.stage = stage
        self.since = since
        self.until = until
    }

    /// The first hour; nil for all.
    package var firstHour: SummaryHour? { since.map(SummaryHour.init(containing:)) }

    /// Whether an hour is early enough.
    package func ends(before hour: SummaryHour) -> Bool {
        until.map { hour.start >= $0 } ?? false
    }

    package func matches(_ group: SummaryGroup) -> Bool {
        (tenant.map(group.tenant.hasSameBytes) ?? true)
            && (stage.map(group.stage.hasSameBytes) ?? true)
    }
}

/// What happened in one hour to a tenant's events of one stage, type and status: a row of what
/// the source calls `event_tracker_summary`.
public struct SummaryRow: Equatable, Sendable {
    /// The beginning of the hour, in UTC; events are counted by `created_at`.
    public let hour: Timestamp
    /// `tenant`.
    public let tenant: String
    /// `stage`, as the rows have it.
    public let stage: String
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
    /// How many bytes of metadata the events hold.
    public let metadataByteCount: Int64

    package init(_ hour: SummaryHour, _ group: SummaryGroup, _ totals: SummaryTotals) {
        self.hour = hour.start
        tenant = group.tenant
        stage = group.stage
        eventType = group.eventType
        status = PipelineStatus(group.status)
        eventCount = totals.eventCount
        averageDurationMilliseconds =
            totals.durationCount > 0
            ? ExactMean(sum: totals.durationSum, count: totals.durationCount) : nil
        durationMillisecondsMax = totals.durationCount > 0 ? totals.durationMax : nil
        metadataByteCount = totals.metadataByteCount
    }

    /// The oldest hour first, then by words in the C collation.
    package static func sorted(_ rows: [SummaryRow]) -> [SummaryRow] {
        rows.sorted { left, right in
            if left.hour != right.hour { return left.hour < right.hour }
            for (left, right) in zip(left.words, right.words) where !left.hasSameBytes(as: right) {
                return left.hasBytes(before: right)
            }
            return false
        }
    }

    private var words: [String] { [tenant, stage, eventType, status.word] }
}

/// An hour of UTC, counted from 1970.
package struct SummaryHour: Hashable, Comparable, Sendable {
    private static let nanoseconds: Int64 = 3_600_000_000_000

    package let number: Int64

    package init(number: Int64) { self.number = number }

    package init(containing instant: Timestamp) {
        let (hour, rest) = instant.nanoseconds.quotientAndRemainder(dividingBy: Self.nanoseconds)
        number = rest < 0 ? hour - 1 : hour
    }

    /// Its beginning; the earliest instant there is where that is earlier.
    package var start: Timestamp {
        let (start, overflow) = number.multipliedReportingOverflow(by: Self.nanoseconds)
        return Timestamp(nanoseconds: overflow ? (number < 0 ? .min : .max) : start)
    }

    package static func < (left: SummaryHour, right: SummaryHour) -> Bool {
        left.number < right.number
    }
}

/// The words by which events are counted together.
package struct SummaryGroup: Hashable, Sendable {
    package let tenant: String
    package let stage: String
    package let eventType: String
    package let status: String

    package init(tenant: String, stage: String, eventType: String, status: String) {
        self.tenant = tenant
        self.stage = stage
        self.eventType = eventType
        self.status = status
    }

    package init(_ step: PipelineStep, in payload: RawSpan) {
        tenant = step.tenant.text(in: payload)
        stage = step.stage.text(in: payload)
        eventType = step.eventType.text(in: payload)
        status = PipelineStatus(step, in: payload).word
    }

    package static func == (left: SummaryGroup, right: SummaryGroup) -> Bool {
        left.tenant.hasSameBytes(as: right.tenant) && left.stage.hasSameBytes(as: right.stage)
            && left.eventType.hasSameBytes(as: right.eventType)
            && left.status.hasSameBytes(as: right.status)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(bytesOf: tenant)
        hasher.combine(bytesOf: stage)
        hasher.combine(bytesOf: eventType)
        hasher.combine(bytesOf: status)
    }
}

/// Sums of some events; as many as there can be positions fit.
package struct SummaryTotals: Hashable, Sendable {
    package private(set) var eventCount: Int64 = 0
    package private(set) var durationCount: Int64 = 0
    package private(set) var durationSum: Int128 = 0
    package private(set) var durationMax: Int64 = .min
    package private(set) var metadataByteCount: Int64 = 0

    package init() {}

    package init(
        eventCount: Int64,
        durationCount: Int64,
        durationSum: Int128,
        durationMax: Int64,
        metadataByteCount: Int64
    ) {
        self.eventCount = eventCount
        self.durationCount = durationCount
        self.durationSum = durationSum
        self.durationMax = durationMax
        self.metadataByteCount = metadataByteCount
    }

    package mutating func add(
        durationMilliseconds: Int64?,
        metadataByteCount count: Int
    ) {
        eventCount &+= 1
        metadataByteCount &+= Int64(count)
        guard let durationMilliseconds else { return }
        durationCount &+= 1
        durationSum &+= Int128(durationMilliseconds)
        durationMax = max(durationMax, durationMilliseconds)
    }

    package mutating func add(_ other: SummaryTotals) {
        eventCount &+= other.eventCount
        durationCount &+= other.durationCount
        durationSum &+= other.durationSum
        durationMax = max(durationMax, other.durationMax)
        metadataByteCount &+= other.metadataByteCount
    }
}

extension PipelineView {
    /// Sums events up by hour, tenant, stage, type and status.
    ///
    /// - Parameter query: Which hours, of what.
    /// - Returns: A row for each group with events: the oldest hour first, then by tenant, stage,
    ///   type and status in the C collation.
    /// - Throws: ``IncidentError``.
    /// - Complexity: One pass over the journal; memory for the groups only.
    public func summary(
        _ query: SummaryQuery = SummaryQuery()
    ) async throws(IncidentError) -> [SummaryRow] {
        struct Place: Hashable {
            let hour: SummaryHour
            let group: SummaryGroup
        }
        var totals: [Place: SummaryTotals] = [:]
        let firstHour = query.firstHour
        try await scan(tenant: query.tenant, upTo: try await bound()) {
            scanned,
            frame throws(PipelineCodecError) in
            let hour = SummaryHour(containing: scanned.step.createdAt)
            guard firstHour.map({ hour >= $0 }) ?? true, !query.ends(before: hour) else {
                return .proceed
            }
            let payload = frame.extracting(scanned.header.payloadRange)
            let group = SummaryGroup(scanned.step, in: payload)
            guard query.matches(group) else { return .proceed }
            let metadata = try scanned.step.metadataByteCount(in: payload)
            totals[Place(hour: hour, group: group), default: SummaryTotals()].add(
                durationMilliseconds: scanned.step.durationMilliseconds,
                metadataByteCount: metadata
            )
            return .proceed
        }
        return SummaryRow.sorted(totals.map { SummaryRow($0.hour, $0.group, $1) })
    }
}
