package import CairnCore

/// The three words of an event that name a kind of event, as numbers.
package struct StepWords: Hashable, Sendable {
    package let stage: UInt32
    package let eventType: UInt32
    package let status: UInt32
}

/// The words that a fold meets, as numbers of one table.
package struct StepVocabulary: Sendable {
    private var table = PipelineWordTable()
    /// The numbers of the five known statuses, by their code.
    private var known: [UInt32] = [0]

    package init() {
        for status in PipelineStatus.known { known.append(table.number(of: status.word)) }
    }

    /// How many words there are; their numbers are below it.
    package var count: Int { table.count }

    package func text(_ number: UInt32) -> String { table.text(of: number) }

    package mutating func number(of word: String) -> UInt32 { table.number(of: word) }

    package mutating func words(of scanned: ScannedStep, in frame: RawSpan) -> StepWords {
        let step = scanned.step
        let payload = frame.extracting(scanned.header.payloadRange)
        let status =
            step.status == .other
            ? table.number(of: step.statusText, in: payload)
            : known[Int(step.status.rawValue)]
        return StepWords(
            stage: table.number(of: step.stage, in: payload),
            eventType: table.number(of: step.eventType, in: payload),
            status: status
        )
    }
}

/// What the words of a vocabulary mean as stages and event types.
package struct StepMeanings: Sendable {
    private let definition: PipelineDefinition
    private var stages: [UInt32] = []
    private var ends: [Bool] = []

    package init(_ definition: PipelineDefinition) {
        self.definition = definition
    }

    /// The number of the stage that a word means, so that an alias is the same stage.
    package mutating func stage(of word: UInt32, in vocabulary: inout StepVocabulary) -> UInt32 {
        while stages.count <= Int(word) {
            let text = vocabulary.text(UInt32(stages.count))
            stages.append(vocabulary.number(of: definition.stageName(of: text)))
        }
        return stages[Int(word)]
    }

    /// Whether a request ends with the event type that a word names.
    package mutating func isEnd(_ word: UInt32, in vocabulary: StepVocabulary) -> Bool {
        while ends.count <= Int(word) {
            let text = vocabulary.text(UInt32(ends.count))
            ends.append(definition.eventType(named: text)?.isTerminal ?? false)
        }
        return ends[Int(word)]
    }
}

extension PipelineStatus {
    /// The five words of the source, in the order of their codes.
    fileprivate static let known: [PipelineStatus] = [
        .started, .completed, .failed, .skipped, .retryScheduled,
    ]
}

/// What a pass hands over of one event, beside the frame it stands in.
package struct ScannedStep {
    package let header: EventHeader
    package let step: PipelineStep

    package init(header: EventHeader, step: PipelineStep) {
        self.header = header
        self.step = step
    }

    /// The `sequence_no` by which the request's events are ordered.
    package var order: Int64 {
        step.sequenceNumber ?? Int64(clamping: header.sequence.rawValue)
    }
}
