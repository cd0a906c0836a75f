internal import CairnCore

/// Where an interaction stands: the four statuses of seed 001.
///
/// They are not compared by rank, because FAILED has none: a hard failure beats DELIVERED and a
/// soft one does not. ``CallbackFacts`` decides. The numbers never change their meaning.
public enum InteractionStatus: UInt8, Hashable, Sendable, CaseIterable {
    case sent = 1
    case delivered = 2
    case failed = 3
    case opened = 4

    /// Reads a word in any case of ASCII: the seed writes both `sent` and `SENT`.
    public init?(word: String) {
        let folded = word.asciiLowercased
        let status = Self.allCases.first { $0.word.asciiLowercased.hasSameBytes(as: folded) }
        guard let status else { return nil }
        self = status
    }

    /// The word as the table spells it.
    public var word: String {
        switch self {
        case .sent: "SENT"
        case .delivered: "DELIVERED"
        case .failed: "FAILED"
        case .opened: "OPENED"
        }
    }

    /// What the bare status says when somebody reports it, as the seed's `update_status` does.
    ///
    /// FAILED is soft: the word does not say that it is final, and the seed sends again after
    /// FAILED, which a final failure would forbid for ever.
    public var meaning: CallbackMeaning {
        switch self {
        case .sent: .sent
        case .delivered: .delivered
        case .failed: .softFailure
        case .opened: .opened
        }
    }
}

extension InteractionStatus: CustomStringConvertible {
    public var description: String { word }
}
