public import CairnCore

/// A history that some version of a program stored, and the state that it had then.
///
/// Kept in the repository as ``text``, it tells for ever whether today's program still reads it.
public struct GoldenHistory: Sendable {
    public let name: String
    /// The stored events in order.
    public let events: [NewEvent]
    /// SHA-256 of the state's encoding, in hexadecimal digits.
    public let stateDigest: String

    public init(name: String, events: [NewEvent], stateDigest: String) {
        self.name = name
        self.events = events
        self.stateDigest = stateDigest
    }

    /// Writes down what today's program makes of some events.
    ///
    /// - Parameters:
    ///   - name: What a report calls the history.
    ///   - machine: The rules, and how events are stored.
    ///   - events: The history.
    ///   - encoding: Writes a state down.
    /// - Throws: `LimitError` where a journal does not take an event.
    public init<Rules: StoredMachine>(
        _ name: String,
        of machine: Rules,
        events: [Rules.Event],
        encoding: (Rules.State) -> [UInt8]
    ) throws(LimitError) {
        var stored: [NewEvent] = []
        for event in events { stored.append(try machine.newEvent(event)) }
        self.init(
            name: name,
            events: stored,
            stateDigest: Self.digest(encoding(machine.replay(events)))
        )
    }

    static func digest(_ bytes: [UInt8]) -> String {
        ContentDigest(type: "state", content: bytes.span.bytes).hexadecimal
    }
}

extension GoldenHistory {
    /// The history as lines of JSON: the state's digest and the name, then the events.
    public var text: String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("history", name)
        writer.member("state", stateDigest)
        writer.endObject()
        writer.newline()
        for event in events {
            writer.beginObject()
            writer.member("type", event.type)
            writer.member("version", event.typeVersion)
            writer.member("occurred", event.occurredAt.nanoseconds)
            writer.member("ignorable", event.mayBeIgnored)
            writer.member("codec", event.codec.rawValue)
            writer.member("id", event.id?.name)
            writer.member("payload", Base64URL.text(of: event.payload))
            writer.endObject()
            writer.newline()
        }
        return writer.text
    }

    /// Reads what ``text`` wrote.
    ///
    /// - Throws: ``GoldenHistoryError``.
    public init(text: String) throws(GoldenHistoryError) {
        var lines = text.split(separator: "\n")[...]
        guard let first = lines.popFirst(), let head = Self.json(first),
            let name = head["history"]?.text, let digest = head["state"]?.text
        else { throw GoldenHistoryError(line: 1) }
        var events: [NewEvent] = []
        for (number, line) in lines.enumerated() {
            guard let json = Self.json(line), let event = Self.event(json) else {
                throw GoldenHistoryError(line: number + 2)
            }
            events.append(event)
        }
        self.init(name: name, events: events, stateDigest: digest)
    }

    private static func json(_ line: Substring) -> JSONValue? {
        try? JSONValue.parse(Array(line.utf8))
    }

    private static func event(_ json: JSONValue) -> NewEvent? {
        guard let type = json["type"]?.text,
            let version = json["version"]?.integer.flatMap({ UInt8(exactly: $0) }),
            let occurred = json["occurred"]?.integer,
            let codec = json["codec"]?.integer.flatMap({ UInt8(exactly: $0) }),
            case .bool(let mayBeIgnored)? = json["ignorable"],
            let payload = json["payload"]?.text.flatMap({ Base64URL.bytes(of: $0) })
        else { return nil }
        return try? NewEvent(
            type: type,
            typeVersion: version,
            id: json["id"]?.text.map { name throws(LimitError) in try EventID(name) },
            occurredAt: Timestamp(nanoseconds: occurred),
            mayBeIgnored: mayBeIgnored,
            codec: PayloadCodec(rawValue: codec),
            payload: payload
        )
    }
}

/// A line of a golden history that is not one.
public struct GoldenHistoryError: Error, Hashable, CustomStringConvertible {
    /// The first line is 1.
    public let line: Int

    public var description: String { "line \(line) of the golden history cannot be read" }
}

extension JSONValue {
    fileprivate var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    fileprivate var integer: Int64? {
        if case .number(let source) = self { Int64(source) } else { nil }
    }
}
