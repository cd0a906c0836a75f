internal import CairnCore
internal import CairnJournal

/// What all views are: a read-only sight of a journal up to one position.
protocol JournalSight {
    var journal: any Journal { get }
    /// The last position to see; nil for all that there is when a question starts.
    var asOf: Position? { get }
}

extension JournalSight {
    /// The last position that a question starting now sees.
    func bound() async throws(IncidentError) -> Position {
        let last = try await reading { () async throws(JournalError) in
            try await journal.head().lastPosition
        }
        return min(asOf ?? last, last)
    }

    /// The name of a stream.
    func streamID(of number: StreamNumber) async throws(IncidentError) -> StreamID {
        try await reading { () async throws(JournalError) in
            try await journal.streamID(of: number)
        }
    }

    /// Runs a read, with the journal's errors in this module's terms.
    func reading<Value>(
        _ body: () async throws(JournalError) -> Value
    ) async throws(IncidentError) -> Value {
        do throws(JournalError) {
            return try await body()
        } catch {
            throw .journal(error)
        }
    }
}

extension PipelineView: JournalSight {}
extension ItemView: JournalSight {}
extension MachineView: JournalSight {}
extension MachineComparison: JournalSight {}
extension PipelineComparison: JournalSight {}
