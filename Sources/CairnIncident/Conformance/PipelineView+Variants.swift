public import CairnCore
internal import CairnDomains

/// The ways that requests really go, by how many go them.
public struct VariantReport: Sendable {
    /// How many requests the question was about.
    public let requestCount: Int
    /// How many variants there are.
    public let variantCount: Int
    /// The most frequent ones, as many as asked for.
    public let variants: [Variant]
}

/// One way that requests go, from their first event to their last.
public struct Variant: Sendable {
    /// Its place among all variants, from 1.
    public let rank: Int
    /// The names of its steps in their order.
    public let steps: [String]
    /// How many requests go it.
    public let requestCount: Int
    /// How many of all requests go it, from 0 to 1.
    public let share: Double
    /// How many of all requests go it or a variant before it, from 0 to 1.
    public let cumulativeShare: Double
    /// How many of its requests left the declared path, one way or another.
    public let departingCount: Int
    /// From the earliest `created_at` of a request to its latest.
    public let duration: SpanTotals
    /// `pagw_id` of the request that went it last: the one that began last in the journal.
    public let exampleID: String
}

extension PipelineView {
    /// The ways that requests really go.
    ///
    /// Two requests go the same way if their steps have the same names in the same order; names
    /// and ways are compared whole. The most frequent comes first, then the one with fewer steps,
    /// then by names in the C collation.
    ///
    /// - Parameters:
    ///   - query: Which requests.
    ///   - level: What steps are called by.
    ///   - foldsRepeats: Whether steps in a row under one name count as one.
    ///   - limit: Most variants.
    ///   - now: The instant up to which a last event counts as resting.
    /// - Returns: The variants.
    /// - Throws: ``IncidentError``.
    /// - Complexity: As ``departures(_:kinds:limit:now:)``, and 4 bytes for each step of each
    ///   variant and 8 for each request.
    public func variants(
        _ query: ConformanceQuery = ConformanceQuery(),
        by level: PathLevel = .stage,
        foldsRepeats: Bool = false,
        limit: Int = 20,
        now: Timestamp
    ) async throws(IncidentError) -> VariantReport {
        let paths = try await paths(query, now: now)
        var tally = VariantTally(level: level, foldsRepeats: foldsRepeats)
        paths.forEach { tally.take($0) }
        let words = paths.declared.words.map(\.text)
        return try await tally.report(limit, words: words) { index throws(IncidentError) in
            try await requestID(at: index, in: paths.histories)
        }
    }
}

/// Counts the ways that requests go, request by request.
struct VariantTally {
    let level: PathLevel
    let foldsRepeats: Bool
    private var groups: [[UInt32]: VariantGroup] = [:]
    private var requestCount = 0

    init(level: PathLevel, foldsRepeats: Bool) {
        self.level = level
        self.foldsRepeats = foldsRepeats
    }

    mutating func take(_ request: RequestPath) {
        requestCount += 1
        let words = request.path.visits(by: level, foldingRepeats: foldsRepeats).map(\.word)
        groups[words, default: VariantGroup(example: request.index)].take(request)
    }

    /// The most frequent variants, as many as asked for.
    ///
    /// - Parameters:
    ///   - limit: Most variants.
    ///   - texts: The words of the steps, by their numbers.
    ///   - name: Names a request by its place in the order in which requests began.
    /// - Returns: The report.
    /// - Throws: What naming throws.
    func report(
        _ limit: Int,
        words texts: [String],
        naming name: (Int) async throws(IncidentError) -> String
    ) async throws(IncidentError) -> VariantReport {
        let sorted = groups.sorted { left, right in
            if left.value.durations.count != right.value.durations.count {
                return left.value.durations.count > right.value.durations.count
            }
            if left.key.count != right.key.count { return left.key.count < right.key.count }
            for (left, right) in zip(left.key, right.key) where left != right {
                return texts[Int(left)].hasBytes(before: texts[Int(right)])
            }
            return false
        }
        var variants: [Variant] = []
        var seenCount = 0
        for (rank, group) in sorted.prefix(max(limit, 0)).enumerated() {
            let found = group.value
            guard let duration = SpanTotals(found.durations) else { continue }
            seenCount += found.durations.count
            variants.append(
                Variant(
                    rank: rank + 1,
                    steps: group.key.map { texts[Int($0)] },
                    requestCount: found.durations.count,
                    share: Double(found.durations.count) / Double(requestCount),
                    cumulativeShare: Double(seenCount) / Double(requestCount),
                    departingCount: found.departingCount,
                    duration: duration,
                    exampleID: try await name(found.example)
                )
            )
        }
        return VariantReport(
            requestCount: requestCount,
            variantCount: groups.count,
            variants: variants
        )
    }
}

/// The requests of one variant.
private struct VariantGroup {
    var example: Int
    var departingCount = 0
    /// In nanoseconds.
    var durations: [Int64] = []

    init(example: Int) { self.example = example }

    mutating func take(_ request: RequestPath) {
        example = request.index
        durations.append(request.path.duration.nanoseconds)
        if request.path.found.contains(where: { $0.kind.isOfPath }) { departingCount += 1 }
    }
}
