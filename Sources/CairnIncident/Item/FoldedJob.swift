internal import CairnCore
internal import CairnDomains

/// A job as far as its events were read.
struct FoldedJob {
    private static let machine = JobMachine()

    private(set) var state = JobState()
    /// Where its first event stands.
    private(set) var position = Position.zero
    private(set) var runs: [JobRunLine] = []
    private(set) var decisions: [JobDecisionLine] = []

    /// Takes the next event of the job's stream.
    mutating func take(_ header: EventHeader, frame: RawSpan) throws(EventCodecError) {
        position = header.streamNumber.firstPosition
        guard let event = try Self.machine.event(header, frame: frame) else { return }
        Self.machine.evolve(&state, by: event)
        switch event.fact {
        case .runBegan(let run):
            runs.append(
                JobRunLine(
                    number: run.number,
                    worker: run.worker,
                    beganAt: event.at,
                    itemCount: run.itemCount
                )
            )
        case .runEnded(let end):
            guard let index = runs.lastIndex(where: { $0.number == end.number }) else { return }
            runs[index].end = end
            runs[index].endedAt = event.at
            // One that finished was given them all, whether or not it says so.
            let offered = end.ending == .finished ? end.counts.offered : nil
            runs[index].itemCount = end.itemCount ?? offered ?? runs[index].itemCount
        case .paused(let decision): add(.paused, decision, event.at)
        case .resumed(let decision): add(.resumed, decision, event.at)
        case .cancelled(let decision): add(.cancelled, decision, event.at)
        case .blockSettled, .itemReopened: break
        }
    }

    private mutating func add(
        _ kind: JobDecisionLine.Kind,
        _ decision: JobDecision,
        _ instant: Timestamp
    ) {
        decisions.append(JobDecisionLine(kind: kind, decidedAt: instant, decision: decision))
    }

    /// Asks for the workers of open runs.
    mutating func ask(_ lives: inout HolderLives) async throws(IncidentError) {
        for index in runs.indices where runs[index].end == nil {
            runs[index].isAlive = try await lives.isAlive(runs[index].worker)
        }
    }

    /// The open run that goes on, as far as anyone can say; the latest of several.
    var runningRun: JobRunLine? { runs.last { $0.end == nil && $0.isAlive != false } }

    private var standing: JobStanding {
        if state.cancellation != nil { return .cancelled }
        if state.pause != nil { return .paused }
        if runningRun != nil { return .running }
        guard let last = runs.last else { return .stopped }
        return last.end.map { JobStanding($0.ending) } ?? .interrupted
    }

    func row(_ stream: StreamID) -> JobRow {
        JobRow(
            name: state.name ?? stream.key,
            standing: standing,
            openedAt: state.openedAt,
            runCount: state.runCount,
            lastEnd: state.lastEnd,
            lastEndedAt: state.lastEndedAt,
            pause: state.pause,
            cancellation: state.cancellation,
            anomalyCount: state.anomalyCount
        )
    }
}
