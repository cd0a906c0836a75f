/// What two definitions make of the same requests.
public struct PipelineComparisonReport: Hashable, Sendable {
    /// What the definitions themselves differ in, before is old.
    public let definition: [Difference]
    /// What breaks for requests in flight.
    public let breaks: [CountedBreak]
    /// What is said otherwise of requests in flight.
    public let answers: [CountedAnswer]
    /// Where the states differ, of all requests that were compared.
    public let requests: ComparisonReport

    /// Whether nothing becomes of any request, however the definitions differ.
    public var isEqual: Bool { breaks.isEmpty && answers.isEmpty && requests.isEqual }
}

/// Something that breaks, and for how many requests.
public struct CountedBreak: Hashable, Sendable {
    /// What breaks.
    public let value: PipelineBreak
    /// How many requests it breaks for.
    public let requestCount: Int
    /// `pagw_id` of the request among them that began first.
    public let example: String
}

/// An answer that changes, and for how many requests.
public struct CountedAnswer: Hashable, Sendable {
    /// The answer, before and after.
    public let value: PipelineAnswer
    /// How many requests it changes for.
    public let requestCount: Int
    /// `pagw_id` of the request among them that began first.
    public let example: String
}

/// What two definitions make of one request.
public struct RequestComparison: Hashable, Sendable {
    /// `pagw_id`.
    public let requestID: String
    /// Whether it has not ended by one of the two definitions.
    public let isInFlight: Bool
    /// What breaks; nothing unless the request is in flight.
    public let breaks: [PipelineBreak]
    /// What is said otherwise; nothing unless the request is in flight.
    public let answers: [PipelineAnswer]
    /// Where the states differ first; nil where they do not.
    public let divergence: Divergence?

    /// Whether nothing becomes of the request.
    public var isEqual: Bool { breaks.isEmpty && answers.isEmpty && divergence == nil }
}
