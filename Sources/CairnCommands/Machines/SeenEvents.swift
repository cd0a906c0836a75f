internal import CairnCore
internal import CairnIncident
internal import CairnJournal

/// Which events of a machine's streams are to be seen, as those are not that were removed.
///
/// Each stream is folded once and then goes on with what comes, as long as not too many are asked
/// about.
final class SeenEvents<Rules: InspectableMachine> {
    /// A stream as far as it is folded.
    private struct Folded {
        var state: Rules.State
        var last = SequenceNumber.zero
        /// The last event after which nothing of the stream was to be seen.
        var hidden = SequenceNumber.zero
    }

    /// Most streams that are remembered.
    private static var streamCountMax: Int { 4_096 }

    private let view: MachineView<Rules>
    private let bound: Position
    private var streams: [StreamID: Folded] = [:]

    /// Looks at streams as they are at a position; of a later event as they are with it.
    init(_ view: MachineView<Rules>, upTo bound: Position) {
        self.view = view
        self.bound = bound
    }

    /// Whether an event is to be seen.
    ///
    /// Where an event of its stream cannot be read nobody knows, and it is shown.
    func contain(
        _ step: MachineStep<Rules.Event>,
        of stream: StreamID
    ) async throws(IncidentError) -> Bool {
        var folded = streams[stream] ?? Folded(state: view.machine.initial)
        if folded.last < step.sequence {
            do throws(IncidentError) {
                try await view.forEachStep(
                    of: stream,
                    from: folded.last.next,
                    upTo: max(bound, step.position)
                ) { _, step in
                    view.take(step, into: &folded.state)
                    folded.last = step.sequence
                    if !view.machine.isSeen(folded.state) { folded.hidden = step.sequence }
                    return .proceed
                }
            } catch {
                guard case .unreadable = error else { throw error }
            }
            if streams.count >= Self.streamCountMax { streams = [:] }
            streams[stream] = folded
        }
        return step.sequence > folded.hidden
    }
}
