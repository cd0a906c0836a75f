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
    ///   no event of the request.
    public func timeline(of requestID: String) async throws(IncidentError) -> Timeline {
        let machine = PipelineMachine(definition)
        var state = machine.initial
        var entries: [Timeline.Entry] = []
        try await forEachRow(of: requestID) { row in
            let anomalies = machine.anomalies(of: row.event, in: state).all
            machine.evolve(&state, by: row.event)
            entries.append(Timeline.Entry(row: row, anomalies: anomalies))
        }
        guard !entries.isEmpty else { throw .unknownRequest(requestID) }
        entries.sort { left, right in
            (left.row.sequenceNumber, left.row.sequence)
                < (right.row.sequenceNumber, right.row.sequence)
        }
        return Timeline(requestID: requestID, entries: entries, state: state)
    }

    /// Where a request stands, up to the view's bound.
    ///
    /// - Parameter requestID: The request's `pagw_id`.
    /// - Returns: The machine's state.
    /// - Throws: ``IncidentError``, with ``IncidentError/unknownRequest(_:)`` where the view has
    ///   no event of the request.
    public func state(of requestID: String) async throws(IncidentError) -> PipelineState {
        try await folded(requestID).state
    }

    func folded(_ requestID: String) async throws(IncidentError) -> RequestFold {
        let machine = PipelineMachine(definition)
        var folded = RequestFold(state: machine.initial)
        try await forEachRow(of: requestID) { row in folded.take(row.event, by: machine) }
        guard folded.state.eventCount > 0 else { throw .unknownRequest(requestID) }
        return folded
    }

    /// Reads a request's events in the order they were recorded, without those passed over.
    private func forEachRow(
        of requestID: String,
        _ body: (EventRow) -> Void
    ) async throws(IncidentError) {
        // A name that no stream can have is one that no stream has.
        guard let stream = try? PipelineEvent.streamID(request: requestID) else { return }
        var failure: IncidentError?
        try await reading { () async throws(JournalError) in
            try await journal.forEachEvent(of: stream, upTo: asOf) { header, frame in
                do throws(PipelineCodecError) {
                    guard try PipelineGate.isRow(header, frame: frame) else { return .proceed }
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
    }
}
