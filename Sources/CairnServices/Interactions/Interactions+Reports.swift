public import CairnCore
public import CairnDomains
internal import CairnEngine
internal import CairnJournal
internal import Logging

extension Interactions {
    /// Takes a provider's report, however early, late or often it comes.
    ///
    /// Durable when it returns, so that the provider can be answered. A report finds its send by
    /// our own key, if it brings that back, or else by the provider's reference. One whose
    /// reference is not known yet is kept and applied when the send it belongs to is stored, or
    /// when another report says by our key which send that is.
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
        let result: ReportResult
        do throws(EngineError<ItemRefusal>) {
            // An item may have any number of reports; no writer waits until they are read.
            let known = try await ReportTurn.targets(of: callback, in: journal)
            let turn = ReportTurn(callback: callback, known: known)
            result = try await journal.engineTurn { scope throws(EngineError<ItemRefusal>) in
                try turn.run(in: scope)
            }
        } catch {
            throw .item(error)
        }
        if result == .dropped {
            logger.warning(
                "\(callback.provider).too_many_reports",
                metadata: ["word": "\(callback.word)", "reference": "\(callback.reference)"]
            )
        }
        return result
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
    /// Nothing is known by its reference yet, and more is kept under it than there may be: that
    /// it came is written down, and what it means counts once the reference is known.
    case dropped
}

/// One report's turn: find what it is about, and give it to that, or keep it.
struct ReportTurn: Sendable {
    typealias Failure = EngineError<ItemRefusal>

    let callback: InteractionCallback
    /// Items that it may be about, as they were before the turn.
    let known: [StreamID: Folded<ItemState>]

    /// Folds the items that a report may be about.
    static func targets(
        of callback: InteractionCallback,
        in journal: any Journal
    ) async throws(Failure) -> [StreamID: Folded<ItemState>] {
        var streams = callback.ownStreams
        if let linked = try await ReferenceMachine.fold(callback.provider, callback.reference)
            .link(in: journal)
        {
            streams.append(linked)
        }
        var known: [StreamID: Folded<ItemState>] = [:]
        for stream in streams {
            known[stream] = try await StreamFold(ItemMachine(), of: stream).folded(in: journal)
        }
        return known
    }

    /// An item that a report may be about, as far as it is folded.
    private struct Target {
        let stream: StreamID
        var folded: Folded<ItemState>
    }

    func run(in scope: any TurnScope) throws(Failure) -> ReportResult {
        let result = try take(in: scope)
        if callback.meaning == .unknown, result != .repeated {
            try journaled { () throws(JournalError) in
                try scope.record(.providerUnknownStatus(callback))
            }
        }
        return result
    }

    private func take(in scope: any TurnScope) throws(Failure) -> ReportResult {
        let name = try ReferenceMachine.fold(callback.provider, callback.reference)
        let known = try name.current(in: scope)
        let own = try targets(in: scope)
        // Our own key says exactly which send it is; the provider may have given its name again.
        if var target = own.first(where: { isOwn($0) }) {
            let before = target.folded.sequence
            try give(callback, to: &target, in: scope)
            guard target.folded.sequence > before else { return .repeated }
            // Where the send's answer was lost, this report is the first that tells the name.
            if known.state.link == nil, !callback.reference.isEmpty {
                for early in try name.link(to: target.stream, in: scope) {
                    try give(early, to: &target, in: scope)
                }
            }
            return .applied(target.folded.state.status)
        }
        if let stream = known.state.link ?? own.first?.stream {
            var target = try target(stream, in: scope)
            let before = target.folded.sequence
            try give(callback, to: &target, in: scope)
            return target.folded.sequence > before
                ? .applied(target.folded.state.status) : .repeated
        }
        return try keep(under: name, known, in: scope)
    }

    private func keep(
        under name: StreamFold<ReferenceMachine>,
        _ known: Folded<ReferenceMachine.State>,
        in scope: any TurnScope
    ) throws(Failure) -> ReportResult {
        var after = known
        try unrefused { () throws(EngineError<Never>) in
            _ = try name.turn(.keep(callback), on: &after, in: scope)
        }
        guard after.sequence > known.sequence else { return .repeated }
        return after.state.droppedCount > known.state.droppedCount ? .dropped : .kept
    }

    /// The items that have the name which the report's key begins with: at most one with that
    /// key, and one with that uuid.
    private func targets(in scope: any TurnScope) throws(Failure) -> [Target] {
        var targets: [Target] = []
        for stream in callback.ownStreams {
            let target = try target(stream, in: scope)
            if target.folded.sequence > .zero { targets.append(target) }
        }
        return targets
    }

    private func isOwn(_ target: Target) -> Bool {
        callback.providerKey.flatMap { target.folded.state.attempt(named: $0) } != nil
    }

    private func target(
        _ stream: StreamID,
        in scope: any TurnScope
    ) throws(Failure) -> Target {
        let fold = StreamFold(ItemMachine(), of: stream)
        var folded = known[stream] ?? fold.start
        try fold.catchUp(&folded, in: scope)
        return Target(stream: stream, folded: folded)
    }

    /// Gives a report to an item, which stays as it is where the report is known already.
    private func give(
        _ callback: InteractionCallback,
        to target: inout Target,
        in scope: any TurnScope
    ) throws(Failure) {
        let turn = ItemTurn(
            stream: target.stream,
            command: .receive(callback),
            known: target.folded
        )
        do throws(Failure) {
            target.folded = try turn.run(in: scope)
        } catch .journal(.eventIDInOtherStream) {
            // It was taken for another item.
        } catch {
            throw error
        }
    }
}

extension InteractionCallback {
    /// The streams of the items that our own key names, if the report brings that back.
    fileprivate var ownStreams: [StreamID] {
        guard let key = providerKey, let mark = key.lastIndex(of: "#") else { return [] }
        return ItemRequest.streams(named: String(key[..<mark]))
    }
}
