public import CairnCore
internal import CairnDomains
internal import CairnJournal

extension PipelineView {
    /// The requests that do not get on: the fifth query of seed 002.
    ///
    /// A request is stuck if its latest event, by `sequence_no`, says started or failed and was
    /// created longer ago than it may be. Longest stuck first, then by `pagw_id`.
    ///
    /// - Parameters:
    ///   - tenant: Whose requests; nil for all. Only this tenant's events count.
    ///   - now: The instant that is asked about.
    ///   - olderThan: How long a request may rest; the seed's 15 minutes by default.
    ///   - usesDeadlines: Whether a stage's declared deadline replaces `olderThan`, where the
    ///     definition has one.
    /// - Returns: A row for each stuck request.
    /// - Throws: ``IncidentError``.
    /// - Complexity: Where checkpoints are kept, the open requests and the events since one.
    ///   Otherwise one pass over the journal, and one backwards as far as the longest stuck
    ///   request whose worker must be looked for; memory for each request.
    public func stuck(
        tenant: String? = nil,
        now: Timestamp,
        olderThan: TimeSpan = .seconds(900),
        usesDeadlines: Bool = false
    ) async throws(IncidentError) -> [StuckRow] {
        let bound = try await bound()
        let deadlines = usesDeadlines ? definition.stages.compactMap(\.deadline) : []
        let latestTime = now.adding(deadlines.reduce(olderThan, min).negated)
        let kept = try await standing(of: tenant, upTo: bound)?.fleet
            .resting(tenant: tenant, before: latestTime)
        let positions =
            if let kept {
                kept.map(\.position)
            } else {
                try await latestSteps(tenant: tenant, upTo: bound)
                    .filter { $0.status == .started || $0.status == .failed }
                    .filter { $0.createdAt < latestTime }
                    .map(\.position)
            }
        let rows = try await rows(at: positions).filter { row in
            let deadline = usesDeadlines ? definition.deadline(of: row.event.stage) : nil
            return row.event.createdAt < now.adding((deadline ?? olderThan).negated)
        }
        let silent =
            if let kept {
                Set(kept.lazy.filter(\.isSilent).map(\.position))
            } else {
                try await silentPositions(in: rows, upTo: bound)
            }
        let stuck = rows.map { row in
            StuckRow(
                row,
                isWorkerSilent: silent.contains(row.position),
                definition: definition,
                now: now
            )
        }
        return stuck.sorted { left, right in
            if left.createdAt != right.createdAt { return left.createdAt < right.createdAt }
            return left.requestID.hasBytes(before: right.requestID)
        }
    }

    /// The latest event of each request.
    private func latestSteps(
        tenant: String?,
        upTo bound: Position
    ) async throws(IncidentError) -> [LatestStep] {
        var latest = StreamMap<LatestStep>()
        try await scan(tenant: tenant, upTo: bound) { scanned, _ in
            let step = LatestStep(scanned)
            latest[scanned.header.streamNumber, default: step].take(step)
            return .proceed
        }
        return latest.values
    }

    /// Those of some rows whose workers have recorded nothing since.
    private func silentPositions(
        in rows: [EventRow],
        upTo bound: Position
    ) async throws(IncidentError) -> Set<Position> {
        let lastSeen = try await lastPositions(ofWorkersIn: rows, upTo: bound)
        let silent = rows.filter { row in
            let worker = row.event.workerID.map { ExactText($0) }
            return worker.flatMap { lastSeen[$0] } == row.position
        }
        return Set(silent.map(\.position))
    }

    /// Where each worker of stuck requests last recorded anything, for any request or tenant.
    ///
    /// Goes backwards only until every one of them was met; what stands at some positions counts
    /// as not recorded.
    func lastPositions(
        ofWorkersIn rows: [EventRow],
        upTo bound: Position,
        without dropped: Set<Position> = []
    ) async throws(IncidentError) -> [ExactText: Position] {
        let started = rows.filter { $0.event.status == .started }
        var wanted = Set(started.compactMap(\.event.workerID).map { ExactText($0) })
        var found: [ExactText: Position] = [:]
        guard !wanted.isEmpty else { return found }
        try await forEachFrame(upTo: bound, .backwards) {
            header,
            frame throws(PipelineCodecError) in
            if dropped.contains(header.position) { return .proceed }
            let event = try PipelineEvent(header, frame: frame)
            guard let worker = event.workerID.map({ ExactText($0) }),
                wanted.remove(worker) != nil
            else { return .proceed }
            found[worker] = header.position
            return wanted.isEmpty ? .stop : .proceed
        }
        return found
    }
}

/// What the stuck list needs of a request's latest event: plain data.
struct LatestStep {
    let order: EventOrder
    let createdAt: Timestamp
    let status: PipelineStatus.Code

    var position: Position { order.position }

    init(_ scanned: ScannedStep) {
        order = EventOrder(scanned)
        createdAt = scanned.step.createdAt
        status = scanned.step.status
    }

    /// Gives way to a later step of the request.
    mutating func take(_ other: LatestStep) {
        if order < other.order { self = other }
    }
}

extension StuckRow {
    init(
        _ row: EventRow,
        isWorkerSilent: Bool,
        definition: PipelineDefinition,
        now: Timestamp
    ) {
        let event = row.event
        requestID = row.requestID
        tenant = event.tenant
        stage = event.stage
        eventType = event.eventType
        status = event.status
        createdAt = event.createdAt
        timeStuck = now.since(event.createdAt)
        sequenceNumber = row.sequenceNumber
        attempt = event.attempt
        nextRetryAt = event.nextRetryAt
        workerID = event.workerID
        position = row.position
        reason = StuckReason(
            event,
            effect: definition.eventType(named: event.eventType)?.externalEffect,
            isWorkerSilent: isWorkerSilent,
            now: now
        )
    }
}
