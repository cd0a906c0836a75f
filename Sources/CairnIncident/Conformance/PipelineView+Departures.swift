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
        var tally = DepartureTally(kinds: kinds)
        paths.forEach { request in
            tally.take(request, in: paths, stageNames: definition.stages.map(\.name))
        }
        let totals = tally.totals
        // Names decide only between requests that departed at the same instant.
        var found: [(latest: Timestamp, row: DepartingRequest)] = []
        for request in tally.mostRecent(limit) {
            let id = try await requestID(at: request.index, in: paths.histories)
            found.append(
                (
                    request.latest,
                    DepartingRequest(
                        requestID: id,
                        tenant: request.tenant,
                        departures: request.departures
                    )
                )
            )
        }
        found.sort { left, right in
            if left.latest != right.latest { return left.latest > right.latest }
            return left.row.requestID.hasBytes(before: right.row.requestID)
        }
        return DepartureReport(
            requestCount: tally.requestCount,
            eventCount: tally.eventCount,
            departingCount: tally.requests.count,
            totals: totals,
            requests: found.prefix(max(limit, 0)).map(\.row)
        )
    }
}

/// Counts departures, request by request.
private struct DepartureTally {
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

    let kinds: Set<DepartureKind>?
    private(set) var requestCount = 0
    private(set) var eventCount = 0
    private(set) var requests: [Request] = []
    private var counts: [DepartureKind: Total] = [:]

    init(kinds: Set<DepartureKind>?) { self.kinds = kinds }

    mutating func take(_ request: RequestPath, in paths: RequestPaths, stageNames: [String]) {
        let path = request.path
        requestCount += 1
        eventCount += path.steps.count
        var departures: [DepartureKind: (first: JudgedPath.Found, count: Int)] = [:]
        var latest = Timestamp.distantPast
        for found in path.found where kinds?.contains(found.kind) ?? true {
            guard paths.query.includes(found.at) else { continue }
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
                tenant: paths.text(request.tenant),
                latest: latest,
                departures: rows.map { row in
                    let step = path.steps[row.first.step]
                    return Departure(
                        kind: row.first.kind,
                        eventCount: row.count,
                        position: step.order.position,
                        sequenceNumber: step.order.number,
                        stage: paths.text(step.stage),
                        eventType: paths.text(step.eventType),
                        at: row.first.at,
                        skippedStage: row.first.stage.map { stageNames[$0] }
                    )
                }
            )
        )
    }

    /// Whether a request that shows a kind counts as departing.
    private func counts(_ kind: DepartureKind) -> Bool { kinds != nil || kind.isOfPath }

    var totals: [DepartureTotal] {
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
    func mostRecent(_ limit: Int) -> ArraySlice<Request> {
        guard limit > 0 else { return [] }
        let sorted = requests.sorted { left, right in
            (right.latest, left.index) < (left.latest, right.index)
        }
        guard sorted.count > limit else { return sorted[...] }
        return sorted.prefix { $0.latest >= sorted[limit - 1].latest }
    }
}
