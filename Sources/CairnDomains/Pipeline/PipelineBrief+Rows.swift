internal import CairnCore

extension PipelineBrief {
    /// Takes a row in, as ``PipelineMachine/evolve(_:by:)`` does.
    ///
    /// The worker of a row that becomes the latest is not yet told.
    @inline(__always)
    mutating func take(
        _ step: PipelineStep,
        _ header: EventHeader,
        in payload: RawSpan,
        _ meanings: inout PipelineMeanings,
        errorCode: Range<Int>?
    ) {
        let stageWord = meanings.words.number(of: step.stage, in: payload)
        let eventType = meanings.words.number(of: step.eventType, in: payload)
        let tenant = meanings.words.number(of: step.tenant, in: payload)
        var statusWord: UInt32 = 0
        if step.status == .other {
            statusWord = meanings.words.number(of: step.statusText, in: payload)
        }
        meanings.learn()
        let (stage, type) = (meanings[stageWord], meanings[eventType])
        let order = PipelineOrder(number: step.sequenceNumber, place: summary.eventCount &+ 1)
        let index = stageIndex(of: stage.stage)
        let isOfOther = summary.eventCount > 0 && summary.tenant != tenant
        anomalyCount &+= anomalyCount(of: step, at: order, stageWord, eventType, index, meanings)
        if isOfOther {
            anomalyCount &+= 1
            isMixed = true
        }
        if step.status == .failed, failure.map({ $0 < order }) ?? true {
            failure = order
            self.errorCode = errorCode.map { payload.extracting($0).array() }
        }
        let place = StreamOrder(step, header)
        if type.isTerminal { end = max(end ?? place, place) }
        take(step, at: order, place, inStage: stage.stage, index)
        takeTries(
            step,
            at: header.position,
            place,
            inStage: stage.stage,
            isEnd: type.isTerminal
        )
        takeStarts(step.status, at: order, eventType, type)
        if latest.order < place {
            latest = Latest()
            latest.order = place
            latest.position = header.position
            latest.createdAt = step.createdAt
            latest.status = step.status
        }
        summary.take(
            step,
            in: payload,
            words: &meanings.words,
            stage: stage.stage,
            eventType: eventType,
            statusWord: statusWord,
            role: PipelineEnding.Role(
                step.status,
                isTerminal: type.isTerminal,
                mayComeAnytime: type.mayComeAnytime
            )
        )
    }

    /// How many kinds of anomalies a row shows beside its tenant: as many as `PipelineRules`
    /// finds.
    private func anomalyCount(
        of step: PipelineStep,
        at order: PipelineOrder,
        _ stageWord: UInt32,
        _ eventType: UInt32,
        _ stageIndex: Int?,
        _ meanings: borrowing PipelineMeanings
    ) -> UInt64 {
        let (stage, type) = (meanings[stageWord], meanings[eventType])
        let isFirst = summary.eventCount == 0
        var count: UInt64 = step.status == .other ? 1 : 0
        if !meanings.isOpen {
            if !stage.isStage { count &+= 1 }
            if !type.isType { count &+= 1 }
        }
        if type.isType, PipelineRules.contradict(type.status, step.status) { count &+= 1 }
        let isDuplicate =
            step.sequenceNumber != nil && step.sequenceNumber == summary.lastSequenceNumber
        let isLate = !isFirst && order < summary.order
        if isLate || isDuplicate { return count &+ 1 }
        if !isFirst, step.createdAt < summary.createdAt { count &+= 1 }
        if let stageIndex, step.attempt < stages[stageIndex].attempt { count &+= 1 }
        if type.startedBy != 0, step.status.endsWork,
            startIndex(of: type.startedBy).map({ starts[$0].isOpen }) != true
        {
            count &+= 1
        }
        guard !type.mayComeAnytime else { return count }
        if stageIndex == nil, stage.followsStages,
            !meanings.stagesBefore(stageWord).contains(where: { self.stageIndex(of: $0) != nil })
        {
            count &+= 1
        }
        if summary.isTerminal, !type.isTerminal { count &+= 1 }
        return count
    }

    @inline(__always)
    private mutating func take(
        _ step: PipelineStep,
        at order: PipelineOrder,
        _ place: StreamOrder,
        inStage name: UInt32,
        _ known: Int?
    ) {
        let index = known ?? stages.place(of: name, by: \.name)
        if known == nil {
            stages.insert(Stage(name: name, order: .least, attempt: step.attempt), at: index)
        }
        if stages[index].order < order {
            stages[index].order = order
            stages[index].attempt = step.attempt
        }
        switch step.status {
        case .started, .completed, .skipped:
            stages[index].closing = max(stages[index].closing ?? place, place)
        case .failed, .retryScheduled, .other: break
        }
    }

    @inline(__always)
    private mutating func takeStarts(
        _ status: PipelineStatus.Code,
        at order: PipelineOrder,
        _ eventType: UInt32,
        _ type: PipelineMeaning
    ) {
        if type.startedBy != 0, status.endsWork {
            let index = knownStartIndex(of: type.startedBy)
            starts[index].lastEnd = max(starts[index].lastEnd ?? order, order)
        }
        if type.begins {
            let index = knownStartIndex(of: eventType)
            starts[index].lastStart = max(starts[index].lastStart ?? order, order)
        }
    }

    private mutating func knownStartIndex(of eventType: UInt32) -> Int {
        let index = starts.place(of: eventType, by: \.eventType)
        if index == starts.count || starts[index].eventType != eventType {
            starts.insert(Start(eventType: eventType), at: index)
        }
        return index
    }
}
