public import CairnCore
public import CairnDomains
internal import CairnEngine
internal import CairnJournal

extension Interactions {
    /// A customer's interactions, the newest first.
    ///
    /// - Parameters:
    ///   - customer: Whose.
    ///   - limit: Most interactions.
    /// - Returns: One row for each.
    /// - Throws: ``InteractionError``.
    /// - Complexity: One read of a stream for each interaction that is returned.
    public func history(
        customer: String,
        limit: Int = 100
    ) async throws(InteractionError) -> [Interaction] {
        do throws(EngineError<ItemRefusal>) {
            var interactions: [Interaction] = []
            for stream in try await streams(of: customer, limit: limit) {
                let fold = StreamFold(ItemMachine(), of: stream)
                let state = try await fold.folded(in: journal).state
                if let interaction = Interaction(state) { interactions.append(interaction) }
            }
            return interactions
        } catch {
            throw InteractionError(error)
        }
    }

    private func streams(
        of customer: String,
        limit: Int
    ) async throws(EngineError<ItemRefusal>) -> [StreamID] {
        var streams: [StreamID] = []
        var failure: EngineError<ItemRefusal>?
        do throws(JournalError) {
            let links = try limited { () throws(LimitError) in
                try CustomerStream.stream(of: customer)
            }
            try await journal.forEachEvent(of: links, .backwards) { header, frame in
                guard streams.count < limit else { return .stop }
                do throws(EventCodecError) {
                    if let stream = try CustomerStream.interaction(header, frame: frame) {
                        streams.append(stream)
                    }
                    return .proceed
                } catch {
                    failure = .unreadable(position: header.position, error: error)
                    return .stop
                }
            }
        } catch {
            throw .journal(error)
        }
        if let failure { throw failure }
        return streams
    }

    /// What a key stands at now.
    ///
    /// An intent whose holder is gone counts as in doubt, whether or not anyone has written that
    /// down yet.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - content: What the caller would do under it; nil to ask without comparing.
    /// - Returns: One of the seven.
    /// - Throws: ``InteractionError``.
    public func verdict(
        of key: ItemKey,
        for content: ContentDigest? = nil
    ) async throws(InteractionError) -> KeyVerdict {
        do throws(EngineError<ItemRefusal>) {
            let stream = try journaled { () throws(JournalError) in
                try limited { () throws(LimitError) in try key.stream }
            }
            let state = try await StreamFold(ItemMachine(), of: stream).folded(in: journal).state
            let verdict = state.verdict(for: content)
            guard case .inFlight(let holder, _) = verdict else { return verdict }
            let isAlive: Bool
            do throws(JournalError) {
                isAlive = try await journal.isLifeLocked(holder.rawValue)
            } catch {
                throw EngineError<ItemRefusal>.journal(error)
            }
            return state.verdict(for: content, isHolderGone: !isAlive)
        } catch {
            throw InteractionError(error)
        }
    }
}

/// One row of seed 001's `interactions`.
public struct Interaction: Hashable, Sendable {
    public let message: InteractionMessage
    public let key: ItemKey?
    public let job: String?
    /// The run of the job that covered it first.
    public let run: UInt64?
    /// Nil while nothing is known: an intent is not a status.
    public let status: InteractionStatus?
    public let verdict: KeyVerdict
    public let attemptCount: Int
    public let acceptance: ItemAcceptance?
    public let createdAt: Timestamp
    /// Whether a final failure and an opening were both reported.
    public let isContradiction: Bool

    /// Nil for an item that says nothing to a customer.
    init?(_ state: ItemState) {
        guard let request = state.request, let message = request.message,
            let createdAt = state.beganAt
        else { return nil }
        self.message = message
        self.createdAt = createdAt
        key = request.key
        job = request.job
        run = request.run
        status = state.status
        verdict = state.verdict()
        attemptCount = state.attempts.count
        acceptance = state.attempts.last { $0.acceptance != nil }?.acceptance
        isContradiction = state.attempts.contains { $0.facts.isContradiction }
    }
}
