public import CairnCore
public import CairnDomains

/// A request and what is worth a test about it: the condition under which its history may be made
/// shorter.
public struct RequestCase: Sendable {
    /// What a history has to show to be worth the test.
    public enum Point: Sendable {
        /// All kinds of anomalies that the whole history shows.
        case anomalies
        /// The failure in which it ends.
        case failure
        /// What a predicate says of its end.
        case predicate(Predicate<CaseStanding>)
    }

    public let requestID: String
    public let definition: PipelineDefinition
    public let point: Point
    /// The whole history, in the order in which it was recorded.
    public let rows: [EventRow]
    let machine: PipelineMachine
    private let now: Timestamp
    /// What the whole history shows; a shorter one shows nothing else that is odd.
    let kinds: Set<PipelineAnomaly.Kind>
    private let end: PipelineState.Current?

    /// Finds out what a request shows.
    ///
    /// - Parameters:
    ///   - timeline: The request.
    ///   - definition: The rules that it is read by.
    ///   - now: The instant for which `time_in_state` is given.
    ///   - predicate: What the test is to show; nil for what is unusual about the request: its
    ///     anomalies, or else the failure in which it ends.
    /// - Throws: ``RequestCaseError``.
    public init(
        _ timeline: Timeline,
        definition: PipelineDefinition,
        now: Timestamp,
        keeping predicate: Predicate<CaseStanding>? = nil
    ) throws(RequestCaseError) {
        requestID = timeline.requestID
        self.definition = definition
        self.now = now
        machine = PipelineMachine(definition)
        // Anomalies are judged in the order in which events came, which is not that of a timeline.
        rows = timeline.entries.map(\.row).sorted { $0.sequence < $1.sequence }
        let state = timeline.state
        kinds = Self.kinds(of: state)
        end = state.current
        if let predicate {
            point = .predicate(predicate)
            guard shows(rows) else { throw .notSo(requestID) }
        } else if !kinds.isEmpty {
            point = .anomalies
        } else if state.current?.status == .failed {
            point = .failure
        } else {
            throw .nothingUnusual(requestID)
        }
    }

    /// Whether a history shows what the whole one does, and nothing odd that the whole one does
    /// not.
    ///
    /// Without the latter a history could be made shorter by breaking more rules: a failure would
    /// be left whose start is missing.
    ///
    /// - Complexity: A fold of the events.
    public func shows(_ rows: [EventRow]) -> Bool {
        guard let standing = standing(after: rows) else { return false }
        let state = standing.request.state
        let found = Self.kinds(of: state)
        return switch point {
        case .anomalies: found == kinds
        case .failure:
            found.isSubset(of: kinds) && state.current?.status == end?.status
                && state.current?.stage == end?.stage
                && state.current?.eventType == end?.eventType
        case .predicate(let predicate):
            found.isSubset(of: kinds) && predicate.matches(standing)
        }
    }

    /// Where the request stands after some events; nil if there are none.
    private func standing(after rows: [EventRow]) -> CaseStanding? {
        var state = machine.initial
        var current: EventRow?
        for row in rows {
            machine.evolve(&state, by: row.event)
            if state.current?.sequence.rawValue == state.eventCount { current = row }
        }
        guard let current else { return nil }
        let request = RequestRow(
            requestID: requestID,
            state: state,
            now: now,
            metadata: current.event.metadata
        )
        return CaseStanding(request: request, current: current)
    }

    static func kinds(of state: PipelineState) -> Set<PipelineAnomaly.Kind> {
        Set(PipelineAnomaly.Kind.allCases.filter { state.anomalies[$0] > 0 })
    }
}

/// Why no test is made of a request.
public enum RequestCaseError: Error, Hashable, Sendable {
    /// It has no anomaly, does not end in a failure, and nothing else was asked for.
    case nothingUnusual(String)
    /// The predicate does not hold of the whole history.
    case notSo(String)
    /// Its times are so far apart that they cannot be moved without changing what it shows.
    case timesTooFarApart(String)
}

extension RequestCaseError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .nothingUnusual(let id):
            "request \(id) has no anomaly and does not end in a failure"
        case .notSo(let id): "the predicate does not hold of request \(id)"
        case .timesTooFarApart(let id):
            "the times of request \(id) are too far apart to be moved to others"
        }
    }
}
