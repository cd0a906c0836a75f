public import CairnCore
public import CairnDomains

/// One item as a listing shows it: an interaction of seed 001, or any other thing done once.
public struct ItemRow: Hashable, Sendable {
    public let stream: StreamID
    public let state: ItemState
    /// What the key stands at, as far as events and the holder's lock tell.
    public let verdict: KeyVerdict
    /// Whether the holder of an open attempt lives; nil where none is open or nobody can say.
    public let isHolderAlive: Bool?
    /// When the last event happened.
    public let updatedAt: Timestamp
    /// Where the first event stands.
    public let position: Position
    /// The instant that ages count to.
    public let now: Timestamp

    /// `interaction_uuid`; nil for an item that is no interaction.
    public var uuid: String? { message?.uuid }
    /// `idempotency_key`.
    public var key: String? { state.request?.key?.name }
    /// `customer_id`.
    public var customer: String? { message?.customer }
    /// `channel`.
    public var channel: Channel? { message?.channel }
    /// The template's key, a part of `meta_data`.
    public var template: String? { message?.template }
    /// The payload, a part of `meta_data`: JSON text in UTF-8.
    public var payload: [UInt8]? { message?.payload }
    /// What the provider told with its answer, a part of `meta_data`: JSON text in UTF-8.
    public var response: [UInt8]? { acceptance?.metadata }
    /// `status`; nil while nothing is known.
    public var status: InteractionStatus? { state.status }
    /// `body_content`: what the provider says was sent, or else what was to be sent.
    public var body: String? { acceptance?.body ?? message?.body }
    public var provider: String? { providerName?.provider ?? acceptance?.provider }
    /// `provider_reference`: by the provider's answer, or else by a report of it.
    public var providerReference: String? { providerName?.reference }
    /// `notify_reference`.
    public var notifyReference: String? { acceptance?.notifyReference }
    public var attempt: Int64? { state.current?.number }
    public var job: String? { state.request?.job }
    public var run: UInt64? { state.request?.run }
    /// `created_at`: when the first attempt began.
    public var createdAt: Timestamp? { state.beganAt }
    /// The person or policy that decided a doubt about the current attempt.
    public var resolvedBy: String? { state.current?.settlement?.by }
    /// Whether a provider said of one attempt that it failed for good and that it was opened.
    public var isContradicted: Bool { state.attempts.contains { $0.facts.isContradiction } }

    /// Facts that came where they should not have, and reports that fit no attempt.
    public var anomalyCount: UInt64 { state.anomalyCount &+ state.strayCallbackCount }

    private var message: InteractionMessage? { state.request?.message }
    private var providerName: ProviderName? {
        state.attempts.last { $0.providerName != nil }?.providerName
    }
    private var acceptance: ItemAcceptance? {
        state.attempts.last { $0.acceptance != nil }?.acceptance
    }

    /// When it is tried again.
    public var retryAt: Timestamp? {
        guard case .failedRetryable(_, let retryAt) = verdict else { return nil }
        return retryAt
    }

    /// Since when nobody knows; nil where there is no doubt.
    ///
    /// Where the holder is gone, since the attempt began: writing the loss down makes a doubt no
    /// younger.
    public var inDoubtSince: Timestamp? { state.inDoubtSince(verdict) }

    /// How long nobody has known.
    public var inDoubtFor: TimeSpan? { inDoubtSince.map { now.since($0) } }

    /// Why the verdict is what it is, in words; nil where the verdict says it all.
    public var reason: String? {
        switch verdict {
        case .fresh, .done: return nil
        case .inFlight(let worker, _):
            return isHolderAlive == false
                ? "worker \(worker) is gone, and each of its steps is known"
                : "worker \(worker) holds it"
        // Its doubt alone would be resolved by a policy.
        case .inDoubt(let doubt, _):
            return state.setAside.map { "set aside: \($0.words)" } ?? doubt.words
        case .failedRetryable(let reason, _), .failedFinal(let reason): return reason
        case .conflict(let stored, let given): return "stored digest \(stored), given \(given)"
        }
    }
}

/// One item with the events behind it.
public struct ItemSight: Hashable, Sendable {
    public let row: ItemRow
    public let events: [ItemEventLine]
    /// Reports that came before the item was known by the provider's name for it, and were too
    /// many or too large to be kept whole.
    public let droppedReportCount: UInt64
}

/// One event of an item, in words.
public struct ItemEventLine: Hashable, Sendable {
    public let position: Position
    public let sequence: SequenceNumber
    public let recordedAt: Timestamp
    public let type: String
    /// What happened, in one sentence.
    public let summary: String
    /// Whether it came where it should not have, or fits no attempt.
    public let isAnomaly: Bool
}
