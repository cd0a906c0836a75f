public import CairnCore

/// One request on its way through a pipeline (seed 002).
///
/// The transition table is `Specs/Machines/Pipeline.md`; `PipelineTableTests` keeps the two
/// equal. A log takes what happened, so only a retry is ever refused for the state it meets.
public struct PipelineMachine: Machine {
    public let definition: PipelineDefinition
    let rules: PipelineRules

    public init(_ definition: PipelineDefinition = .priorAuthorization) {
        self.definition = definition
        rules = PipelineRules(definition)
    }

    public var initial: PipelineState { PipelineState() }

    public func decide(
        _ command: PipelineCommand,
        in state: PipelineState,
        context: TurnContext
    ) throws(PipelineRejection) -> [PipelineEvent] {
        let row = try row(for: command, in: state, context: context)
        let stage = state[stage: stageName(of: row.stage)]
        switch stage?.status.code {
        case nil, .started, .completed, .skipped, .other:
            switch command.verb {
            case .recordStart, .recordCompletion, .recordFailure, .recordSkip, .recordRetry:
                return [row]
            case .scheduleRetry: throw .notFailed(stage: row.stage)
            }

        case .failed:
            switch command.verb {
            case .recordStart, .recordCompletion, .recordFailure, .recordSkip, .recordRetry:
                return [row]
            case .scheduleRetry: return [try scheduled(row, in: state, context: context)]
            }

        case .retryScheduled:
            switch command.verb {
            case .recordStart, .recordCompletion, .recordFailure, .recordSkip, .recordRetry:
                return [row]
            case .scheduleRetry: return []
            }
        }
    }

    public func evolve(_ state: inout PipelineState, by event: PipelineEvent) {
        _ = take(event, into: &state)
    }

    /// Takes an event in as ``evolve(_:by:)`` does, and says what is odd about it.
    package func take(
        _ event: PipelineEvent,
        into state: inout PipelineState
    ) -> PipelineAnomaly.Kinds {
        let places = rules.places(of: event)
        let anomalies = rules.anomalies(of: event, at: places, in: state)
        let stage = places.stage.map { definition.stages[$0].name } ?? event.stage
        // A stream holds the events of one request and nothing else, so they count themselves.
        state.eventCount &+= 1
        let sequence = SequenceNumber(rawValue: state.eventCount)
        let order = PipelineOrder(number: event.sequenceNumber, place: state.eventCount)
        state.anomalies.add(anomalies, at: sequence, of: event.sequenceNumber)
        state.tenant = state.tenant ?? event.tenant
        state.attemptMax = max(state.attemptMax, event.attempt)
        state.firstCreatedAt = min(state.firstCreatedAt ?? event.createdAt, event.createdAt)
        state.lastCreatedAt = max(state.lastCreatedAt ?? event.createdAt, event.createdAt)
        if let number = event.sequenceNumber {
            state.lastSequenceNumber = max(state.lastSequenceNumber ?? number, number)
        }
        state.take(event, at: order, inStage: stage)
        if event.status.code == .failed {
            state.failure.take(PipelineFailure(event, stage: stage), at: order)
        }
        let type = places.type
        if event.status.code.endsWork,
            let start = type.flatMap({ definition.eventTypes[$0].startedBy })
        {
            state.takeEnd(ofWorkBegunBy: start, at: order)
        }
        if rules.beginsSomething(at: type) { state.takeStart(event.eventType, at: order) }
        state.ending.take(
            PipelineEnding.Role(
                event.status.code,
                isTerminal: type.map { definition.eventTypes[$0].isTerminal } ?? false,
                mayComeAnytime: type.map { definition.eventTypes[$0].mayComeAnytime } ?? false
            ),
            at: order
        )
        if let current = state.current, order < current.order { return anomalies }
        state.current = PipelineState.Current(
            stage: stage,
            eventType: event.eventType,
            status: event.status,
            attempt: event.attempt,
            isRetryable: event.isRetryable,
            nextRetryAt: event.nextRetryAt,
            createdAt: event.createdAt,
            sequenceNumber: event.sequenceNumber,
            sequence: sequence
        )
        return anomalies
    }

    /// What is odd about an event that comes next, for showing it beside the event.
    public func anomalies(
        of event: PipelineEvent,
        in state: PipelineState
    ) -> PipelineAnomaly.Kinds {
        rules.anomalies(of: event, at: rules.places(of: event), in: state)
    }

    /// The name of a stage that may be given by an alias; other words are returned themselves.
    package func stageName(of word: String) -> String { rules.stage(of: word)?.name ?? word }
}
