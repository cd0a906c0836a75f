internal import CairnCore
public import CairnDomains
internal import CairnJournal

extension PipelineView {
    /// The rows of a request in the order in which they were recorded, and what is passed over
    /// among them.
    ///
    /// What was removed is not among them, nor is its removal: nothing brings it back into sight.
    ///
    /// - Returns: The events, and how many there were that were removed.
    /// - Throws: ``IncidentError``, with ``IncidentError/unknownRequest(_:)`` where the view has
    ///   nothing of it, and ``IncidentError/removedRequest(_:at:eventCount:)`` where all that it
    ///   had was removed.
    /// - Complexity: A read of the stream; memory for all of its events.
    public func steps(
        of requestID: String
    ) async throws(IncidentError) -> (steps: [MachineStep<RequestEvent>], removedCount: Int) {
        let view = MachineView(journal, RequestMachine(definition), asOf: asOf)
        // A name that no stream can have is one that no stream has.
        guard let stream = try? view.stream(requestID) else { throw .unknownRequest(requestID) }
        var steps: [MachineStep<RequestEvent>] = []
        var removedCount = 0
        var removal: Removal?
        try await view.forEachStep(of: stream) { step in
            if case .removal(let latest) = step.event {
                removedCount += steps.count { $0.event != nil }
                removal = latest
                steps = []
            } else {
                steps.append(step)
            }
            return .proceed
        }
        if !steps.isEmpty { return (steps, removedCount) }
        guard let removal else { throw .unknownRequest(requestID) }
        throw .removedRequest(requestID, at: removal.at, eventCount: removedCount)
    }
}

extension RequestEvent {
    /// The row; nil for a removal.
    public var row: PipelineEvent? {
        if case .row(let row) = self { row } else { nil }
    }
}

extension RequestMachine {
    /// What is odd about an event that comes next, by its anomalies' names.
    public static let oddities: WhatIf<RequestMachine>.Oddities = { machine, event, state in
        guard let row = event.row else { return [] }
        return machine.machine.anomalies(of: row, in: state.state).all.map(\.name)
    }
}
