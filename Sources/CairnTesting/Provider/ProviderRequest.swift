internal import CairnCore

/// What a client asks of a provider.
enum ProviderRequest: Hashable {
    case send(key: String, recipient: String, body: String)
    case lookUp(key: String)
    case callbacks(after: Int)

    /// The line, with its end.
    func line(id: Int) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("id", id)
        switch self {
        case .send(let key, let recipient, let body):
            writer.member("verb", "send")
            writer.member("key", key)
            writer.member("recipient", recipient)
            writer.member("body", body)
        case .lookUp(let key):
            writer.member("verb", "lookup")
            writer.member("key", key)
        case .callbacks(let number):
            writer.member("verb", "callbacks")
            writer.member("after", number)
        }
        writer.endObject()
        writer.newline()
        return writer.bytes
    }

    /// Reads a request; nil if it is none.
    init?(_ value: JSONValue) {
        switch value["verb"]?.asText {
        case "send":
            guard let key = value["key"]?.asText, let recipient = value["recipient"]?.asText,
                let body = value["body"]?.asText
            else { return nil }
            self = .send(key: key, recipient: recipient, body: body)
        case "lookup":
            guard let key = value["key"]?.asText else { return nil }
            self = .lookUp(key: key)
        case "callbacks":
            guard let number = value["after"]?.asInteger else { return nil }
            self = .callbacks(after: number)
        default: return nil
        }
    }
}

/// What a provider writes to a connection.
enum ProviderAnswer: Hashable {
    case reply(ProviderReply)
    case sight(ProviderSight)
    case callbacks([ProviderCallback])
    case malformed(reason: String)

    /// The line, with its end.
    func line(id: Int?) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("id", id)
        switch self {
        case .reply(.accepted(let reference)):
            writer.member("answer", "accepted")
            writer.member("reference", reference)
        case .reply(.rejected(let isFinal, let reason)):
            writer.member("answer", "rejected")
            writer.member("final", isFinal)
            writer.member("reason", reason)
        case .sight(.delivered(let reference, let count)):
            writer.member("answer", "delivered")
            writer.member("reference", reference)
            writer.member("count", count)
        case .sight(.notFound): writer.member("answer", "not_found")
        case .callbacks(let callbacks):
            writer.member("answer", "callbacks")
            writer.key("callbacks")
            writer.beginArray()
            for callback in callbacks {
                writer.beginObject()
                callback.writeMembers(to: &writer)
                writer.endObject()
            }
            writer.endArray()
        case .malformed(let reason):
            writer.member("answer", "malformed")
            writer.member("reason", reason)
        }
        writer.endObject()
        writer.newline()
        return writer.bytes
    }

    /// Reads an answer; nil if it is none.
    init?(_ value: JSONValue) {
        switch value["answer"]?.asText {
        case "accepted":
            guard let reference = value["reference"]?.asText else { return nil }
            self = .reply(.accepted(reference: reference))
        case "rejected":
            guard let isFinal = value["final"]?.asTruth, let reason = value["reason"]?.asText else {
                return nil
            }
            self = .reply(.rejected(isFinal: isFinal, reason: reason))
        case "delivered":
            guard let reference = value["reference"]?.asText,
                let count = value["count"]?.asInteger
            else { return nil }
            self = .sight(.delivered(reference: reference, count: count))
        case "not_found": self = .sight(.notFound)
        case "callbacks":
            guard let elements = value["callbacks"]?.asElements else { return nil }
            let callbacks = elements.compactMap(ProviderCallback.init)
            guard callbacks.count == elements.count else { return nil }
            self = .callbacks(callbacks)
        case "malformed": self = .malformed(reason: value["reason"]?.asText ?? "")
        default: return nil
        }
    }
}

/// The last words on a connection that is about to be closed.
///
/// Says how many lines were read from it, so that a client can tell a request whose answer is lost
/// from one that nobody has seen: that one it may send again, by another connection.
enum ProviderFarewell {
    static func line(readCount: Int) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("answer", "closing")
        writer.member("read", readCount)
        writer.endObject()
        writer.newline()
        return writer.bytes
    }

    /// How many lines were read, if a line is a farewell.
    static func readCount(_ value: JSONValue) -> Int? {
        guard value["answer"]?.asText == "closing" else { return nil }
        return value["read"]?.asInteger
    }
}
