internal import CairnCore

extension PipelineMachine {
    /// The row that a report becomes, with what it leaves open chosen here.
    func row(
        for command: PipelineCommand,
        in state: PipelineState,
        context: TurnContext
    ) throws(PipelineRejection) -> PipelineEvent {
        let report = command.report
        guard !report.tenant.isEmpty else { throw .emptyTenant }
        guard !report.stage.isEmpty else { throw .emptyStage }
        if let known = state.tenant, !known.hasSameBytes(as: report.tenant) {
            throw .tenantMismatch(known: known, given: report.tenant)
        }
        guard definition.isOpen || rules.stage(of: report.stage) != nil else {
            throw .unknownStage(report.stage)
        }
        let createdAt = report.createdAt ?? context.now
        var row = PipelineEvent(
            tenant: report.tenant,
            stage: report.stage,
            eventType: try eventType(for: command),
            status: command.verb.status,
            createdAt: createdAt
        )
        row.sequenceNumber = report.sequenceNumber
        if row.sequenceNumber == nil { row.sequenceNumber = try nextSequenceNumber(in: state) }
        row.attempt = report.attempt ?? attempt(for: command, in: state)
        row.isRetryable = report.isRetryable
        row.nextRetryAt = report.nextRetryAt
        row.externalReference = report.externalReference
        row.durationMilliseconds = report.durationMilliseconds
        row.errorCode = report.errorCode
        row.errorMessage = report.errorMessage
        row.workerID = report.workerID
        row.serviceName = report.serviceName
        row.startedAt = report.startedAt
        row.completedAt = report.completedAt
        row.metadata = report.metadata
        switch command.verb {
        case .recordStart: row.startedAt = row.startedAt ?? createdAt
        case .recordCompletion, .recordFailure: row.completedAt = row.completedAt ?? createdAt
        case .recordSkip, .recordRetry, .scheduleRetry: break
        }
        return row
    }

    /// The row with the instant of the next try, chosen by the stage's policy and the turn's seed.
    func scheduled(
        _ row: PipelineEvent,
        in state: PipelineState,
        context: TurnContext
    ) throws(PipelineRejection) -> PipelineEvent {
        guard !state.isTerminal else { throw .alreadyTerminal }
        guard let stage = state[stage: stageName(of: row.stage)], stage.isRetryable else {
            throw .notRetryable(stage: row.stage)
        }
        let policy = rules.stage(of: row.stage)?.retry ?? definition.retry
        guard stage.attempt < policy.attemptCountMax else {
            throw .attemptsExhausted(attemptCountMax: policy.attemptCountMax)
        }
        let delay = policy.delay(afterAttempt: stage.attempt, seed: context.seed)
        var row = row
        row.nextRetryAt = row.nextRetryAt ?? context.clockNow.adding(delay)
        return row
    }

    private func eventType(for command: PipelineCommand) throws(PipelineRejection) -> String {
        let (report, status) = (command.report, command.verb.status)
        if let name = report.eventType {
            guard definition.isOpen || rules.eventType(of: name) != nil else {
                throw .unknownEventType(name)
            }
            return name
        }
        if let type = definition.eventType(of: report.stage, implying: status) { return type.name }
        guard definition.isOpen else {
            throw .eventTypeNeeded(stage: report.stage, status: status)
        }
        // No type says so: the status itself is the only honest name for what happened.
        return status.word
    }

    private func nextSequenceNumber(in state: PipelineState) throws(PipelineRejection) -> Int64 {
        let last = max(state.lastSequenceNumber ?? 0, Int64(clamping: state.eventCount))
        guard last < .max else { throw .sequenceNumbersExhausted }
        return last + 1
    }

    private func attempt(for command: PipelineCommand, in state: PipelineState) -> Int64 {
        guard let stage = state[stage: stageName(of: command.report.stage)] else { return 1 }
        let attempt = max(stage.attempt, 1)
        let startsAgain = stage.status == .failed || stage.status == .retryScheduled
        guard command.verb == .recordStart, startsAgain, attempt < .max else { return attempt }
        return attempt + 1
    }
}

extension PipelineState {
    /// Takes an event into the state of its stage.
    mutating func take(_ event: PipelineEvent, at order: PipelineOrder, inStage name: String) {
        let index = stageIndex(of: name)
        if !stages.indices.contains(index) || !stages[index].isNamed(name) {
            stages.insert(PipelineStageState(name: name, first: event), at: index)
        }
        stages[index].take(event, at: order)
    }

    /// Takes a row that begins what another type ends.
    mutating func takeStart(_ eventType: String, at order: PipelineOrder) {
        let index = knownStartIndex(of: eventType)
        starts[index].lastStart = max(starts[index].lastStart ?? order, order)
    }

    /// Takes a row that ends what an event type begins.
    mutating func takeEnd(ofWorkBegunBy eventType: String, at order: PipelineOrder) {
        let index = knownStartIndex(of: eventType)
        starts[index].lastEnd = max(starts[index].lastEnd ?? order, order)
    }

    private mutating func knownStartIndex(of eventType: String) -> Int {
        let index = startIndex(of: eventType)
        if !starts.indices.contains(index)
            || !starts[index].eventType.hasSameBytes(as: eventType)
        {
            starts.insert(PipelineStart(eventType: eventType), at: index)
        }
        return index
    }
}

extension PipelineStageState {
    fileprivate mutating func take(_ event: PipelineEvent, at order: PipelineOrder) {
        eventCount &+= 1
        if event.status.code == .failed { failureCount &+= 1 }
        attemptMax = max(attemptMax, event.attempt)
        firstCreatedAt = min(firstCreatedAt, event.createdAt)
        lastCreatedAt = max(lastCreatedAt, event.createdAt)
        if let milliseconds = event.durationMilliseconds {
            durationSum &+= Int128(milliseconds)
            duration.take(milliseconds, at: order)
        }
        switch event.status.code {
        case .started: start.take(event.startedAt ?? event.createdAt, at: order)
        case .completed, .failed, .skipped:
            if let startedAt = event.startedAt { start.take(startedAt, at: order) }
            end.take(event.completedAt ?? event.createdAt, at: order)
        case .retryScheduled, .other: break
        }
        if event.status.code == .failed {
            failure.take(PipelineFailure(event, stage: name), at: order)
        }
        guard self.order < order else { return }
        self.order = order
        status = event.status
        attempt = event.attempt
        isRetryable = event.isRetryable
        nextRetryAt = event.nextRetryAt
    }
}

extension PipelineFailure {
    init(_ event: PipelineEvent, stage: String) {
        self.stage = stage
        code = event.errorCode
        message = event.errorMessage
        attempt = event.attempt
        createdAt = event.createdAt
    }
}
