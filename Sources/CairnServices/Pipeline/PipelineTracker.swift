public import CairnCore
public import CairnDomains
public import CairnJournal

/// Where services record what they do to requests, as the source's `EventTrackerService` did.
///
/// Each report is one turn: the request's events are folded, the machine decides, and the row is
/// durable when the call returns. A report that names its `sequence_no`, or an event id, may be
/// repeated as often as its caller likes: the same report gives the first one's receipt, and
/// another report under the same number is a conflict (law 4).
public struct PipelineTracker: Sendable {
    let journal: any Journal
    let machine: PipelineMachine
    private let seed: @Sendable () -> UInt64
    private let requests = PipelineTrackerCache()

    /// Tracks requests of one pipeline in a journal.
    ///
    /// - Parameters:
    ///   - journal: Where the events go.
    ///   - definition: The pipeline's stages, event types and retry policies.
    ///   - seed: Gives each turn the chance that its retry's jitter is chosen by.
    public init(
        journal: any Journal,
        definition: PipelineDefinition = .priorAuthorization,
        seed: @escaping @Sendable () -> UInt64 = { UInt64.random(in: 0 ... .max) }
    ) {
        self.journal = journal
        machine = PipelineMachine(definition)
        self.seed = seed
    }

    /// Records a report, or decides on a retry, and returns once the row is durable.
    ///
    /// - Parameters:
    ///   - command: What is reported.
    ///   - request: The request's id, `pagw_id`.
    ///   - id: The caller's own id of the event; `<pagw_id>/<sequence_no>` where it gives none.
    /// - Returns: Where the row stands and the state that the request then has.
    /// - Throws: ``PipelineTrackerError``. After ``PipelineTrackerError/journal(_:)`` with
    ///   `JournalError.outcomeUnknown` the row may be there or not; repeating a
    ///   report that names its number or id settles it.
    @discardableResult
    public func record(
        _ command: PipelineCommand,
        of request: String,
        id: EventID? = nil
    ) async throws(PipelineTrackerError) -> PipelineRecording {
        try await record(command, of: request, id: id, under: nil)
    }

    /// Records a report that is taken only while a lease holds.
    func record(
        _ command: PipelineCommand,
        of request: String,
        id: EventID? = nil,
        under lease: RetryLease?
    ) async throws(PipelineTrackerError) -> PipelineRecording {
        let turn = PipelineTrackerTurn(
            machine: machine,
            command: command,
            request: request,
            stream: try stream(of: request),
            id: id,
            seed: seed(),
            folded: try await folded(request),
            lease: lease
        )
        let result: PipelineTrackerTurn.Outcome
        do {
            result = try await journal.turn { scope throws(JournalError) in
                try turn.run(in: scope)
            }
        } catch {
            throw .journal(error)
        }
        let recording = try result.get()
        // Only now is what the turn read and appended known to be durable.
        requests.keep(recording.folded, of: request)
        return PipelineRecording(receipt: recording.receipt, state: recording.folded.state)
    }

    /// The state of a request, as its events stand in the journal now.
    ///
    /// - Throws: ``PipelineTrackerError``.
    public func state(of request: String) async throws(PipelineTrackerError) -> PipelineState {
        let folded = try await folded(request)
        requests.keep(folded, of: request)
        return folded.state
    }

    /// Folds what is committed before the batch opens, so that the turn itself is short.
    private func folded(_ request: String) async throws(PipelineTrackerError) -> FoldedRequest {
        let stream = try stream(of: request)
        var folded = requests[request] ?? FoldedRequest(state: machine.initial)
        var failure: PipelineTrackerError?
        do {
            try await journal.forEachEvent(of: stream, from: folded.sequence.next) {
                header,
                frame in
                folded.take(header, frame: frame, machine: machine, failure: &failure)
            }
        } catch {
            throw .journal(error)
        }
        if let failure { throw failure }
        return folded
    }

    private func stream(of request: String) throws(PipelineTrackerError) -> StreamID {
        do { return try PipelineEvent.streamID(request: request) } catch {
            throw .journal(.limit(error))
        }
    }
}

/// What became of a report.
public struct PipelineRecording: Hashable, Sendable {
    /// Where the row stands; nil where what was asked for held already.
    public let receipt: Receipt?
    /// The request's state after it.
    public let state: PipelineState
}
