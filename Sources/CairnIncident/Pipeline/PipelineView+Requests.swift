public import CairnCore
internal import CairnDomains
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
    /// Most rows; nil for all.
    public var limit: Int?

    public init(
        tenant: String? = nil,
        status: String? = nil,
        stage: String? = nil,
        predicate: Predicate<RequestRow>? = nil,
        limit: Int? = nil
    ) {
        self.tenant = tenant
        self.status = status
        self.stage = stage
        self.predicate = predicate
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
        var candidates = try await currentSteps(query, upTo: bound)
        candidates.sort { left, right in
            if left.createdAt != right.createdAt { return left.createdAt > right.createdAt }
            return left.requestID.precedesByBytes(right.requestID)
        }
        let limit = max(query.limit ?? .max, 0)
        guard let predicate = query.predicate else {
            candidates.removeLast(max(candidates.count - limit, 0))
            return try await rows(of: candidates, upTo: bound, now: now)
        }
        let rows = try await rows(of: candidates, upTo: bound, now: now)
        return Array(rows.lazy.filter { predicate.matches($0) }.prefix(limit))
    }

    /// The requests whose current event fits a query, found without decoding any event whole.
    private func currentSteps(
        _ query: RequestQuery,
        upTo bound: Position
    ) async throws(IncidentError) -> [CurrentStep] {
        var vocabulary = StepVocabulary()
        var stages = StageNumbers(definition)
        var tenants = WordTable()
        var current = StreamMap<CurrentStep>()
        try await scan(tenant: nil, upTo: bound) { scanned, frame in
            let words = vocabulary.words(of: scanned, in: frame)
            let stage = stages.number(of: words.stage, in: vocabulary.stages)
            let number = scanned.header.streamNumber
            let payload = frame.extracting(scanned.header.payloadRange)
            let first = CurrentStep(
                stream: number,
                requestID: scanned.requestID(in: frame) ?? "",
                tenant: tenants.number(of: scanned.step.tenant, in: payload)
            )
            current[number, default: first].take(scanned, stage: stage, status: words.status)
            return .proceed
        }
        let tenant = query.tenant.map { tenants.number(of: $0) }
        let status = query.status.map {
            vocabulary.statuses.number(of: PipelineStatus($0).word)
        }
        let stage = query.stage.map { stages.number(ofName: definition.stageName(of: $0)) }
        var steps = current.values.filter { step in
            step.tenant == tenant ?? step.tenant && step.status == status ?? step.status
                && step.stage == stage ?? step.stage
        }
        for index in steps.indices where steps[index].requestID.isEmpty {
            steps[index].requestID = try await requestID(of: steps[index].stream)
        }
        return steps
    }

    /// Most requests whose events are read one by one; for more, one pass is sooner done.
    private static let singleReadCountMax = 256

    private func rows(
        of steps: [CurrentStep],
        upTo bound: Position,
        now: Timestamp
    ) async throws(IncidentError) -> [RequestRow] {
        var rows: [RequestRow] = []
        rows.reserveCapacity(steps.count)
        guard steps.count > Self.singleReadCountMax else {
            let view = PipelineView(journal, asOf: bound, definition: definition)
            for step in steps {
                let state = try await view.state(of: step.requestID)
                rows.append(RequestRow(requestID: step.requestID, state: state, now: now))
            }
            return rows
        }
        let states = try await states(of: steps, upTo: bound)
        for step in steps {
            guard let state = states[step.stream] else { continue }
            rows.append(RequestRow(requestID: step.requestID, state: state, now: now))
        }
        return rows
    }

    private func states(
        of steps: [CurrentStep],
        upTo bound: Position
    ) async throws(IncidentError) -> StreamMap<PipelineState> {
        let machine = PipelineMachine(definition)
        var states = StreamMap<PipelineState>()
        for step in steps { states[step.stream, default: machine.initial] = machine.initial }
        var failure: IncidentError?
        try await scan(tenant: nil, upTo: bound) { scanned, frame in
            let number = scanned.header.streamNumber
            guard states.index(of: number) != nil else { return .proceed }
            do throws(PipelineCodecError) {
                let event = try PipelineEvent(scanned.header, frame: frame)
                machine.evolve(&states[number, default: machine.initial], by: event)
                return .proceed
            } catch {
                failure = .event(position: scanned.header.position, error)
                return .stop
            }
        }
        if let failure { throw failure }
        return states
    }
}

/// A request's current event by the machine's rule, as far as a list needs it.
private struct CurrentStep {
    let stream: StreamNumber
    var requestID: String
    let tenant: Int32
    private(set) var stage: Int32 = 0
    private(set) var status: Int32 = 0
    private(set) var createdAt = Timestamp.distantPast
    private var lastNumber: Int64?

    init(stream: StreamNumber, requestID: String, tenant: Int32) {
        self.stream = stream
        self.requestID = requestID
        self.tenant = tenant
    }

    /// Takes an event, unless its `sequence_no` says that it comes late.
    mutating func take(_ scanned: ScannedStep, stage: Int32, status: Int32) {
        let number = scanned.step.sequenceNumber
        if let number, let lastNumber, number <= lastNumber { return }
        lastNumber = number ?? lastNumber
        self.stage = stage
        self.status = status
        createdAt = scanned.step.createdAt
    }
}
