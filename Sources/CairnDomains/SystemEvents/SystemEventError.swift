public import CairnCore

/// Why something cannot be a system event; nothing was recorded.
public enum SystemEventError: Error, Hashable, Sendable {
    /// The name breaks the rule of names.
    case type(String, SystemEventTypeFlaw)
    /// The payload is larger than ``SystemEventPayload/byteCountMax``.
    case payloadTooLarge(byteCount: Int, byteCountMax: Int)
    /// The payload is not one JSON object.
    case payload(JSONError)
}

extension SystemEventError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .type(let name, let flaw):
            "'\(SystemEventText.field(name))' is no event type: \(flaw)"
        case .payloadTooLarge(let count, let max):
            "the payload has \(count) bytes; at most \(max) are possible"
        case .payload(let error): "the payload is no JSON object: \(error)"
        }
    }
}
