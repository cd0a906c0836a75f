public import CairnCore
internal import CairnDomains
public import CairnJournal

extension Journal {
    /// Appends events to a stream as `append` does; where the stream has not reached what is
    /// expected, that is recorded in the same batch as the system event `atomic_update.conflict`.
    ///
    /// The statuses of a stream are how many events it has: `sequence 3`, and none where it has no
    /// event. A plain `append` records nothing: who tries until it succeeds would fill the log.
    ///
    /// - Parameters:
    ///   - events: The events, in order.
    ///   - stream: Where they go.
    ///   - expected: What the stream must have reached.
    ///   - operation: What is being done, in the words of the caller.
    /// - Returns: The receipts, in the order given.
    /// - Throws: `JournalError`, as `append` does. After `sequenceConflict` the conflict is durable.
    @discardableResult
    public func appendTellingConflict(
        _ events: [NewEvent],
        to stream: StreamID,
        expecting expected: ExpectedSequence,
        operation: String = "append"
    ) async throws(JournalError) -> [Receipt] {
        let outcome: Result<[Receipt], JournalError> = try await turn {
            scope throws(JournalError) in
            do throws(JournalError) {
                return .success(try scope.append(events, to: stream, expecting: expected))
            } catch .sequenceConflict(let stream, let expected, let actual) {
                let conflict = AtomicUpdateConflict(
                    operation,
                    expected,
                    actual,
                    eventCount: events.count
                )
                try scope.record(conflict, of: stream)
                // A value of the turn, so that what it recorded stays.
                return .failure(
                    .sequenceConflict(stream: stream, expected: expected, actual: actual)
                )
            }
        }
        return try outcome.get()
    }

    /// Appends events to one or several streams as `append` does, all of them or none; where one
    /// has not reached what is expected, that is recorded as the system event
    /// `atomic_update.conflict`.
    ///
    /// The turn that would have appended the others is dropped as a whole, so the conflict is
    /// recorded in a turn of its own right behind it: a crash between the two leaves neither.
    ///
    /// - Parameters:
    ///   - appends: The events of each stream, and what it must have reached.
    ///   - operation: What is being done, in the words of the caller.
    /// - Returns: The receipts of each stream's events, in the order given.
    /// - Throws: `JournalError`, as `append` does. After `sequenceConflict` nothing was appended, and
    ///   the conflict is durable unless the journal failed in between.
    @discardableResult
    public func appendTellingConflict(
        _ appends: [StreamAppend],
        operation: String = "append"
    ) async throws(JournalError) -> [[Receipt]] {
        do throws(JournalError) {
            return try await append(appends)
        } catch .sequenceConflict(let stream, let expected, let actual) {
            // Of several appends to a stream the later ones were compared with what the earlier
            // ones would have made of it, which never was.
            let named = appends.filter { $0.stream == stream }
            let conflict =
                named.count == 1
                ? AtomicUpdateConflict(
                    operation,
                    expected,
                    actual,
                    eventCount: named[0].events.count
                )
                : AtomicUpdateConflict(
                    operation: operation,
                    expectedStatus: nil,
                    actualStatus: nil,
                    newStatus: nil,
                    reason: "one of several appends to the stream expected \(expected)"
                )
            do throws(JournalError) {
                try await turn { scope throws(JournalError) in
                    try scope.record(conflict, of: stream)
                }
            } catch {
                // The refusal is certain, and what the caller must know.
            }
            throw .sequenceConflict(stream: stream, expected: expected, actual: actual)
        }
    }
}

extension AtomicUpdateConflict {
    /// An append to a stream that has another sequence than expected.
    fileprivate init(
        _ operation: String,
        _ expected: ExpectedSequence,
        _ actual: SequenceNumber,
        eventCount: Int
    ) {
        self.init(
            operation: operation,
            expectedStatus: expected.sequence.flatMap(Self.status),
            actualStatus: Self.status(actual),
            newStatus: expected.sequence.flatMap {
                Self.status(SequenceNumber(rawValue: $0.rawValue &+ UInt64(eventCount)))
            }
        )
    }

    private static func status(_ sequence: SequenceNumber) -> String? {
        sequence == .zero ? nil : "sequence \(sequence)"
    }
}

extension ExpectedSequence {
    fileprivate var sequence: SequenceNumber? {
        switch self {
        case .any: nil
        case .noneYet: .zero
        case .exactly(let sequence): sequence
        }
    }
}
