internal import CairnCore
internal import CairnDomains

/// Which requests were under way in a stretch of time, found in the pass that lists them.
///
/// What had ended when the stretch began is asked of the events created before it, in the order
/// in which they were recorded.
struct RequestsUnderWay {
    private let span: IncidentSpan
    /// The requests as they stood when the stretch began.
    private var earlier: PipelineFold
    private var within: Set<StreamNumber> = []

    init(in span: IncidentSpan, _ definition: PipelineDefinition) {
        self.span = span
        earlier = PipelineFold(definition)
    }

    /// Takes the next event of any request.
    mutating func take(
        _ header: EventHeader,
        frame: RawSpan
    ) throws(PipelineCodecError) {
        let payload = frame.extracting(header.payloadRange)
        let createdAt = try PipelineStep(payload, occurredAt: header.occurredAt).createdAt
        if span.isAfter(createdAt) {
            try earlier.take(payload, occurredAt: header.occurredAt, of: header.streamNumber)
        } else if span.covers(createdAt) {
            within.insert(header.streamNumber)
        }
    }

    /// Whether a request belongs to the stretch.
    func contains(_ stream: StreamNumber) -> Bool {
        within.contains(stream) || earlier.requests[stream].map { !$0.isTerminal } ?? false
    }
}
