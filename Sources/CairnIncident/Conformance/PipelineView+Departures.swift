public import CairnCore
internal import CairnDomains

extension PipelineView {
    /// Which requests left the path that their definition declares: where, since when, how often.
    ///
    /// The list has the request with the latest departure first, then by `pagw_id`; within a
    /// request, the departure that stands first comes first.
    ///
    /// - Parameters:
    ///   - query: Which requests.
    ///   - kinds: The kinds that count; nil for all that are of the path, beside which the totals
    ///     have the other kinds, too.
    ///   - limit: Most requests in the list.
    ///   - now: The instant up to which a last event counts as resting.
    /// - Returns: The counts and the list.
    /// - Throws: ``IncidentError``.
    /// - Complexity: One pass over the journal, which keeps 56 bytes of each event; then the
    ///   requests are folded one after another. Where the query asks for states, what
    ///   ``requests(_:now:)`` takes besides.
    public func departures(
        _ query: ConformanceQuery = ConformanceQuery(),
        kinds: Set<DepartureKind>? = nil,
        limit: Int = 50,
        now: Timestamp
    ) async throws(IncidentError) -> DepartureReport {
        let paths = try await paths(query, now: now)
        var tally = DepartureTally(
            kinds: kinds,
            words: paths.declared.words.map(\.text),
            stageNames: definition.stages.map(\.name),
            span: query.span
        )
        paths.forEach { tally.take($0) }
        return try await tally.report(limit) { index throws(IncidentError) in
            try await requestID(at: index, in: paths.histories)
        }
    }
}

/// Counts departures, request by request.
struct DepartureTally {
    struct Request {
        let index: Int
        let tenant: String
        let latest: Timestamp
        let departures: [Departure]
    }

    private struct Total {
        var requestCount = 0
        var eventCount = 0
        var firstSeen = Timestamp.distantFuture
        var lastSeen = Timestamp.distantPast
    }

    private let kinds: Set<DepartureKind>?
    private let words: [String]
    private let stageNames: [String]
    private let span: IncidentSpan
    private var requestCount = 0
    private var eventCount = 0
    private var requests: [Request] = []
    private var counts: [DepartureKind: Total] = [:]

    /// - Parameters:
    ///   - kinds: The kinds that count; nil for all that are of the path.
    ///   - words: The words of the steps, by their numbers.
    ///   - stageNames: The stages of the definition.
    ///   - span: Departures in that time count.
    init(
        kinds: Set<DepartureKind>?,
        words: [String],
        stageNames: [String] = [],
        span: IncidentSpan
    ) {
        self.kinds = kinds
        self.words = words
        self.stageNames = stageNames
        self.span = span
    }

    mutating func take(_ request: RequestPath) {
        let path = request.path
        requestCount += 1
        eventCount += path.steps.count
        var departures: [DepartureKind: (first: JudgedPath.Found, count: Int)] = [:]
        var latest = Timestamp.distantPast
        for found in path.found where kinds?.contains(found.kind) ?? true {
            guard span.covers(found.at) else { continue }
            var total = counts[found.kind] ?? Total()
            total.eventCount += 1
            total.firstSeen = min(total.firstSeen, found.at)
            total.lastSeen = max(total.lastSeen, found.at)
            let known = departures[found.kind]
            if known == nil { total.requestCount += 1 }
            counts[found.kind] = total
            departures[found.kind] = (known?.first ?? found, (known?.count ?? 0) + 1)
            if counts(found.kind) { latest = max(latest, found.at) }
        }
        guard departures.keys.contains(where: counts) else { return }
        let rows = departures.values.filter { counts($0.first.kind) }.sorted { left, right in
            (left.first.step, left.first.kind.number) < (right.first.step, right.first.kind.number)
        }
        requests.append(
            Request(
                index: request.index,
                tenant: words[Int(request.tenant)],
                latest: latest,
                departures: rows.map { row in
                    let step = path.steps[row.first.step]
                    return Departure(
                        kind: row.first.kind,
                        eventCount: row.count,
                        position: step.order.position,
                        sequenceNumber: step.order.number,
                        stage: words[Int(step.stage)],
                        eventType: words[Int(step.eventType)],
                        at: row.first.at,
                        skippedStage: row.first.stage.map { stageNames[$0] }
                    )
                }
            )
        )
    }

    /// Whether a request that shows a kind counts as departing.
    private func counts(_ kind: DepartureKind) -> Bool { kinds != nil || kind.isOfPath }

    /// The counts, and the list of as many requests.
    ///
    /// - Parameters:
    ///   - limit: Most requests in the list.
    ///   - name: Names a request by its place in the order in which requests began.
    /// - Returns: The report.
    /// - Throws: What naming throws.
    func report(
        _ limit: Int,
        naming name: (Int) async throws(IncidentError) -> String
    ) async throws(IncidentError) -> DepartureReport {
        // Names decide only between requests that departed at the same instant.
        var found: [(latest: Timestamp, row: DepartingRequest)] = []
        for request in mostRecent(limit) {
            let row = DepartingRequest(
                requestID: try await name(request.index),
                tenant: request.tenant,
                departures: request.departures
            )
            found.append((request.latest, row))
        }
        found.sort { left, right in
            if left.latest != right.latest { return left.latest > right.latest }
            return left.row.requestID.hasBytes(before: right.row.requestID)
        }
        return DepartureReport(
            requestCount: requestCount,
            eventCount: eventCount,
            departingCount: requests.count,
            totals: totals,
            requests: found.prefix(max(limit, 0)).map(\.row)
        )
    }

    private var totals: [DepartureTotal] {
        let rows = counts.map { kind, total in
            DepartureTotal(
                kind: kind,
                requestCount: total.requestCount,
                share: Double(total.requestCount) / Double(requestCount),
                eventCount: total.eventCount,
                firstSeen: total.firstSeen,
                lastSeen: total.lastSeen
            )
        }
        return rows.sorted { left, right in
            if left.kind.isOfPath != right.kind.isOfPath { return left.kind.isOfPath }
            if left.requestCount != right.requestCount {
                return left.requestCount > right.requestCount
            }
            return left.kind.number < right.kind.number
        }
    }

    /// The requests with the latest departures, and all that share the last instant among them.
    private func mostRecent(_ limit: Int) -> ArraySlice<Request> {
        guard limit > 0 else { return [] }
        let sorted = requests.sorted { left, right in
            (right.latest, left.index) < (left.latest, right.index)
        }
        guard sorted.count > limit else { return sorted[...] }
        return sorted.prefix { $0.latest >= sorted[limit - 1].latest }
    }
}
