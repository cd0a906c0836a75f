import CBaselines

/// A batch of messages with an idempotency key each, of which 63 % were sent before a crash.
struct Batch: Sendable {
    struct Message: Sendable {
        let key: String
        let body: String
    }

    let messages: [Message]
    let doneCount: Int
    /// The keys for the sides in C, back to back.
    private let keys: [UInt8]

    init(count: Int) {
        // Seven digits each, so that their order as text is the order of the batch.
        messages = (0..<count).map { index in
            Message(key: "batch_66_user_\(1_000_000 + index)", body: "hello \(index)")
        }
        doneCount = count * 63 / 100
        keys = messages.flatMap { Array($0.key.utf8) }
    }

    func withCBatch<Value>(_ body: (UnsafePointer<cb_batch>) -> Value) -> Value {
        keys.withUnsafeBufferPointer { keys in
            var batch = cb_batch(
                keys: keys.baseAddress,
                count: UInt64(messages.count),
                done_count: UInt64(doneCount)
            )
            return body(&batch)
        }
    }

    /// The hash of one key, as every side adds it up.
    static func hash(of key: String) -> UInt64 {
        let hash = key.utf8.withContiguousStorageIfAvailable { cb_key_hash($0.baseAddress) }
        return hash ?? Array(key.utf8).withUnsafeBufferPointer { cb_key_hash($0.baseAddress) }
    }

    func resumeHash(doneCount: Int, first: Message) -> UInt64 {
        Array(first.key.utf8).withUnsafeBufferPointer {
            cb_resume_hash(UInt64(doneCount), $0.baseAddress)
        }
    }

    /// What a check of every key adds up to.
    var keysHash: UInt64 {
        messages[..<doneCount].reduce(0) { $0 &+ Self.hash(of: $1.key) }
    }

    /// What a resume comes to.
    var resumeHash: UInt64 { resumeHash(doneCount: doneCount, first: messages[doneCount]) }

    /// The places of all keys, in the order of the batch or drawn from a seed.
    func order(seed: UInt64?) -> [UInt32] {
        var order = (0..<UInt32(messages.count)).map { $0 }
        guard var state = seed else { return order }
        for index in stride(from: order.count - 1, to: 0, by: -1) {
            // An xorshift of its own, so that the order is the same on every machine.
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            order.swapAt(index, Int(state % UInt64(index + 1)))
        }
        return order
    }
}

/// Items that work in steps, all of which return their own number.
struct StepLoad: Sendable {
    let itemCount: Int
    let stepCount: Int

    var totalCount: Int { itemCount * stepCount }

    var hash: UInt64 {
        var sum: UInt64 = 0
        for item in 0..<UInt64(itemCount) {
            for step in 0..<UInt64(stepCount) { sum &+= cb_step_hash(item, step, step) }
        }
        return sum
    }
}

/// A store that can take part in the rows on keys, jobs and steps.
protocol JobSubject: Sendable {
    var name: String { get }

    /// Stores the first part of the batch as sent, in an empty directory.
    func fill(_ batch: Batch, in directory: String) async throws

    /// Looks every key of an order up, one by one.
    func checkKeys(_ batch: Batch, _ order: [UInt32], in directory: String) async throws -> Outcome

    /// Looks all keys up in ranges of neighbours, in the order of the batch.
    func checkRanges(
        _ batch: Batch,
        length: Int,
        in directory: String
    ) async throws -> Outcome

    /// From opening the store to the first new message's intent being durable.
    ///
    /// Leaves the store with that message begun or sent: it is of no further use.
    func resume(_ batch: Batch, in directory: String) async throws -> Outcome

    /// Runs items of durable steps, all items at once.
    func steps(_ load: StepLoad, in directory: String) async throws -> Outcome
}
