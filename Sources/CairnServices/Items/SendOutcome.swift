public import CairnCore
public import CairnDomains

/// What a send closure knows when it returns.
///
/// Any other end of it (a thrown error, a timeout, a cancellation) leaves the item in doubt,
/// unless it throws ``NotSent``.
public enum SendOutcome: Hashable, Sendable {
    /// The provider took it.
    case accepted(ItemAcceptance)
    /// The provider refused the message; if that is final, it is not tried again.
    ///
    /// On a repeat (``Attempt/isRepeat``) this says of all sends under the provider key that none
    /// was taken; while one of them may still be under way, the item stays in doubt. A provider that is only busy (429, 503) has refused nothing: throw ``NotSent``.
    case rejected(isFinal: Bool, reason: String)

    /// The provider took it, and told nothing that is worth keeping.
    public static let accepted = SendOutcome.accepted(ItemAcceptance())

    /// The provider took it.
    ///
    /// - Parameters:
    ///   - provider: The provider's name, which its references are scoped by.
    ///   - reference: `provider_reference`.
    ///   - notifyReference: `notify_reference`.
    ///   - body: `body_content`: what was sent.
    ///   - metadata: JSON text, kept byte for byte.
    /// - Returns: The outcome.
    public static func accepted(
        provider: String,
        reference: String,
        notifyReference: String? = nil,
        body: String? = nil,
        metadata: String? = nil
    ) -> SendOutcome {
        .accepted(
            ItemAcceptance(
                provider: provider,
                providerReference: reference,
                notifyReference: notifyReference,
                body: body,
                metadata: metadata.map { Array($0.utf8) }
            )
        )
    }
}

/// Thrown by a send closure, or a step, that knows that nothing of it went out.
///
/// It speaks of this call alone: after a repeat the item stays in doubt, because the send before
/// it may have arrived.
public struct NotSent: Error, Hashable, Sendable, CustomStringConvertible {
    public let reason: String
    /// Whether trying again is useless.
    public let isFinal: Bool

    public init(_ reason: String, isFinal: Bool = false) {
        self.reason = reason
        self.isFinal = isFinal
    }

    public var description: String { reason }
}

/// How an item is sent, tried again, and brought out of doubt.
public struct ItemPolicy: Sendable {
    /// How often and how long an item is tried after failures that are known.
    public var attempts: AttemptPolicy
    /// When an item is sent under a key that is known.
    public var skip: SkipRule
    /// What becomes of an item of which nobody knows whether it was sent.
    public var doubt: DoubtPolicy
    /// How often an attempt is gone on with before a person must look at it.
    public var bounds: ResumeBounds
    /// Whether the closure does outside work only in steps: then a crash before the first of them
    /// leaves nothing in doubt either.
    public var worksInSteps: Bool
    /// How long a send may take; what takes longer is in doubt.
    ///
    /// Its task is cancelled, and its answer is still taken if it comes. What works in steps and
    /// has none of them open has failed; a wait in `Attempt.sleep` may be longer.
    public var timeout: TimeSpan

    /// Five attempts, parked when in doubt, ten minutes for a send.
    public static let standard = ItemPolicy()

    public init(
        attempts: AttemptPolicy = .standard,
        skip: SkipRule = .standard,
        doubt: DoubtPolicy = .park,
        bounds: ResumeBounds = .standard,
        worksInSteps: Bool = false,
        timeout: TimeSpan = .seconds(600)
    ) {
        self.attempts = attempts
        self.skip = skip
        self.doubt = doubt
        self.bounds = bounds
        self.worksInSteps = worksInSteps
        self.timeout = timeout
    }

    /// What of it decides about an item, which is all that a dry run needs of it.
    public var rule: ItemRule {
        ItemRule(
            skip: skip,
            attempts: attempts,
            doubt: doubt.rule,
            bounds: bounds,
            worksInSteps: worksInSteps
        )
    }
}

/// What becomes of an item of which nobody knows whether it was sent (law 5).
public enum DoubtPolicy: Sendable {
    /// A person decides.
    case park
    /// Send again at once under the same provider key: only where the provider ignores repeats of
    /// it, and also remembers what it refused under it, because an earlier send may still arrive.
    case dedupByKey
    /// Look it up at the provider, once what may still be on its way has had time to arrive.
    case ask(settle: TimeSpan, @Sendable (DoubtfulAttempt) async throws -> DoubtAnswer)
    /// Wait for a report of the provider that long, then park.
    case awaitCallback(until: TimeSpan)

    /// Look it up at the provider, five seconds after the doubt arose.
    public static func ask(
        _ body: @escaping @Sendable (DoubtfulAttempt) async throws -> DoubtAnswer
    ) -> DoubtPolicy {
        .ask(settle: .seconds(5), body)
    }

    /// The rule without the question.
    var rule: DoubtRule {
        switch self {
        case .park: .park
        case .dedupByKey: .dedupByKey
        case .ask(let settle, _): .ask(settle: settle)
        case .awaitCallback(let until): .awaitCallback(until: until)
        }
    }
}

/// An attempt in doubt, as a policy's question shows it.
public struct DoubtfulAttempt: Hashable, Sendable {
    /// The item's key, or the interaction's uuid where it has none.
    public let key: String
    /// The key that the provider was given.
    public let providerKey: String
    public let number: Int64
    public let doubt: ItemDoubt
    public let since: Timestamp
}

/// What a provider says of an attempt in doubt.
public enum DoubtAnswer: Hashable, Sendable {
    case sent(ItemAcceptance)
    /// It never came there: it is sent again, under the same provider key.
    case notSent
    /// The provider cannot tell: the item is parked.
    case unknown
}
