internal import CairnJournal

/// A turn that waits for the writer, and the caller who waits for its answer.
///
/// Sendable because it belongs to one side at a time: to the caller until it is queued, then to
/// the writer's thread, which answers exactly once.
class WaitingTurn: @unchecked Sendable {
    /// What it appends, where that is all it does: so the writer can look ahead.
    let appends: [StreamAppend]

    init(appending appends: [StreamAppend] = []) { self.appends = appends }

    /// Runs the turn's closure in a batch and keeps what it gave.
    func run(in batch: WriterBatch) {}

    /// Answers with what the closure gave; the batch is durable.
    func answer() {}

    /// Answers that the batch came to nothing.
    func fail(_ error: JournalError) {}
}

/// A turn with a value of a certain type.
@safe
final class TypedTurn<Value: Sendable>: WaitingTurn, @unchecked Sendable {
    typealias Body = @Sendable (any TurnScope) throws(JournalError) -> Value
    typealias Answer = Result<Value, JournalError>

    private let body: Body
    private let continuation: UnsafeContinuation<Answer, Never>
    private var outcome: Answer?

    init(
        _ body: @escaping Body,
        appending appends: [StreamAppend] = [],
        _ continuation: UnsafeContinuation<Answer, Never>
    ) {
        self.body = body
        unsafe self.continuation = continuation
        super.init(appending: appends)
    }

    override func run(in batch: WriterBatch) {
        outcome = batch.run(body)
    }

    override func answer() {
        unsafe continuation.resume(returning: outcome ?? .failure(.closed))
    }

    override func fail(_ error: JournalError) {
        // Also for a turn that was refused: what it was refused for may have come to nothing.
        unsafe continuation.resume(returning: .failure(error))
    }
}

/// Somebody who waits for an index flush, and is answered exactly once.
@safe
struct FlushRequest {
    private let continuation: UnsafeContinuation<JournalError?, Never>

    init(_ continuation: UnsafeContinuation<JournalError?, Never>) {
        unsafe self.continuation = continuation
    }

    /// Nil says that everything is in the tables.
    func answer(_ error: JournalError?) {
        unsafe continuation.resume(returning: error)
    }
}
