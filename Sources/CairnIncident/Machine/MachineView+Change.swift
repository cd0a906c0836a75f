public import CairnCore
internal import CairnJournal

/// What became of one stream from one moment to a later one.
public struct StreamChange<Rules: InspectableMachine>: Sendable {
    public let stream: StreamID
    /// The last position of the first moment.
    public let from: Position
    /// The last position of the second moment.
    public let to: Position
    /// The state at the first moment; nil where nothing of the stream was to be seen.
    public let before: Rules.State?
    /// The state at the second moment; nil where nothing of the stream is to be seen.
    public let after: Rules.State?
    /// What happened between the two, without what was removed meanwhile.
    public let steps: [MachineStep<Rules.Event>]
}

/// The history of one stream, up to the end of a view.
public struct StreamHistory<Rules: InspectableMachine>: Sendable {
    public let stream: StreamID
    /// Its events, without those passed over and those that were removed.
    public let steps: [MachineStep<Rules.Event>]
    /// Where they lead.
    public let state: Rules.State
}

/// The histories of two streams beside each other.
public struct HistoryComparison<Rules: InspectableMachine>: Sendable {
    public let left: StreamHistory<Rules>
    public let right: StreamHistory<Rules>
    /// Their events, aligned by their names.
    public let alignment: Alignment

    /// How many events both begin with.
    public var commonStartCount: Int {
        alignment.rows.firstIndex { !$0.isCommon } ?? alignment.rows.count
    }

    /// Where the two part: the first event of each behind those that both begin with; nil for
    /// both where they never do.
    public var parting: (left: MachineStep<Rules.Event>?, right: MachineStep<Rules.Event>?) {
        let start = commonStartCount
        return (
            start < left.steps.count ? left.steps[start] : nil,
            start < right.steps.count ? right.steps[start] : nil
        )
    }

    /// Whether one has an event where the other has none of that name.
    public var isParted: Bool { commonStartCount < alignment.rows.count }
}

extension InspectableMachine {
    /// The places at which two states' documents differ; a state that is not there has none.
    ///
    /// - Parameters:
    ///   - before: The first state.
    ///   - after: The second state.
    ///   - includesSame: Whether to name the places at which both have the same, too.
    /// - Returns: The places, in the order of the documents.
    public func differences(
        from before: State?,
        to after: State?,
        includesSame: Bool = false
    ) -> [Difference] {
        let differences = Difference.all(
            from: before.map { document(of: $0) } ?? .object([]),
            to: after.map { document(of: $0) } ?? .object([]),
            includesSame: includesSame
        )
        guard before == nil || after == nil else { return differences }
        // What is null in the one state says nothing beside one that is not there.
        return differences.filter { ($0.before ?? .null) != .null || ($0.after ?? .null) != .null }
    }
}

extension MachineView {
    /// What became of a stream between two moments.
    ///
    /// - Parameters:
    ///   - stream: The stream.
    ///   - from: The last position of the first moment.
    ///   - to: The last position of the second moment; the view's own bound holds besides.
    /// - Returns: The states at both, and what happened between them.
    /// - Throws: ``IncidentError``, with ``IncidentError/unknownStream(_:)`` where there is
    ///   nothing of the stream up to the second moment, not even what was removed.
    /// - Complexity: One read of the stream; memory for the events between.
    public func change(
        of stream: StreamID,
        from: Position,
        to: Position
    ) async throws(IncidentError) -> StreamChange<Rules> {
        var states: (before: Rules.State?, after: Rules.State?) = (nil, nil)
        var steps: [Step] = []
        let view = MachineView(journal, machine, asOf: min(asOf ?? to, to))
        try await view.forEachStep(of: stream) { step in
            var state = states.after ?? machine.initial
            take(step, into: &state)
            states.after = state
            if !machine.isSeen(state) { steps = [] }
            if step.position <= from { states.before = state } else { steps.append(step) }
            return .proceed
        }
        guard states.after != nil else { throw .unknownStream(stream) }
        return StreamChange(
            stream: stream,
            from: from,
            to: to,
            before: states.before.flatMap { machine.isSeen($0) ? $0 : nil },
            after: states.after.flatMap { machine.isSeen($0) ? $0 : nil },
            steps: steps
        )
    }

    /// The history of a stream.
    ///
    /// - Throws: ``IncidentError``, with ``IncidentError/unknownStream(_:)`` where nothing of it
    ///   is to be seen.
    /// - Complexity: One read of the stream; memory for its events.
    public func history(
        of stream: StreamID
    ) async throws(IncidentError) -> StreamHistory<Rules> {
        var state = machine.initial
        var steps: [Step] = []
        try await forEachStep(of: stream) { step in
            take(step, into: &state)
            if !machine.isSeen(state) {
                steps = []
            } else if step.event != nil {
                steps.append(step)
            }
            return .proceed
        }
        guard !steps.isEmpty else { throw .unknownStream(stream) }
        return StreamHistory(stream: stream, steps: steps, state: state)
    }

    /// Whether a stream was removed after the end of the view: what the view shows of it should
    /// then go to nobody else.
    ///
    /// - Throws: ``IncidentError``.
    /// - Complexity: One read of the stream, where the view ends before the journal does.
    public func isRemovedLater(_ stream: StreamID) async throws(IncidentError) -> Bool {
        guard let asOf else { return false }
        var state = machine.initial
        var isRemoved = false
        try await forEachStep(of: stream, from: nil, upTo: nil) { _, step in
            take(step, into: &state)
            isRemoved = step.position > asOf && !machine.isSeen(state)
            return isRemoved ? .stop : .proceed
        }
        return isRemoved
    }

    /// Compares the histories of two streams.
    ///
    /// Events are aligned by the names that the machine gives them, in the order in which they
    /// were recorded.
    ///
    /// - Throws: ``IncidentError``, with ``IncidentError/unknownStream(_:)``.
    /// - Complexity: Reads both streams, and that of an ``Alignment``.
    public func comparison(
        of left: StreamID,
        and right: StreamID
    ) async throws(IncidentError) -> HistoryComparison<Rules> {
        let left = try await history(of: left)
        let right = try await history(of: right)
        func names(_ history: StreamHistory<Rules>) -> [ExactText] {
            history.steps.compactMap { $0.event.map { ExactText(machine.name(of: $0)) } }
        }
        return HistoryComparison(
            left: left,
            right: right,
            alignment: Alignment(of: names(left), and: names(right))
        )
    }
}
