public import CairnCore

/// Events for one stream, as part of an atomic append to several.
public struct StreamAppend: Sendable {
    public let stream: StreamID
    public let expected: ExpectedSequence
    public let events: [NewEvent]

    public init(
        _ events: [NewEvent],
        to stream: StreamID,
        expecting expected: ExpectedSequence = .any
    ) {
        self.stream = stream
        self.expected = expected
        self.events = events
    }
}

extension Journal {
    /// Appends one event and returns once it is durable.
    ///
    /// A stream that has not reached what is expected is told to the caller and to nobody else:
    /// who tries until it succeeds would fill the log of system events. `appendTellingConflict`
    /// of the module CairnServices records it there as well.
    ///
    /// - Throws: As ``TurnScope/append(_:to:expecting:)``, or why it was not committed.
    @discardableResult
    public func append(
        _ event: NewEvent,
        to stream: StreamID,
        expecting expected: ExpectedSequence = .any
    ) async throws(JournalError) -> Receipt {
        try await append([StreamAppend([event], to: stream, expecting: expected)])[0][0]
    }

    @discardableResult
    public func append(_ appends: [StreamAppend]) async throws(JournalError) -> [[Receipt]] {
        try await turn { scope throws(JournalError) in try scope.append(appends) }
    }
}
