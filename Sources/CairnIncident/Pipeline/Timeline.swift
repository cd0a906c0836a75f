internal import CairnCore
public import CairnDomains
internal import CairnJournal

/// What happened to one request, event by event.
public struct Timeline: Hashable, Sendable {
    /// `pagw_id`.
    public let requestID: String
    /// The events by `sequence_no`, and by sequence where that repeats: the first query of
    /// seed 002.
    public let entries: [Entry]
    /// Where the request stands after all of them.
    public let state: PipelineState
    /// How many events of the request were removed.
    public let removedCount: Int
    /// The last removal; nil where nothing was removed.
    public let removal: Removal?

    /// One event, and what is odd about it.
    public struct Entry: Hashable, Sendable {
        public let row: EventRow
        /// What the machine found odd when the event came, in the order of the kinds' numbers.
        public let anomalies: [PipelineAnomaly.Kind]
    }
}

extension PipelineView {
    /// What happened to a request, up to the view's bound.
    ///
    /// - Parameter requestID: The request's `pagw_id`.
    /// - Returns: Its events and its state.
    /// - Throws: ``IncidentError``, with ``IncidentError/unknownRequest(_:)`` where the view has
    ///   no event of the request, and ``IncidentError/removedRequest(_:at:eventCount:)`` where
    ///   all that it had was removed.
    public func timeline(of requestID: String) async throws(IncidentError) -> Timeline {
        let machine = machine ?? PipelineMachine(definition)
        var state = machine.initial
        var entries: [Timeline.Entry] = []
        let removed = try await forEachRow(of: requestID) {
            entries = []
            state = machine.initial
        } _: { row in
            let anomalies = machine.take(row.event, into: &state)
            entries.append(Timeline.Entry(row: row, anomalies: anomalies.all))
        }
        guard !entries.isEmpty else { throw removed.error(requestID) }
        entries.sort { left, right in
            (left.row.sequenceNumber, left.row.sequence)
                < (right.row.sequenceNumber, right.row.sequence)
        }
        return Timeline(
            requestID: requestID,
            entries: entries,
            state: state,
            removedCount: removed.eventCount,
            removal: removed.last
        )
    }

    /// Where a request stands, up to the view's bound.
    ///
    /// - Parameter requestID: The request's `pagw_id`.
    /// - Returns: The machine's state.
    /// - Throws: ``IncidentError``, as ``timeline(of:)``.
    public func state(of requestID: String) async throws(IncidentError) -> PipelineState {
        try await folded(requestID).state
    }

    /// Where a request stands, and how many of its events were removed before that.
    ///
    /// - Parameter requestID: The request's `pagw_id`.
    /// - Returns: The machine's state, and the count of what is not in it.
    /// - Throws: ``IncidentError``, as ``timeline(of:)``.
    public func standing(
        of requestID: String
    ) async throws(IncidentError) -> (state: PipelineState, removedCount: Int) {
        let folded = try await folded(requestID)
        return (folded.state, folded.removedCount)
    }

    func folded(_ requestID: String) async throws(IncidentError) -> RequestFold {
        let machine = machine ?? PipelineMachine(definition)
        var folded = RequestFold(state: machine.initial)
        let removed = try await forEachRow(of: requestID) {
            folded = RequestFold(state: machine.initial)
        } _: { row in
            folded.take(row.event, by: machine)
        }
        guard folded.state.eventCount > 0 else { throw removed.error(requestID) }
        folded.removedCount = removed.eventCount
        return folded
    }

    /// Reads a request's events in the order they were recorded, without those passed over.
    ///
    /// - Parameters:
    ///   - requestID: The request's `pagw_id`.
    ///   - removeAll: Is called where all events before are not to be seen.
    ///   - body: Gets each event.
    /// - Returns: What was removed.
    /// - Throws: ``IncidentError``.
    private func forEachRow(
        of requestID: String,
        removeAll: () -> Void,
        _ body: (EventRow) -> Void
    ) async throws(IncidentError) -> RemovedRows {
        var removed = RemovedRows()
        // A name that no stream can have is one that no stream has.
        guard let stream = try? PipelineEvent.streamID(request: requestID) else { return removed }
        var failure: IncidentError?
        try await reading { () async throws(JournalError) in
            try await journal.forEachEvent(of: stream, upTo: asOf) { header, frame in
                do throws(PipelineCodecError) {
                    guard try PipelineGate.isRow(header, frame: frame) else {
                        if PipelineGate.isRemoval(header, frame: frame) {
                            removed.take(try? Removal.stored(header, frame: frame))
                            removeAll()
                        }
                        return .proceed
                    }
                    removed.seenCount += 1
                    let event = try PipelineEvent(header, frame: frame)
                    body(EventRow(requestID: requestID, header: header, event: event))
                    return .proceed
                } catch {
                    failure = .event(position: header.position, error)
                    return .stop
                }
            }
        }
        if let failure { throw failure }
        return removed
    }
}

/// What was removed of a request.
private struct RemovedRows {
    /// Events since the last removal.
    var seenCount = 0
    private(set) var eventCount = 0
    private(set) var last: Removal?

    mutating func take(_ removal: Removal?) {
        eventCount += seenCount
        seenCount = 0
        last = removal
    }

    /// Why there is nothing to be seen of the request.
    func error(_ requestID: String) -> IncidentError {
        guard let last else { return .unknownRequest(requestID) }
        return .removedRequest(requestID, at: last.at, eventCount: eventCount)
    }
}
