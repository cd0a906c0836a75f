internal import CairnCore
internal import CairnDomains

/// An event as far as the way of its request goes: plain data.
struct PathStep {
    let order: EventOrder
    let createdAt: Timestamp
    let attempt: Int64
    /// Numbers of words: the stage's is that of its name, whatever alias the row has.
    let tenant: UInt32
    let stage: UInt32
    let eventType: UInt32
    /// Where the request's step before it stands, counted from 1; 0 for the first.
    let previous: UInt32
    let status: PipelineStatus.Code
    let isRetryable: Bool
    /// Whether the row has a `sequence_no` of its own.
    let isNumbered: Bool
}

/// The steps of many requests, gathered in one pass.
///
/// - Complexity: 56 bytes for an event, and about 100 for a request and its name.
struct PathHistories {
    /// The steps in the order of their positions, those of each request linked backwards.
    private var steps: [PathStep] = []
    /// The last step of each request, counted from 1.
    private var last = StreamMap<UInt32>()
    private var names = StreamMap<String>()
    private var vocabulary = StepVocabulary()
    private var meanings: StepMeanings

    init(_ definition: PipelineDefinition) { meanings = StepMeanings(definition) }

    mutating func take(_ scanned: ScannedStep, in frame: RawSpan) {
        let header = scanned.header
        if let id = header.streamID(in: frame)?.key {
            names[header.streamNumber, default: id] = id
        }
        let payload = frame.extracting(header.payloadRange)
        let words = vocabulary.words(of: scanned, in: frame)
        let previous = last[header.streamNumber, default: 0]
        let step = scanned.step
        steps.append(
            PathStep(
                order: EventOrder(scanned),
                createdAt: step.createdAt,
                attempt: step.attempt,
                tenant: vocabulary.number(of: step.tenant.text(in: payload)),
                stage: meanings.stage(of: words.stage, in: &vocabulary),
                eventType: words.eventType,
                previous: previous,
                status: step.status,
                isRetryable: step.isRetryable,
                isNumbered: step.sequenceNumber != nil
            )
        )
        last[header.streamNumber, default: 0] = UInt32(steps.count)
    }

    /// All words that the steps name, by their numbers.
    var words: [String] { (0..<UInt32(vocabulary.count)).map { vocabulary.text($0) } }

    /// How many requests there are.
    var requestCount: Int { last.count }

    /// The stream of a request, by its place in the order in which they began.
    func stream(at index: Int) -> StreamNumber { last.numbers[index] }

    /// The id of a request; nil where the journal begins later than the request.
    func name(at index: Int) -> String? { names[last.numbers[index]] }

    /// The steps of a request, in the order in which they came.
    func steps(at index: Int) -> [PathStep] {
        var found: [PathStep] = []
        var place = last.values[index]
        while place > 0 {
            let step = steps[Int(place - 1)]
            found.append(step)
            place = step.previous
        }
        found.reverse()
        return found
    }
}
