public import CairnCore
public import CairnDomains
internal import CairnJournal

/// Which requests to list.
public struct RequestQuery: Sendable {
    /// Whose requests: the tenant of their first event; nil for all.
    public var tenant: String?
    /// Only requests whose current event has this `status`.
    public var status: String?
    /// Only requests in this stage, under its name or an alias.
    public var stage: String?
    /// What else must hold of a request's state.
    public var predicate: Predicate<RequestRow>?
    /// Only requests that were under way in this time; nil for all.
    public var incident: IncidentSpan?
    /// Most rows; nil for all.
    public var limit: Int?

    public init(
        tenant: String? = nil,
        status: String? = nil,
        stage: String? = nil,
        predicate: Predicate<RequestRow>? = nil,
        incident: IncidentSpan? = nil,
        limit: Int? = nil
    ) {
        self.tenant = tenant
        self.status = status
        self.stage = stage
        self.predicate = predicate
        self.incident = incident
        self.limit = limit
    }
}

extension PipelineView {
    /// The requests with their states.
    ///
    /// The one whose current event was created last comes first, then by `pagw_id`.
    ///
    /// - Parameters:
    ///   - query: Which requests, and how many.
    ///   - now: The instant for which `time_in_state` is given.
    /// - Returns: A row for each request.
    /// - Throws: ``IncidentError``.
    /// - Complexity: One pass over the journal in place, and then the events of the rows, or a
    ///   second pass where the rows are many. Memory for each request.
    public func requests(
        _ query: RequestQuery = RequestQuery(),
        now: Timestamp
    ) async throws(IncidentError) -> [RequestRow] {
        let bound = try await bound()
        var candidates = try await listed(query, upTo: bound)
        candidates.sort { left, right in
            if left.createdAt != right.createdAt { return left.createdAt > right.createdAt }
            return left.id.hasBytes(before: right.id)
        }
        let limit = max(query.limit ?? .max, 0)
        guard let predicate = query.predicate else {
            candidates.removeLast(max(candidates.count - limit, 0))
            return try await rows(of: candidates, upTo: bound, now: now)
        }
        let rows = try await rows(of: candidates, upTo: bound, now: now)
        return Array(rows.lazy.filter { predicate.matches($0) }.prefix(limit))
    }

    /// The requests whose current event fits a query, in the order in which they began, found
    /// without decoding any event whole; what the predicate says is not asked.
    func listed(
        _ query: RequestQuery,
        upTo bound: Position
    ) async throws(IncidentError) -> [ListedRequest] {
        var fold = PipelineFold(definition)
        var underWay = query.incident.map { RequestsUnderWay(in: $0, definition) }
        var names = StreamMap<String>()
        try await forEachFrame(upTo: bound) { header, frame throws(PipelineCodecError) in
            if let id = header.streamID(in: frame)?.key {
                names[header.streamNumber, default: id] = id
            }
            try fold.take(header, frame: frame)
            try underWay?.take(header, frame: frame)
            return .proceed
        }
        let status = query.status.map { PipelineStatus($0) }
        let stage = query.stage.map { definition.stageName(of: $0) }
        var listed: [ListedRequest] = []
        for (stream, summary) in zip(fold.requests.numbers, fold.requests.values) {
            func text(_ number: UInt32, is word: String?) -> Bool {
                word.map { $0.utf8.elementsEqual(fold.text(of: number).utf8) } ?? true
            }
            guard text(summary.tenant, is: query.tenant), text(summary.stage, is: stage),
                status.map({ $0.code == summary.status }) ?? true,
                summary.status != .other || text(summary.statusWord, is: status?.word)
            else { continue }
            guard underWay?.contains(stream) ?? true else { continue }
            var id = names[stream]
            // A journal that begins later than its requests has no first events of theirs.
            if id == nil { id = try await requestID(of: stream) }
            listed.append(
                ListedRequest(
                    stream: stream,
                    id: id ?? "",
                    createdAt: summary.createdAt,
                    eventCount: summary.eventCount
                )
            )
        }
        return listed
    }

    /// Most requests whose events are read one by one; for more, one pass is sooner done.
    static let singleReadCountMax = 256

    private func rows(
        of requests: [ListedRequest],
        upTo bound: Position,
        now: Timestamp
    ) async throws(IncidentError) -> [RequestRow] {
        var rows: [RequestRow] = []
        rows.reserveCapacity(requests.count)
        guard requests.count > Self.singleReadCountMax else {
            let view = PipelineView(journal, asOf: bound, definition: definition)
            for request in requests {
                let folded = try await view.folded(request.id)
                rows.append(RequestRow(requestID: request.id, folded, now: now))
            }
            return rows
        }
        let states = try await states(of: requests.map(\.stream), upTo: bound)
        for request in requests {
            guard let folded = states[request.stream] else { continue }
            rows.append(RequestRow(requestID: request.id, folded, now: now))
        }
        return rows
    }

    /// What the events of some requests amount to.
    ///
    /// - Complexity: One pass over the journal; memory for each of the requests.
    func states(
        of streams: [StreamNumber],
        upTo bound: Position
    ) async throws(IncidentError) -> StreamMap<RequestFold> {
        let machine = PipelineMachine(definition)
        let initial = RequestFold(state: machine.initial)
        var states = StreamMap<RequestFold>()
        for stream in streams { states[stream, default: initial] = initial }
        try await forEachFrame(upTo: bound) { header, frame throws(PipelineCodecError) in
            let number = header.streamNumber
            guard states.index(of: number) != nil else { return .proceed }
            let event = try PipelineEvent(header, frame: frame)
            states[number, default: initial].take(event, by: machine)
            return .proceed
        }
        return states
    }
}

/// A request's state, and what a list shows beside it of the row that is current.
public struct RequestFold: Hashable, Sendable {
    public internal(set) var state: PipelineState
    /// Events of the request that were removed.
    public internal(set) var removedCount = 0
    /// The metadata of the current row.
    public internal(set) var metadata: [UInt8]?

    init(state: PipelineState) {
        self.state = state
    }

    mutating func take(_ event: PipelineEvent, by machine: PipelineMachine) {
        machine.evolve(&state, by: event)
        if state.current?.sequence.rawValue == state.eventCount { metadata = event.metadata }
    }
}

extension RequestRow {
    init(requestID: String, _ folded: RequestFold, now: Timestamp) {
        self.init(
            requestID: requestID,
            state: folded.state,
            now: now,
            metadata: folded.metadata
        )
    }
}

/// A request as a list sorts it.
struct ListedRequest {
    let stream: StreamNumber
    let id: String
    /// When its current event was created.
    let createdAt: Timestamp
    let eventCount: UInt64
}
