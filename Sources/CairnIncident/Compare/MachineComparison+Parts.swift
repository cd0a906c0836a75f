internal import CairnCore
internal import CairnJournal

/// What one fold of a comparison finds on its share of the streams.
struct ComparisonPart<State: Sendable>: Sendable {
    /// Where a stream diverges first.
    struct Place: Sendable {
        let position: Position
        let sequence: SequenceNumber
        /// The index of the cause in ``ComparisonPart/causes``.
        let cause: Int
    }

    /// One stream with both its states.
    struct Track: Sendable {
        var state: State
        var place: Place?
    }

    var tracks = StreamMap<Track>()
    private(set) var causes: [DivergenceCause] = []
    private var numbers: [DivergenceCause: Int] = [:]

    mutating func number(of cause: DivergenceCause) -> Int {
        if let number = numbers[cause] { return number }
        numbers[cause] = causes.count
        causes.append(cause)
        return causes.count - 1
    }
}

extension MachineComparison {
    typealias Part = ComparisonPart<MachinePair<Old, New>.State>

    /// Folds all streams, each share of them in a task of its own.
    func parts(
        upTo bound: Position,
        without removals: StreamRemovals
    ) async throws(IncidentError) -> [Part] {
        let shares = StreamShare.shares(UInt64(max(foldCount, 1)))
        let results = await withTaskGroup(of: (UInt64, Result<Part, IncidentError>).self) { group in
            for share in shares {
                group.addTask {
                    do throws(IncidentError) {
                        let part = try await part(share, upTo: bound, without: removals)
                        return (share.index, .success(part))
                    } catch {
                        return (share.index, .failure(error))
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        // Which of two failures is told must not depend on which fold is quicker.
        return try results.sorted { $0.0 < $1.0 }.map { result throws(IncidentError) in
            try result.1.get()
        }
    }

    private func part(
        _ share: StreamShare,
        upTo bound: Position,
        without removals: StreamRemovals
    ) async throws(IncidentError) -> Part {
        let pair = pair(share)
        let view = MachineView(journal, pair, asOf: bound)
        let fresh = Part.Track(state: pair.initial)
        var part = Part()
        try await view.forEachStep { stream, step in
            guard share.contains(stream), !removals.cover(stream, at: step.position) else {
                return .proceed
            }
            let split = take(step, by: view, into: &part.tracks[stream, default: fresh])
            guard let split else { return .proceed }
            part.tracks[stream, default: fresh].place = Part.Place(
                position: step.position,
                sequence: step.sequence,
                cause: part.number(of: split.cause)
            )
            return .proceed
        }
        return part
    }

    /// Takes an event into a stream's states.
    ///
    /// - Returns: How they differ after it, if they did not before.
    @inline(__always)
    private func take(
        _ step: MachineStep<MachinePair<Old, New>.Event>,
        by view: MachineView<MachinePair<Old, New>>,
        into track: inout Part.Track
    ) -> Split? {
        view.take(step, into: &track.state)
        guard track.place == nil, !track.state.isOne else { return nil }
        return split(after: step, track.state)
    }
}
