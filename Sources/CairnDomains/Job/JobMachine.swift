public import CairnCore

/// A job: the runs over its items, and what people decided about it as a whole.
///
/// What became of each item stands in the item's own stream; a job's stream says what holds for
/// all of them. The transition table is `Specs/Machines/Job.md`; `JobTableTests` keeps the two
/// equal.
public struct JobMachine: Machine {
    public static let streamKind = StreamKind("job")

    public var streamKind: StreamKind { Self.streamKind }

    public init() {}

    /// The stream of a job.
    public static func stream(of job: String) throws(LimitError) -> StreamID {
        try StreamID(kind: streamKind, longKey: job)
    }

    public var initial: JobState { JobState() }

    public func decide(
        _ command: JobCommand,
        in state: JobState,
        context: TurnContext
    ) throws(JobRefusal) -> [JobEvent] {
        let fact: JobEvent.Fact?
        switch command {
        case .beginRun(let name, let worker, let itemCount):
            if let known = state.name, !known.hasSameBytes(as: name) { throw .nameCollision }
            if let stop = state.cancellation { throw .cancelled(stop) }
            fact = .runBegan(
                JobRun(
                    number: state.runCount &+ 1,
                    worker: worker,
                    job: name,
                    itemCount: itemCount
                )
            )
        case .endRun(let number, let ending, let counts, let itemCount):
            guard state.mayEnd(number) else { throw .noSuchRun(number) }
            fact = .runEnded(
                JobRunEnd(number: number, ending: ending, counts: counts, itemCount: itemCount)
            )
        case .settleBlock(let block, let looked):
            try state.requireKnown()
            let isKnown = state.blocks[block.number] == block && !state.isReopened(in: looked)
            fact = isKnown ? nil : .blockSettled(block, looked)
        case .pause(let decision):
            try state.requireKnown()
            if let stop = state.cancellation { throw .cancelled(stop) }
            fact = state.pause == nil ? .paused(decision) : nil
        case .resume(let decision):
            try state.requireKnown()
            if let stop = state.cancellation { throw .cancelled(stop) }
            fact = state.pause == nil ? nil : .resumed(decision)
        case .cancel(let decision):
            try state.requireKnown()
            fact = state.cancellation == nil ? .cancelled(decision) : nil
        }
        return fact.map { [JobEvent($0, at: context.now)] } ?? []
    }

    public func evolve(_ state: inout JobState, by event: JobEvent) {
        // A stream holds the events of one job and nothing else, so they count themselves.
        state.eventCount &+= 1
        switch event.fact {
        case .runBegan(let run): state.take(run, at: event.at)
        case .runEnded(let end):
            guard state.mayEnd(end.number) else { return state.anomalyCount &+= 1 }
            state.openRuns.removeAll { $0.number == end.number }
            state.lastEnd = end
            state.lastEndedAt = event.at
        case .blockSettled(let block, let looked):
            state.blocks[block.number] = block
            state.close(looked)
        case .itemReopened(let key):
            state.reopened[key] = SequenceNumber(rawValue: state.eventCount)
        case .paused(let decision): state.pause = decision
        case .resumed: state.pause = nil
        case .cancelled(let decision):
            // The first one holds; a second was decided by someone who did not see it.
            guard state.cancellation == nil else { return state.anomalyCount &+= 1 }
            state.cancellation = decision
        }
    }
}
