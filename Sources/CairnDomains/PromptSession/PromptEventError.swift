/// Why something cannot be an event of a prompt session; nothing was recorded.
public enum PromptEventError: Error, Hashable, Sendable {
    /// A prompt time that is no number, or has no end.
    case promptTime(Double)
    /// A `uid` that is not `ipe_`, perhaps with a word and `_` before it, and 1 to
    /// ``PromptEventUID/suffixByteCountMax`` characters of `A-Z a-z 0-9 _ -`.
    case uid(String)
    /// A session's name that is empty or longer than ``PromptSessionID/byteCountMax`` bytes.
    case sessionID(byteCount: Int)
    /// A prompt or a user without a name.
    case emptyOwner
    /// An `evtype` that is none of the eight.
    case evtype(String)
    /// The `data` of a known `evtype` is not the object that belongs to it.
    case data(evtype: String, reason: String)
    /// The index of an answer that is below zero.
    case index(Int64)
}

extension PromptEventError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .promptTime(let value): "a prompt time cannot be \(value)"
        case .uid(let text):
            "'\(text.prefix(80))' is no uid of a prompt event: it must be 'ipe_', perhaps with a word "
                + "before it as in 'oseh_ipe_', and 1 to \(PromptEventUID.suffixByteCountMax) "
                + "letters, digits, '_' or '-'"
        case .sessionID(let count):
            "a session's name of \(count) bytes: 1 to \(PromptSessionID.byteCountMax) are possible"
        case .emptyOwner: "a session's prompt and user must have names"
        case .evtype(let word): "'\(word.prefix(80))' is no evtype of a prompt event"
        case .data(let evtype, let reason): "the data of \(evtype): \(reason)"
        case .index(let index): "the index of an answer is \(index), and they count from 0"
        }
    }
}
