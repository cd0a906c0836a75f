public import CairnCore
internal import CairnDomains
internal import CairnJournal

extension PipelineView {
    /// What happened to some requests, ready to be shown on one page.
    ///
    /// - Parameters:
    ///   - query: Which requests, with all of their events.
    ///   - now: The instant that is asked about: what rests counts as stuck as of then.
    /// - Returns: The report; without requests where none fits.
    /// - Throws: ``IncidentError``, with ``IncidentError/tooManyEvents(max:)`` where the requests
    ///   have more than ``ReportQuery/eventCountMax`` events, and as ``timeline(of:)`` for the
    ///   requests that the query names.
    /// - Complexity: Two passes over the journal, one more with a predicate, and those of
    ///   ``stuck(tenant:now:olderThan:usesDeadlines:)``. Memory of some bytes for each request of
    ///   the journal, of a state for each one that a predicate is asked of, and of about a
    ///   kilobyte for each event that the report holds.
    public func report(
        _ query: ReportQuery = ReportQuery(),
        now: Timestamp
    ) async throws(IncidentError) -> Report {
        let bound = try await bound()
        let view = PipelineView(journal, asOf: bound, definition: definition)
        let histories =
            query.requestIDs.isEmpty
            ? try await view.histories(of: query, upTo: bound, now: now)
            : try await view.namedHistories(of: query)
        let stuck =
            histories.isEmpty
            ? []
            : try await view.stuck(
                now: now,
                olderThan: query.olderThan,
                usesDeadlines: query.usesDeadlines
            )
        return Report(
            histories,
            of: query,
            stuck: stuck,
            definition: definition,
            upTo: bound,
            now: now
        )
    }

    /// The named requests' events, each in the order in which they were recorded.
    private func namedHistories(
        of query: ReportQuery
    ) async throws(IncidentError) -> [[EventRow]] {
        var histories: [[EventRow]] = []
        var known: Set<ExactText> = []
        var eventCount = 0
        for id in query.requestIDs where known.insert(ExactText(id)).inserted {
            let rows = try await timeline(of: id).entries.map(\.row)
            eventCount += rows.count
            guard eventCount <= query.eventCountMax else {
                throw .tooManyEvents(max: query.eventCountMax)
            }
            histories.append(rows.sorted { $0.sequence < $1.sequence })
        }
        return histories
    }

    /// The events of the requests that fit, in the order in which they were recorded; the request
    /// that began first comes first.
    private func histories(
        of query: ReportQuery,
        upTo bound: Position,
        now: Timestamp
    ) async throws(IncidentError) -> [[EventRow]] {
        var candidates = try await candidates(for: query, upTo: bound)
        if let predicate = query.predicate {
            let states = try await states(of: candidates.map(\.stream), upTo: bound)
            var fitting: [ReportCandidate] = []
            for candidate in candidates {
                guard let folded = states[candidate.stream] else { continue }
                let row = RequestRow(
                    requestID: try await requestID(of: candidate.stream),
                    folded,
                    now: now
                )
                if predicate.matches(row) { fitting.append(candidate) }
            }
            candidates = fitting
        }
        guard candidates.reduce(0, { $0 + $1.eventCount }) <= query.eventCountMax else {
            throw .tooManyEvents(max: query.eventCountMax)
        }
        return try await histories(of: candidates, upTo: bound)
    }

    private func candidates(
        for query: ReportQuery,
        upTo bound: Position
    ) async throws(IncidentError) -> [ReportCandidate] {
        let tenant = query.tenant.map { Array($0.utf8) }
        var seen = StreamMap<ReportCandidate>()
        try await scan(tenant: nil, upTo: bound) { scanned, frame in
            let number = scanned.header.streamNumber
            if seen.index(of: number) == nil {
                let payload = frame.extracting(scanned.header.payloadRange)
                var candidate = ReportCandidate(stream: number)
                if let tenant {
                    candidate.isOfTenant =
                        payload.extracting(scanned.step.tenant.range).isSame(as: tenant)
                }
                seen[number, default: candidate] = candidate
            }
            let isCovered = query.covers(scanned.step.createdAt)
            seen[number, default: ReportCandidate(stream: number)].take(isCovered: isCovered)
            return .proceed
        }
        return seen.values.filter { $0.isOfTenant && $0.isCovered }
    }

    private func histories(
        of candidates: [ReportCandidate],
        upTo bound: Position
    ) async throws(IncidentError) -> [[EventRow]] {
        var histories = StreamMap<[EventRow]>()
        for candidate in candidates {
            histories[candidate.stream, default: []].reserveCapacity(candidate.eventCount)
        }
        var names: [String] = []
        names.reserveCapacity(candidates.count)
        for candidate in candidates { names.append(try await requestID(of: candidate.stream)) }
        try await forEachFrame(upTo: bound) { header, frame throws(PipelineCodecError) in
            guard let index = histories.index(of: header.streamNumber) else { return .proceed }
            let event = try PipelineEvent(header, frame: frame)
            histories[header.streamNumber, default: []].append(
                EventRow(requestID: names[index], header: header, event: event)
            )
            return .proceed
        }
        return histories.values.filter { !$0.isEmpty }.sorted { left, right in
            let (one, other) = (left[0], right[0])
            if one.event.createdAt != other.event.createdAt {
                return one.event.createdAt < other.event.createdAt
            }
            return one.requestID.hasBytes(before: other.requestID)
        }
    }
}

/// A request that may be part of a report, as the first pass sees it.
private struct ReportCandidate {
    let stream: StreamNumber
    var isOfTenant = true
    /// Whether an event of it is within the time that is asked about.
    var isCovered = false
    var eventCount = 0

    init(stream: StreamNumber) {
        self.stream = stream
    }

    mutating func take(isCovered: Bool) {
        eventCount += 1
        if isCovered { self.isCovered = true }
    }
}
