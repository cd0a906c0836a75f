internal import CairnCore
internal import CairnJournal

/// Some streams as far as they were folded, and of which of them a predicate holds.
struct BisectedStreams<Rules: InspectableMachine> {
    private struct Stream {
        let id: StreamID
        var state: Rules.State
        /// Whether the predicate held of it when it was last asked.
        var isMatch = false
        /// Whether it went on since then.
        var isChanged = false
    }

    private let view: MachineView<Rules>
    private let query: BisectionQuery<Rules.Standing>
    private var streams = StreamMap<Stream>()
    private var changed: [StreamNumber] = []
    /// Of how many streams the predicate held when it was last asked.
    private(set) var matchCount = 0
    /// The last position and the last sequence taken; zero before the first.
    private(set) var position = Position.zero
    private(set) var sequence = SequenceNumber.zero
    /// The stream of the last event.
    private(set) var last: StreamID?

    init(_ view: MachineView<Rules>, _ query: BisectionQuery<Rules.Standing>) {
        self.view = view
        self.query = query
    }

    /// Takes an event of a stream into its state.
    mutating func take(_ step: MachineStep<Rules.Event>, of id: StreamID, _ number: StreamNumber) {
        (position, sequence, last) = (step.position, step.sequence, id)
        let initial = view.machine.initial
        let wasChanged = Self.take(
            step,
            into: &streams[number, default: Stream(id: id, state: initial)],
            view
        )
        if !wasChanged { changed.append(number) }
    }

    private static func take(
        _ step: MachineStep<Rules.Event>,
        into stream: inout Stream,
        _ view: MachineView<Rules>
    ) -> Bool {
        view.take(step, into: &stream.state)
        defer { stream.isChanged = true }
        return stream.isChanged
    }

    /// Asks the predicate of the streams that went on since it was last asked.
    ///
    /// - Parameter askedCount: Is counted up by each question.
    /// - Returns: Whether it holds of as many streams as it must.
    mutating func ask(_ askedCount: inout Int) -> Bool {
        for number in changed {
            guard var stream = streams[number] else { continue }
            let wasMatch = stream.isMatch
            stream.isMatch = view.machine.isSeen(stream.state) && matches(stream)
            stream.isChanged = false
            streams[number, default: stream] = stream
            matchCount += (stream.isMatch ? 1 : 0) - (wasMatch ? 1 : 0)
        }
        askedCount += changed.count
        changed.removeAll(keepingCapacity: true)
        return query.count.holds(of: matchCount)
    }

    private func matches(_ stream: Stream) -> Bool {
        query.predicate.matches(
            view.machine.standing(stream.state, of: stream.id, now: query.now)
        )
    }
}
