public import CairnCore
public import CairnDomains
internal import CairnEngine
internal import CairnJournal
internal import Logging

extension Interactions {
    /// Takes a provider's report, however early, late or often it comes.
    ///
    /// Durable when it returns, so that the provider can be answered. A report whose reference is
    /// not known yet is kept and applied when the send it belongs to is stored.
    ///
    /// - Returns: What became of it.
    /// - Throws: ``InteractionError``.
    @discardableResult
    public func receive(
        _ report: ProviderReport
    ) async throws(InteractionError) -> ReportResult {
        var callback = InteractionCallback(
            provider: vocabulary.name(ofProvider: report.provider),
            reference: report.reference,
            eventID: report.eventID,
            providerKey: report.providerKey,
            word: report.word,
            detail: report.detail,
            meaning: report.meaning
                ?? vocabulary.meaning(
                    provider: report.provider,
                    word: report.word,
                    detail: report.detail
                ),
            providerTime: report.time,
            body: report.body
        )
        callback.attempt = 0
        if callback.meaning == .unknown {
            // Not as a warning: that is the system event, which its turn records.
            logger.notice(
                "\(callback.provider).unknown_status",
                metadata: ["word": "\(callback.word)", "reference": "\(callback.reference)"]
            )
        }
        let turn = ReportTurn(callback: callback)
        do throws(EngineError<ItemRefusal>) {
            return try await journal.engineTurn { scope throws(EngineError<ItemRefusal>) in
                try turn.run(in: scope)
            }
        } catch {
            throw InteractionError(error)
        }
    }

    /// Sets an interaction's status by the provider's name for it: the short form of
    /// ``receive(_:)``.
    @discardableResult
    public func updateStatus(
        provider: String,
        reference: String,
        status: InteractionStatus
    ) async throws(InteractionError) -> ReportResult {
        var report = ProviderReport(provider: provider, reference: reference, word: status.word)
        report.meaning = status.meaning
        return try await receive(report)
    }
}

/// A provider's report, as a webhook brings it.
public struct ProviderReport: Hashable, Sendable {
    public var provider: String
    /// The provider's own name of what was sent.
    public var reference: String
    /// The provider's name of this report.
    public var eventID: String?
    /// The key that was given with the send, where the provider gives it back: with it a report
    /// finds its send even if the send's answer was lost.
    public var providerKey: String?
    /// The provider's word for the status.
    public var word: String
    /// A second field that decides what the word means.
    public var detail: String?
    /// What it means, where the caller knows it better than the vocabulary.
    public var meaning: CallbackMeaning?
    /// When it happened, as the provider says.
    public var time: Timestamp?
    /// The report itself, kept byte for byte.
    public var body: [UInt8]?

    public init(
        provider: String,
        reference: String,
        word: String,
        eventID: String? = nil,
        providerKey: String? = nil
    ) {
        self.provider = provider
        self.reference = reference
        self.word = word
        self.eventID = eventID
        self.providerKey = providerKey
    }
}

/// What became of a provider's report.
public enum ReportResult: Hashable, Sendable {
    /// It belongs to an interaction, which then has this status.
    case applied(InteractionStatus?)
    /// It was taken before.
    case repeated
    /// Nothing is known by its reference yet; it is kept.
    case kept
}

/// One report's turn: find what it is about, and give it to that, or keep it.
struct ReportTurn: Sendable {
    let callback: InteractionCallback

    func run(in scope: any TurnScope) throws(EngineError<ItemRefusal>) -> ReportResult {
        let result = try take(in: scope)
        if callback.meaning == .unknown, result != .repeated {
            try journaled { () throws(JournalError) in
                try scope.record(.providerUnknownStatus(callback))
            }
        }
        return result
    }

    private func take(in scope: any TurnScope) throws(EngineError<ItemRefusal>) -> ReportResult {
        let references = try ReferenceMachine.fold(callback.provider, callback.reference)
        var name = try references.latest(in: scope)
        if let stream = try target(linked: name.state.link, in: scope) {
            return try apply(to: stream, in: scope)
        }
        let before = name.sequence
        try unrefused { () throws(EngineError<Never>) in
            _ = try references.turn(.keep(callback), on: &name, in: scope)
        }
        return name.sequence == before ? .repeated : .kept
    }

    /// The item that the report is about: by the provider's name, or else by our own key.
    private func target(
        linked: StreamID?,
        in scope: any TurnScope
    ) throws(EngineError<ItemRefusal>) -> StreamID? {
        if let linked { return linked }
        guard let mark = callback.providerKey?.lastIndex(of: "#"),
            let name = callback.providerKey?[..<mark], !name.isEmpty
        else { return nil }
        for stream in ItemRequest.streams(named: String(name)) {
            let sequence = try journaled { () throws(JournalError) in
                try scope.lastSequence(of: stream)
            }
            if sequence > .zero { return stream }
        }
        return nil
    }

    private func apply(
        to stream: StreamID,
        in scope: any TurnScope
    ) throws(EngineError<ItemRefusal>) -> ReportResult {
        let fold = StreamFold(ItemMachine(), of: stream)
        var known = fold.start
        try fold.catchUp(&known, in: scope)
        let before = known.sequence
        let turn = ItemTurn(stream: stream, command: .receive(callback), known: known)
        do throws(EngineError<ItemRefusal>) {
            let folded = try turn.run(in: scope)
            return folded.sequence == before ? .repeated : .applied(folded.state.status)
        } catch .journal(.eventIDInOtherStream) {
            return .repeated
        } catch {
            throw error
        }
    }
}
