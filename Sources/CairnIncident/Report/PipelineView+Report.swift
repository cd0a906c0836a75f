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
        var requests = try await listed(query.requests, upTo: bound)
        if let predicate = query.predicate {
            let states = try await states(of: requests.map(\.stream), upTo: bound)
            requests = requests.filter { request in
                guard let folded = states[request.stream] else { return false }
                return predicate.matches(RequestRow(requestID: request.id, folded, now: now))
            }
        }
        guard requests.reduce(0, { $0 + $1.eventCount }) <= query.eventCountMax else {
            throw .tooManyEvents(max: query.eventCountMax)
        }
        return try await histories(of: requests, upTo: bound)
    }

    private func histories(
        of requests: [ListedRequest],
        upTo bound: Position
    ) async throws(IncidentError) -> [[EventRow]] {
        var histories = StreamMap<[EventRow]>()
        for request in requests {
            histories[request.stream, default: []].reserveCapacity(Int(request.eventCount))
        }
        let names = requests.map(\.id)
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
