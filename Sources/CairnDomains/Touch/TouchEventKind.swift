public import CairnCore

/// The names of the events of the touch log.
public enum TouchEventKind: String, Hashable, Sendable, CaseIterable {
    case sendAttempt = "touch.send_attempt"
    case sendUnreachable = "touch.send_unreachable"
    case sendStale = "touch.send_stale"
    case sendReachable = "touch.send_reachable"
    case sendRetry = "touch.send_retry"
    case sendAbandon = "touch.send_abandon"
    case sendUnretryable = "touch.send_unretryable"
    case sendSuccess = "touch.send_success"

    static let version: UInt8 = 1

    /// The seed's word in the event's `type`.
    public var word: String { String(rawValue.dropFirst(6)) }

    /// Takes the seed's word; nil for any other one.
    public init?(word: String) { self.init(rawValue: "touch.\(word)") }

    /// What begins comes before what ends, where rows have one instant.
    public var rank: UInt8 {
        switch self {
        case .sendAttempt: 0
        case .sendUnreachable: 1
        case .sendStale: 2
        case .sendReachable: 3
        case .sendRetry: 4
        case .sendAbandon: 5
        case .sendUnretryable: 6
        case .sendSuccess: 7
        }
    }

    /// Whether a stored event is a row of the touch log, told by the beginning of its type.
    ///
    /// - Complexity: Constant time; nothing is allocated.
    public static func mayName(_ header: EventHeader, frame: RawSpan) -> Bool {
        let range = header.typeRange
        guard range.count >= 15 else { return false }
        return frame.bigEndian(at: range.lowerBound, as: UInt64.self) == 0x746F_7563_682E_7365
    }
}

extension TouchFact {
    /// The name that the fact is stored under.
    public var kind: TouchEventKind {
        switch self {
        case .sendAttempt: .sendAttempt
        case .sendUnreachable: .sendUnreachable
        case .sendStale: .sendStale
        case .sendReachable: .sendReachable
        case .sendRetry: .sendRetry
        case .sendAbandon: .sendAbandon
        case .sendUnretryable: .sendUnretryable
        case .sendSuccess: .sendSuccess
        }
    }
}
