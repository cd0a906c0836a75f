internal import CairnCore
public import CairnDomains
internal import CairnJournal

/// What is known to be missing from a touch log.
public struct TouchLosses: Hashable, Sendable {
    /// What queues said they dropped.
    public let dropped: TouchDrops
    /// Runs of queues that ended without a word; what they held then may be missing.
    public let interruptedRuns: UInt64
    /// Runs that go on, or of which nobody can say whether they do.
    public let openRuns: [TouchQueueRun]
}

extension TouchView {
    /// What is known to be missing from the log, whoever's rows it was.
    ///
    /// As of a moment nobody can say which runs went on then, and all that had no end are open.
    ///
    /// - Throws: ``IncidentError``.
    /// - Complexity: The events of the queues, which are few.
    public func losses() async throws(IncidentError) -> TouchLosses {
        let bound = try await frames.bound()
        let stream = try ItemView.naming { () throws(LimitError) in try TouchQueueMachine.stream }
        let machine = TouchQueueMachine()
        var state = machine.initial
        try await frames.forEachFrame(of: stream, upTo: bound) {
            header,
            frame throws(EventCodecError) in
            if let event = try machine.event(header, frame: frame) {
                machine.evolve(&state, by: event)
            }
            return .proceed
        }
        var open: [TouchQueueRun] = []
        for run in state.openRuns where try await frames.isAlive(run.worker) ?? true {
            open.append(run)
        }
        return TouchLosses(
            dropped: state.dropped,
            interruptedRuns: state.interruptedRuns
                &+ UInt64(state.openRuns.count - open.count),
            openRuns: open
        )
    }
}
