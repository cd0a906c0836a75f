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
        let rest = Rest(definition, now: now, olderThan: olderThan, usesDeadlines: usesDeadlines)
        let kept = try await standing(of: tenant, upTo: bound)?.fleet
            .resting(tenant: tenant, before: rest.latestTime)
        let positions =
            if let kept {
                kept.map(\.position)
            } else {
                rest.positions(of: try await latestSteps(tenant: tenant, upTo: bound))
            }
        let silent = kept.map { Set($0.lazy.filter(\.isSilent).map(\.position)) }
        return try await stuckRows(at: positions, rest, silent: silent, bound)
    }

    /// The requests that do not get on, of those whose latest events stand at some positions.
    ///
    /// - Parameters:
    ///   - positions: Where the latest events stand that may have rested too long.
    ///   - rest: How long is too long.
    ///   - silent: The latest events whose workers have recorded nothing since; nil where they
    ///     must be looked for.
    ///   - bound: The last position to see.
    /// - Returns: A row for each, the longest stuck first.
    /// - Throws: ``IncidentError``.
    func stuckRows(
        at positions: [Position],
        _ rest: Rest,
        silent: Set<Position>? = nil,
        _ bound: Position
    ) async throws(IncidentError) -> [StuckRow] {
        let rows = try await rows(at: positions).filter { rest.isTooLong(for: $0.event) }
        let found: Set<Position>
        if let silent {
            found = silent
        } else {
            found = try await silentPositions(in: rows, upTo: bound)
        }
        let stuck = rows.map { row in
            StuckRow(
                row,
                isWorkerSilent: found.contains(row.position),
                definition: definition,
                now: rest.now
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

/// How long a request may rest.
struct Rest {
    let now: Timestamp
    private let definition: PipelineDefinition
    private let olderThan: TimeSpan
    private let usesDeadlines: Bool

    init(
        _ definition: PipelineDefinition,
        now: Timestamp,
        olderThan: TimeSpan = .seconds(900),
        usesDeadlines: Bool
    ) {
        self.definition = definition
        self.now = now
        self.olderThan = olderThan
        self.usesDeadlines = usesDeadlines
    }

    /// What was created then or later has not rested too long, in whatever stage it is.
    var latestTime: Timestamp {
        let deadlines = usesDeadlines ? definition.stages.compactMap(\.deadline) : []
        return now.adding(deadlines.reduce(olderThan, min).negated)
    }

    /// Where those of some latest events stand that may have rested too long.
    func positions(of steps: [LatestStep]) -> [Position] {
        let latestTime = latestTime
        return steps.filter { $0.status == .started || $0.status == .failed }
            .filter { $0.createdAt < latestTime }
            .map(\.position)
    }

    func isTooLong(for event: PipelineEvent) -> Bool {
        let deadline = usesDeadlines ? definition.deadline(of: event.stage) : nil
        return event.createdAt < now.adding((deadline ?? olderThan).negated)
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
