public import CairnDomains

extension PipelineView {
    /// Everything that stands in a request's stream, in the order in which it was recorded.
    ///
    /// - Throws: ``IncidentError``, with ``IncidentError/unknownRequest(_:)`` where the view has
    ///   nothing of it.
    /// - Complexity: A read of the stream; memory for all of its events.
    public func steps(
        of requestID: String
    ) async throws(IncidentError) -> [MachineStep<RequestEvent>] {
        let view = MachineView(journal, RequestMachine(definition), asOf: asOf)
        do throws(IncidentError) {
            // A name that no stream can have is one that no stream has.
            guard let stream = try? view.stream(requestID) else { throw .unknownRequest(requestID) }
            return try await view.steps(of: stream)
        } catch .unknownStream {
            throw .unknownRequest(requestID)
        } catch {
            throw error
        }
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
