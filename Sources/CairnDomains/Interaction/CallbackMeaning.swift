internal import CairnCore

/// What a provider's word says of one attempt, once the vocabulary has read it.
///
/// The numbers are part of stored encodings and never change their meaning.
public enum CallbackMeaning: UInt8, Hashable, Sendable, CaseIterable {
    /// The provider has the message and sends it on.
    case sent = 1
    case delivered = 2
    /// Somebody opened it, or followed a link in it.
    case opened = 3
    /// The attempt failed and another may succeed; the provider has stopped trying.
    case softFailure = 4
    /// The attempt failed and so would every other.
    case hardFailure = 5
    /// Worth keeping and changes nothing: queued, deferred, a complaint, an unsubscription.
    case note = 6
    /// A word that nobody has listed: changes nothing and raises a WARN.
    case unknown = 7

    /// Reads a word exactly as ``word`` spells it.
    public init?(word: String) {
        guard let meaning = Self.allCases.first(where: { $0.word.hasSameBytes(as: word) }) else {
            return nil
        }
        self = meaning
    }

    /// The word that stands for the meaning in a vocabulary's JSON.
    public var word: String {
        switch self {
        case .sent: "sent"
        case .delivered: "delivered"
        case .opened: "opened"
        case .softFailure: "soft_failure"
        case .hardFailure: "hard_failure"
        case .note: "note"
        case .unknown: "unknown"
        }
    }
}

extension CallbackMeaning: CustomStringConvertible {
    public var description: String { word }
}
