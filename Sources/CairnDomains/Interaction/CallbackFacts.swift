internal import CairnCore

/// Everything that callbacks said of one attempt, whatever their order and number (law 7).
///
/// A semilattice: the set of meanings that were seen, and the names that providers gave. Taking
/// is commutative and idempotent, so every permutation and repetition of the same callbacks gives
/// one value. That is why nothing here is a count or a last one. The answer of a provider that
/// accepted the message counts as ``CallbackMeaning/sent``.
public struct CallbackFacts: Hashable, Sendable {
    /// Most names that are kept: those that come first by their bytes.
    public static let nameCountMax = 8

    /// The meanings that were seen: bit n-1 for the one with number n.
    private var seen: UInt8 = 0
    /// What providers call the attempt, by their reports; ordered by bytes.
    public private(set) var names: [ProviderName] = []

    /// Nothing was said yet.
    public init() {}

    /// Takes what one callback, or an answer, says.
    public mutating func take(_ meaning: CallbackMeaning) { seen |= meaning.bit }

    /// Takes one callback: what it says, and under which name.
    public mutating func take(_ callback: InteractionCallback) {
        take(callback.meaning)
        // A report may come without a name of the provider's, by our own key.
        guard !callback.reference.isEmpty else { return }
        let name = ProviderName(provider: callback.provider, reference: callback.reference)
        let index = names.firstIndex { !$0.isOrdered(before: name) } ?? names.count
        if index < names.count, names[index] == name { return }
        names.insert(name, at: index)
        if names.count > Self.nameCountMax { names.removeLast() }
    }

    /// Whether a callback said this.
    public func contains(_ meaning: CallbackMeaning) -> Bool { seen & meaning.bit != 0 }
}

/// A provider's own name of something that was sent.
public struct ProviderName: Sendable {
    public let provider: String
    public let reference: String

    public init(provider: String, reference: String) {
        self.provider = provider
        self.reference = reference
    }

    /// Whether it comes before another one, by the bytes of both parts.
    func isOrdered(before other: ProviderName) -> Bool {
        guard provider.hasSameBytes(as: other.provider) else {
            return provider.hasBytes(before: other.provider)
        }
        return reference.hasBytes(before: other.reference)
    }
}

extension ProviderName: Hashable {
    public static func == (left: ProviderName, right: ProviderName) -> Bool {
        left.provider.hasSameBytes(as: right.provider)
            && left.reference.hasSameBytes(as: right.reference)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(bytesOf: provider)
        hasher.combine(bytesOf: reference)
    }
}

extension CallbackFacts {
    /// The status that follows; nil while nothing says one.
    ///
    /// The decision "Interaction status (001)": SENT < DELIVERED < OPENED, and OPENED needs no
    /// DELIVERED before it. A hard failure beats SENT and DELIVERED and loses to OPENED; a soft
    /// one beats only SENT. Read from the strongest down:
    ///
    /// | seen | status |
    /// | --- | --- |
    /// | opened | OPENED |
    /// | hard failure | FAILED, final |
    /// | delivered | DELIVERED |
    /// | soft failure | FAILED |
    /// | sent | SENT |
    /// | note, unknown or nothing | none |
    public var status: InteractionStatus? {
        if contains(.opened) { return .opened }
        if contains(.hardFailure) { return .failed }
        if contains(.delivered) { return .delivered }
        if contains(.softFailure) { return .failed }
        return contains(.sent) ? .sent : nil
    }

    /// Whether the status is FAILED and another attempt would fail, too.
    public var isFailureFinal: Bool { contains(.hardFailure) && !contains(.opened) }

    /// Whether the message was opened although the provider says that it failed for good.
    ///
    /// A soft failure beside DELIVERED is none: a later try of the provider arrived.
    public var isContradiction: Bool { contains(.hardFailure) && contains(.opened) }

    /// Whether the provider knows the message, so that an attempt in doubt was sent (law 5).
    ///
    /// Notes and unknown words prove nothing: nobody has said what they mean for the message.
    public var provesAcceptance: Bool {
        CallbackMeaning.allCases.contains { meaning in
            switch meaning {
            case .sent, .delivered, .opened, .softFailure, .hardFailure: contains(meaning)
            case .note, .unknown: false
            }
        }
    }
}

extension CallbackMeaning {
    fileprivate var bit: UInt8 { 1 << (rawValue - 1) }
}
