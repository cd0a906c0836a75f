public import CairnCore
internal import CairnDomains
internal import CairnJournal

extension PipelineView {
    /// The requests as a list shows them: those of ``requests(_:now:)``, in the same order.
    ///
    /// - Parameters:
    ///   - query: Which requests, and how many.
    ///   - now: The instant for which `time_in_state` is given.
    /// - Returns: A line for each request.
    /// - Throws: ``IncidentError``.
    /// - Complexity: Where checkpoints are kept, the requests and the events since one. Otherwise
    ///   one pass over the journal in place; memory for each request. A predicate on what a line
    ///   does not tell, and an incident, costs what ``requests(_:now:)`` does.
    public func lines(
        _ query: RequestQuery = RequestQuery(),
        now: Timestamp
    ) async throws(IncidentError) -> [RequestLine] {
        // When a request had ended stands in none of its lines.
        guard query.incident == nil,
            query.predicate?.fields.isSubset(of: RequestLine.fields) ?? true
        else {
            return try await requests(query, now: now).map(RequestLine.init)
        }
        let bound = try await bound()
        var standing = try await standing(upTo: bound, withClosed: true)
        if standing == nil {
            // Of few rows the events are read again; of many, a pass tells all at once.
            if query.predicate == nil, let limit = query.limit, limit <= Self.singleReadCountMax {
                return try await requests(query, now: now).map(RequestLine.init)
            }
            standing = try await pass(upTo: bound)
        }
        guard let standing else { return [] }
        var listed = Listed(query, definition)
        try listed.take(standing, now: now)
        for (index, stream) in listed.nameless {
            listed.lines[index].requestID = try await requestID(of: stream)
        }
        return listed.sorted(query)
    }

    /// Where all requests stand at a position, by a pass over all events.
    private func pass(upTo bound: Position) async throws(IncidentError) -> RequestStanding {
        var standing = RequestStanding(definition)
        try await forEachFrame(upTo: bound) { header, frame throws(PipelineCodecError) in
            _ = try standing.take(header, frame, keepingClosed: true)
            return .proceed
        }
        return standing
    }
}

/// The requests that a query lists.
private struct Listed {
    private let query: RequestQuery
    private let stage: String?
    private let status: PipelineStatus?
    var lines: [RequestLine] = []
    /// The lines whose ids have to be looked up, and their streams.
    private(set) var nameless: [(Int, StreamNumber)] = []

    init(_ query: RequestQuery, _ definition: PipelineDefinition) {
        self.query = query
        status = query.status.map { PipelineStatus($0) }
        stage = query.stage.map { definition.stageName(of: $0) }
    }

    mutating func take(_ standing: RequestStanding, now: Timestamp) throws(IncidentError) {
        var fleet = standing.fleet
        fleet.forEach { take($1, $0, fleet, now) }
        do throws(TruncatedBytes) {
            try standing.closed.forEach { bytes throws(TruncatedBytes) in
                let (stream, brief) = try fleet.readHead(bytes)
                take(brief, stream, fleet, now)
            }
        } catch {
            throw .journal(.damaged(path: "the projection's tables", reason: "\(error)"))
        }
    }

    private mutating func take(
        _ brief: PipelineBrief,
        _ stream: StreamNumber,
        _ fleet: PipelineFleet,
        _ now: Timestamp
    ) {
        let summary = brief.summary
        guard summary.eventCount > 0, status.map({ $0.code == summary.status }) ?? true else {
            return
        }
        let id = String(decoding: brief.id, as: UTF8.self)
        let line = RequestLine(brief, id: id, in: fleet, now: now)
        guard query.tenant.map({ $0.hasSameBytes(as: line.tenant ?? "") }) ?? true,
            stage.map({ $0.hasSameBytes(as: line.stage ?? "") }) ?? true,
            status.map({ $0.word.hasSameBytes(as: line.status?.word ?? "") }) ?? true
        else { return }
        if brief.id.isEmpty { nameless.append((lines.count, stream)) }
        lines.append(line)
    }

    /// The lines in the order of the list, as many as it may have.
    func sorted(_ query: RequestQuery) -> [RequestLine] {
        let limit = max(query.limit ?? .max, 0)
        // Numbers are moved sooner than lines.
        var order: [(time: Timestamp, index: Int)] = []
        order.reserveCapacity(lines.count)
        for (index, line) in lines.enumerated() {
            guard query.predicate.map({ $0.matches(line) }) ?? true else { continue }
            order.append((line.createdAt ?? .distantPast, index))
        }
        order.sort { left, right in
            if left.time != right.time { return left.time > right.time }
            return lines[left.index].requestID.hasBytes(before: lines[right.index].requestID)
        }
        return order.prefix(limit).map { lines[$0.index] }
    }
}
