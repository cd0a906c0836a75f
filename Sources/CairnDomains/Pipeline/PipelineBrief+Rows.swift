internal import CairnCore

/// What the words of a row mean by a definition.
struct PipelineMeaning: Sendable {
    /// The number of the name of the stage that the word names; its own where it names none.
    let stage: UInt32
    let isStage: Bool
    /// The stages of which one should have been seen before.
    let follows: [UInt32]
    let type: EventType?

    struct EventType: Sendable {
        let status: PipelineStatus.Code
        let startedBy: UInt32?
        let isTerminal: Bool
        let mayComeAnytime: Bool
        /// Whether another type names it as its start.
        let begins: Bool
    }
}

/// A row as a brief takes it, read in place.
struct BriefRow {
    let header: EventHeader
    let step: PipelineStep
    let tenant: UInt32
    let stageWord: UInt32
    let eventType: UInt32
    let statusWord: UInt32
    let stage: PipelineMeaning
    let type: PipelineMeaning.EventType?
    let isDefinitionOpen: Bool
}

extension PipelineBrief {
    /// Takes a row in, as ``PipelineMachine/evolve(_:by:)`` does.
    @inline(__always)
    mutating func take(
        _ row: BriefRow,
        in payload: RawSpan,
        words: inout PipelineWordTable,
        details: PipelineStep.Details
    ) {
        let step = row.step
        let order = PipelineOrder(number: step.sequenceNumber, place: summary.eventCount &+ 1)
        anomalyCount &+= anomalyCount(of: row, at: order)
        if summary.eventCount > 0, summary.tenant != row.tenant { isMixed = true }
        if step.status == .failed, failure.map({ $0 < order }) ?? true {
            failure = order
            errorCode = details.errorCode.map { payload.extracting($0).array() }
        }
        takeStage(row, at: order)
        takeStarts(row, at: order)
        takeLatest(row, in: payload, worker: details.workerID)
        summary.take(
            step,
            in: payload,
            words: &words,
            stage: row.stage.stage,
            eventType: row.eventType,
            statusWord: row.statusWord,
            role: PipelineEnding.Role(
                step.status,
                isTerminal: row.type?.isTerminal ?? false,
                mayComeAnytime: row.type?.mayComeAnytime ?? false
            )
        )
    }

    /// How many kinds of anomalies a row shows: as many as `PipelineRules` finds.
    private func anomalyCount(of row: BriefRow, at order: PipelineOrder) -> UInt64 {
        let step = row.step
        let isFirst = summary.eventCount == 0
        var count: UInt64 = 0
        func add(_ isOdd: Bool) { if isOdd { count &+= 1 } }
        add(!isFirst && summary.tenant != row.tenant)
        add(step.status == .other)
        if !row.isDefinitionOpen {
            add(!row.stage.isStage)
            add(row.type == nil)
        }
        if let type = row.type { add(PipelineRules.contradict(type.status, step.status)) }
        let isDuplicate =
            step.sequenceNumber != nil && step.sequenceNumber == summary.lastSequenceNumber
        let isLate = !isFirst && order < summary.order
        if isLate || isDuplicate { return count &+ 1 }
        add(!isFirst && step.createdAt < summary.createdAt)
        let known = stage(row.stage.stage)
        if let known { add(step.attempt < known.attempt) }
        if let begun = row.type?.startedBy, step.status.endsWork {
            add(!(start(begun)?.isOpen ?? false))
        }
        guard row.type?.mayComeAnytime != true else { return count }
        if known == nil, row.stage.isStage, !row.stage.follows.isEmpty {
            add(!row.stage.follows.contains { stage($0) != nil })
        }
        add(summary.isTerminal && row.type?.isTerminal != true)
        return count
    }

    private mutating func takeStage(_ row: BriefRow, at order: PipelineOrder) {
        let name = row.stage.stage
        let index = stages.place(of: name, by: \.name)
        if !stages.indices.contains(index) || stages[index].name != name {
            stages.insert(Stage(name: name, order: .least, attempt: row.step.attempt), at: index)
        }
        if stages[index].order < order {
            stages[index].order = order
            stages[index].attempt = row.step.attempt
        }
        let place = StreamOrder(row.step, row.header)
        if row.type?.isTerminal == true { end = max(end ?? place, place) }
        let namesTime = row.step.nextRetryAt != nil
        switch row.step.status {
        case .started, .completed, .skipped:
            stages[index].closing = max(stages[index].closing ?? place, place)
        case .failed where row.step.isRetryable && namesTime, .retryScheduled where namesTime:
            stages[index].retry = max(stages[index].retry ?? place, place)
        case .failed, .retryScheduled, .other: break
        }
    }

    private mutating func takeStarts(_ row: BriefRow, at order: PipelineOrder) {
        guard let type = row.type else { return }
        if let begun = type.startedBy, row.step.status.endsWork {
            let index = knownStartIndex(of: begun)
            starts[index].lastEnd = max(starts[index].lastEnd ?? order, order)
        }
        if type.begins {
            let index = knownStartIndex(of: row.eventType)
            starts[index].lastStart = max(starts[index].lastStart ?? order, order)
        }
    }

    private mutating func knownStartIndex(of eventType: UInt32) -> Int {
        let index = starts.place(of: eventType, by: \.eventType)
        if !starts.indices.contains(index) || starts[index].eventType != eventType {
            starts.insert(Start(eventType: eventType), at: index)
        }
        return index
    }

    private mutating func takeLatest(
        _ row: BriefRow,
        in payload: RawSpan,
        worker: Range<Int>?
    ) {
        let order = StreamOrder(row.step, row.header)
        if let latest, order < latest.order { return }
        let isStarted = row.step.status == .started
        latest = Latest(
            order: order,
            position: row.header.position,
            createdAt: row.step.createdAt,
            status: row.step.status,
            worker: isStarted ? worker.map { payload.extracting($0).array() } : nil
        )
    }
}
