public import CairnCore

/// Where every request of a journal stands: one pass, in place, without copying an event.
///
/// Gives what ``PipelineMachine`` gives in the fields of ``PipelineSummary``; a test compares
/// the two on random histories.
///
/// - Complexity: Constant time for an event, and about 210 bytes for a request.
public struct PipelineFold: Sendable {
    private let rules: PipelineRules
    private var words = PipelineWordTable()
    /// For each word, the number of the stage it names and what it means as an event type.
    private var meanings: [Meaning] = []
    /// The requests by their streams, in the order they began; one that was removed has no events.
    public private(set) var requests = StreamMap<PipelineSummary>()
    /// How many events were folded.
    public private(set) var eventCount: UInt64 = 0

    private struct Meaning: Sendable {
        let stage: UInt32
        let isTerminal: Bool
        let mayComeAnytime: Bool
    }

    public init(_ definition: PipelineDefinition = .priorAuthorization) {
        rules = PipelineRules(definition)
        for stage in definition.stages { _ = words.number(of: stage.name) }
        learnWords()
    }

    /// The word with a number.
    public func text(of number: UInt32) -> String { words.text(of: number) }

    /// Takes one event of the journal; those of other streams are passed over, and so are erased
    /// rows and what says that it may be.
    ///
    /// Events must come in the order of their positions.
    ///
    /// - Throws: ``PipelineCodecError``; the event is then not folded.
    public mutating func take(
        _ header: EventHeader,
        frame: RawSpan
    ) throws(PipelineCodecError) {
        let isRow = try PipelineGate.isRow(
            header,
            frame: frame,
            inStreamOfRequest: requests.index(of: header.streamNumber) != nil
                || header.streamID(in: frame)?.kind == PipelineEvent.streamKind
        )
        guard isRow else {
            if PipelineGate.isRemoval(header, frame: frame),
                requests.index(of: header.streamNumber) != nil
            {
                requests[header.streamNumber, default: PipelineSummary()] = PipelineSummary()
            }
            return
        }
        try take(
            frame.extracting(header.payloadRange),
            occurredAt: header.occurredAt,
            of: header.streamNumber
        )
    }

    /// Takes the payload of one pipeline event.
    ///
    /// - Throws: ``PipelineCodecError``; the event is then not folded.
    public mutating func take(
        _ payload: RawSpan,
        occurredAt: Timestamp,
        of request: StreamNumber
    ) throws(PipelineCodecError) {
        let step = try PipelineStep(payload, occurredAt: occurredAt)
        let stageWord = words.number(of: step.stage, in: payload)
        let eventType = words.number(of: step.eventType, in: payload)
        var statusWord: UInt32 = 0
        if step.status == .other {
            statusWord = words.number(of: step.statusText, in: payload)
        }
        if words.count > meanings.count { learnWords() }
        eventCount &+= 1
        let type = meanings[Int(eventType)]
        requests[request, default: PipelineSummary()].take(
            step,
            in: payload,
            words: &words,
            stage: meanings[Int(stageWord)].stage,
            eventType: eventType,
            statusWord: statusWord,
            role: PipelineEnding.Role(
                step.status,
                isTerminal: type.isTerminal,
                mayComeAnytime: type.mayComeAnytime
            )
        )
    }

    private mutating func learnWords() {
        while meanings.count < words.count {
            let number = UInt32(meanings.count)
            let word = words.text(of: number)
            let type = rules.eventType(of: word)
            meanings.append(
                Meaning(
                    stage: rules.stage(of: word).map { words.number(of: $0.name) } ?? number,
                    isTerminal: type?.isTerminal ?? false,
                    mayComeAnytime: type?.mayComeAnytime ?? false
                )
            )
        }
    }
}

extension PipelineSummary {
    @inline(__always)
    mutating func take(
        _ step: PipelineStep,
        in payload: RawSpan,
        words: inout PipelineWordTable,
        stage: UInt32,
        eventType: UInt32,
        statusWord: UInt32,
        role: PipelineEnding.Role
    ) {
        if eventCount == 0 { tenant = words.number(of: step.tenant, in: payload) }
        eventCount &+= 1
        let order = PipelineOrder(number: step.sequenceNumber, place: eventCount)
        attemptMax = max(attemptMax, step.attempt)
        firstCreatedAt = min(firstCreatedAt, step.createdAt)
        lastCreatedAt = max(lastCreatedAt, step.createdAt)
        if let number = step.sequenceNumber {
            lastSequenceNumber = max(lastSequenceNumber ?? number, number)
        }
        ending.take(role, at: order)
        guard self.order < order else { return }
        self.order = order
        self.stage = stage
        self.eventType = eventType
        self.statusWord = statusWord
        status = step.status
        attempt = step.attempt
        isRetryable = step.isRetryable
        nextRetryAt = step.nextRetryAt
        createdAt = step.createdAt
    }
}
