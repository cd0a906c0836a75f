public import CairnCore
internal import CairnJournal

/// One stream with its state.
public struct StreamStanding<State: Hashable & Sendable>: Hashable, Sendable {
    public let stream: StreamID
    public let state: State
    /// Its last event, and when that was recorded.
    public let position: Position
    public let recordedAt: Timestamp
    /// How many events it has.
    public let eventCount: UInt64
}

extension MachineView {
    /// The last position that a question starting now sees.
    ///
    /// - Throws: ``IncidentError``.
    public func lastPosition() async throws(IncidentError) -> Position { try await bound() }

    /// All streams of the machine with their states, the one with the latest event first.
    ///
    /// - Parameters:
    ///   - predicate: What must hold of a state; nil for all.
    ///   - now: The instant that ages count from.
    ///   - limit: Most streams; nil for all.
    /// - Returns: The streams of which something is to be seen.
    /// - Throws: ``IncidentError``.
    /// - Complexity: One pass over the journal; memory for the state of each stream.
    public func standings(
        where predicate: Predicate<Rules.Standing>? = nil,
        now: Timestamp,
        limit: Int? = nil
    ) async throws(IncidentError) -> [StreamStanding<Rules.State>] {
        var names = StreamNames(of: machine.streamKind)
        var states = StreamMap<(id: StreamID, state: Rules.State, last: Step)>()
        try await forEachStep(from: .first, upTo: try await bound(), naming: &names) {
            id,
            number,
            step in
            Self.take(step, into: &states[number, default: (id, machine.initial, step)], self)
            return .proceed
        }
        let seen = states.values.filter { stream in
            guard machine.isSeen(stream.state) else { return false }
            guard let predicate else { return true }
            return predicate.matches(machine.standing(stream.state, of: stream.id, now: now))
        }
        let sorted = seen.sorted { $0.last.position > $1.last.position }
        return sorted.prefix(max(limit ?? .max, 0)).map { stream in
            StreamStanding(
                stream: stream.id,
                state: stream.state,
                position: stream.last.position,
                recordedAt: stream.last.recordedAt,
                eventCount: stream.last.sequence.rawValue
            )
        }
    }

    private static func take(
        _ step: Step,
        into stream: inout (id: StreamID, state: Rules.State, last: Step),
        _ view: MachineView
    ) {
        view.take(step, into: &stream.state)
        stream.last = step
    }
}
