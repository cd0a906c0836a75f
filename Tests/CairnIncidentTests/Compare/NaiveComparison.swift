import CairnCore
import CairnIncident
import CairnJournal

/// What a comparison should find, by the plainest way there is: each stream for itself, both
/// documents after each of its events.
struct NaiveComparison: Equatable {
    /// The position of the first event of each stream after which documents differ.
    private(set) var positions: [StreamID: Position] = [:]
    /// The streams whose last documents differ.
    private(set) var apart: Set<StreamID> = []

    init(_ report: ComparisonReport, in journal: some Journal) async throws {
        for row in report.streams {
            let stream = try await journal.streamID(of: row.stream)
            positions[stream] = row.position
            if !row.isHealed { apart.insert(stream) }
        }
    }

    init<Old: InspectableMachine, New: InspectableMachine>(
        _ journal: any Journal,
        _ streams: [StreamID],
        from old: Old,
        to new: New
    ) async throws {
        for stream in streams {
            let before = try await Self.documents(MachineView(journal, old), stream)
            let after = try await Self.documents(MachineView(journal, new), stream)
            compare(stream, before, after)
        }
    }

    init() {}

    /// Compares the documents of one stream, event by event.
    mutating func compare(
        _ stream: StreamID,
        _ before: [(Position, JSONValue)],
        _ after: [(Position, JSONValue)]
    ) {
        for (old, new) in zip(before, after) where old.1 != new.1 {
            positions[stream] = old.0
            break
        }
        if before.last?.1 != after.last?.1 { apart.insert(stream) }
    }

    /// What a machine tells after each event of a stream.
    static func documents<Rules: InspectableMachine>(
        _ view: MachineView<Rules>,
        _ stream: StreamID
    ) async throws -> [(Position, JSONValue)] {
        var state = view.machine.initial
        return try await view.steps(of: stream).map { step in
            view.take(step, into: &state)
            return (step.position, view.machine.document(of: state))
        }
    }
}
