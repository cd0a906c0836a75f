internal import CairnCore

/// One thing that happened at a provider, as a line of its log.
enum ProviderRecord: Hashable {
    case request(key: String, number: Int, recipient: String)
    case requestLost(key: String, number: Int)
    case rejection(key: String, number: Int, isFinal: Bool, reason: String)
    case delivery(ProviderDelivery)
    case replyLost(key: String, number: Int)
    case callback(ProviderCallback)
    case lookup(key: String, count: Int)
}

/// One delivery of a message to its recipient.
struct ProviderDelivery: Hashable {
    let key: String
    let requestNumber: Int
    let recipient: String
    let reference: String
    /// Deliveries of the key so far, with this one.
    let count: Int
    let callbacks: [PlannedCallback]
    /// When the callbacks may go out, in nanoseconds since 1970.
    let callbackDue: Int64
}

extension ProviderRecord {
    /// The line, with its end.
    func line(at time: Int64) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("event", word)
        writer.member("time", time)
        switch self {
        case .request(let key, let number, let recipient):
            writer.member("key", key)
            writer.member("number", number)
            writer.member("recipient", recipient)
        case .requestLost(let key, let number), .replyLost(let key, let number):
            writer.member("key", key)
            writer.member("number", number)
        case .rejection(let key, let number, let isFinal, let reason):
            writer.member("key", key)
            writer.member("number", number)
            writer.member("final", isFinal)
            writer.member("reason", reason)
        case .delivery(let delivery): delivery.write(to: &writer)
        case .callback(let callback): callback.writeMembers(to: &writer)
        case .lookup(let key, let count):
            writer.member("key", key)
            writer.member("count", count)
        }
        writer.endObject()
        writer.newline()
        return writer.bytes
    }

    private var word: String {
        switch self {
        case .request: "request"
        case .requestLost: "request_lost"
        case .rejection: "rejection"
        case .delivery: "delivery"
        case .replyLost: "reply_lost"
        case .callback: "callback"
        case .lookup: "lookup"
        }
    }

    /// Reads a line; nil if no provider writes such a line.
    init?(line: [UInt8]) {
        guard let value = try? JSONValue.parse(line), let key = value["key"]?.asText else {
            return nil
        }
        let number = value["number"]?.asInteger ?? 0
        switch value["event"]?.asText {
        case "request":
            guard let recipient = value["recipient"]?.asText else { return nil }
            self = .request(key: key, number: number, recipient: recipient)
        case "request_lost": self = .requestLost(key: key, number: number)
        case "reply_lost": self = .replyLost(key: key, number: number)
        case "rejection":
            guard let isFinal = value["final"]?.asTruth, let reason = value["reason"]?.asText else {
                return nil
            }
            self = .rejection(key: key, number: number, isFinal: isFinal, reason: reason)
        case "delivery":
            guard let delivery = ProviderDelivery(value) else { return nil }
            self = .delivery(delivery)
        case "callback":
            guard let callback = ProviderCallback(value) else { return nil }
            self = .callback(callback)
        case "lookup":
            guard let count = value["count"]?.asInteger else { return nil }
            self = .lookup(key: key, count: count)
        default: return nil
        }
    }
}

extension ProviderDelivery {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.member("key", key)
        writer.member("number", requestNumber)
        writer.member("recipient", recipient)
        writer.member("reference", reference)
        writer.member("count", count)
        guard !callbacks.isEmpty else { return }
        writer.key("callbacks")
        writer.beginArray()
        for callback in callbacks {
            writer.beginArray()
            writer.integer(callback.ordinal)
            writer.string(callback.word)
            writer.endArray()
        }
        writer.endArray()
        writer.member("due", callbackDue)
    }

    fileprivate init?(_ value: JSONValue) {
        guard let key = value["key"]?.asText, let number = value["number"]?.asInteger,
            let recipient = value["recipient"]?.asText,
            let reference = value["reference"]?.asText, let count = value["count"]?.asInteger
        else { return nil }
        var callbacks: [PlannedCallback] = []
        for planned in value["callbacks"]?.asElements ?? [] {
            guard let ordinal = planned[0]?.asInteger, let word = planned[1]?.asText else {
                return nil
            }
            callbacks.append(PlannedCallback(ordinal: ordinal, word: word))
        }
        self.init(
            key: key,
            requestNumber: number,
            recipient: recipient,
            reference: reference,
            count: count,
            callbacks: callbacks,
            callbackDue: Int64(value["due"]?.asInteger ?? 0)
        )
    }
}

extension ProviderCallback {
    /// Writes the members of an object that is open.
    func writeMembers(to writer: inout JSONWriter) {
        writer.member("number", number)
        writer.member("reference", reference)
        writer.member("key", key)
        writer.member("event_id", eventID)
        writer.member("word", word)
        writer.member("called_at", time)
        writer.member("body", body)
    }

    init?(_ value: JSONValue) {
        guard let number = value["number"]?.asInteger,
            let reference = value["reference"]?.asText, let key = value["key"]?.asText,
            let eventID = value["event_id"]?.asText, let word = value["word"]?.asText,
            let time = value["called_at"]?.asInteger, let body = value["body"]?.asText
        else { return nil }
        self.init(
            number: number,
            reference: reference,
            key: key,
            eventID: eventID,
            word: word,
            time: Int64(time),
            body: body
        )
    }
}
