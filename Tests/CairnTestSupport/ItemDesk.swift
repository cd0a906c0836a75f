public import CairnCore
public import CairnDomains
internal import CairnEngine
public import CairnJournal

/// Writes down what the runner of a job would: items, interactions and jobs, through their
/// machines.
public struct ItemDesk: Sendable {
    public let journal: any Journal

    public init(_ journal: any Journal) {
        self.journal = journal
    }

    /// Begins an attempt, and for a new interaction links it to its customer.
    ///
    /// - Parameters:
    ///   - name: The key, or the uuid of an interaction without one.
    ///   - worker: Who holds it.
    ///   - hasKey: Whether the name is a key.
    ///   - message: What is said; nil for an item that is no interaction.
    ///   - job: The job it belongs to.
    ///   - worksInSteps: Whether all its outside work is done in steps.
    /// - Returns: The item's stream.
    /// - Throws: A refusal, or what the journal says.
    @discardableResult
    public func begin(
        _ name: String,
        worker: UInt64 = 1,
        hasKey: Bool = true,
        _ message: InteractionMessage? = nil,
        job: String? = nil,
        worksInSteps: Bool = false
    ) async throws -> StreamID {
        let key = hasKey ? try ItemKey(name) : nil
        let stream = try key?.stream ?? StreamID("interaction/\(name)")
        let request = ItemRequest(
            key: key,
            content: ContentDigest(type: "content", content: Array(name.utf8).span.bytes),
            job: job,
            run: job == nil ? nil : 1,
            worksInSteps: worksInSteps,
            message: message
        )
        let hold = Self.hold(worker)
        try await give(.begin(request, hold, .standard), to: stream)
        if let message { try await link(stream, to: message.customer) }
        return stream
    }

    /// Writes a note, with its link to the customer.
    public func note(_ message: InteractionMessage) async throws {
        let stream = try StreamID("interaction/\(message.uuid)")
        try await give(.note(message), to: stream)
        try await link(stream, to: message.customer)
    }

    private func link(_ stream: StreamID, to customer: String) async throws {
        try await journal.append(
            try CustomerStream.newEvent(for: stream, at: .unixEpoch),
            to: try CustomerStream.stream(of: customer)
        )
    }

    /// The right to send, for a worker.
    public static func hold(_ worker: UInt64) -> ItemHold {
        ItemHold(
            worker: WorkerNumber(rawValue: worker),
            leaseEnd: BootInstant(boot: 1, nanoseconds: 1)
        )
    }

    /// Gives an item a command, under the fence of its current attempt.
    @discardableResult
    public func give(_ command: ItemCommand, to stream: StreamID) async throws -> [ItemEvent] {
        try await turn(ItemMachine(), command, on: stream) { $0.current?.fence.rawValue ?? 0 }
    }

    /// Gives a job a command.
    @discardableResult
    public func give(_ command: JobCommand, to job: String) async throws -> [JobEvent] {
        try await turn(JobMachine(), command, on: try JobMachine.stream(of: job)) { _ in 0 }
    }

    private func turn<Rules: StoredMachine>(
        _ machine: Rules,
        _ command: Rules.Command,
        on stream: StreamID,
        fence: @escaping @Sendable (Rules.State) -> UInt64
    ) async throws -> [Rules.Event] where Rules.Event: Sendable {
        let fold = StreamFold(machine, of: stream)
        return try await journal.engineTurn { scope throws(EngineError<Rules.Rejection>) in
            var folded = fold.start
            try fold.catchUp(&folded, in: scope)
            return try fold.turn(command, on: &folded, in: scope, fence: fence(folded.state))
        }
    }
}
