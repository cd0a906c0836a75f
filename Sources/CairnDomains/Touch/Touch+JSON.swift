internal import CairnCore

extension Touch {
    /// `event` as the table has it: the row's own JSON where that was kept, else the members of
    /// seed 000 in the order of its text.
    ///
    /// A document in it that is not JSON stands there as a text, so that the whole always is.
    public var json: [UInt8] { source ?? fact.json }

    /// Reads a row of the table.
    ///
    /// - Parameters:
    ///   - uid: `uid`.
    ///   - user: `user_id`.
    ///   - json: `event`, which is kept byte for byte where ``json`` would write it otherwise.
    ///   - createdAt: `created_at`.
    ///   - origin: What else the row says.
    /// - Throws: ``TouchError``.
    public init(
        uid: TouchUID,
        user: String,
        json: [UInt8],
        createdAt: Double,
        origin: RowOrigin? = nil
    ) throws(TouchError) {
        let fact = try TouchFact(json: json)
        try self.init(
            uid: uid,
            user: user,
            fact: fact,
            createdAt: createdAt,
            source: fact.json == json ? nil : json,
            origin: origin
        )
    }
}

extension TouchFact {
    /// The members of seed 000 in the order of its text.
    public var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("type", kind.word)
        switch self {
        case .sendAttempt(let attempt):
            writer.key("queued_at")
            writer.real(attempt.queuedAt)
            writer.member("channel", attempt.channel.word)
            writer.member("event", attempt.event)
            writer.document("event_parameters", attempt.parameters)
        case .sendUnreachable(let parent), .sendStale(let parent):
            writer.member("parent", parent)
        case .sendReachable(let reach):
            writer.member("parent", reach.parent)
            writer.key("message")
            reach.message.write(to: &writer)
            writer.key("destinations")
            writer.beginArray()
            for destination in reach.destinations { writer.string(destination) }
            writer.endArray()
        case .sendRetry(let failure), .sendAbandon(let failure), .sendUnretryable(let failure):
            writer.member("parent", failure.parent)
            writer.member("destination", failure.destination)
            writer.document("info", failure.info)
        case .sendSuccess(let parent, let destination):
            writer.member("parent", parent)
            writer.member("destination", destination)
        }
        writer.endObject()
        return writer.bytes
    }

    /// Reads a row's event; members that no variant has are passed over.
    ///
    /// - Throws: ``TouchError``.
    public init(json: [UInt8]) throws(TouchError) {
        let object = try TouchObject(json)
        let word = try object.text("type")
        guard let kind = TouchEventKind(word: word) else { throw .unknownType(word) }
        switch kind {
        case .sendAttempt:
            self = .sendAttempt(
                TouchAttempt(
                    queuedAt: try object.real("queued_at"),
                    channel: TouchChannel(word: try object.text("channel")),
                    event: try object.text("event"),
                    parameters: try object.document("event_parameters")
                )
            )
        case .sendUnreachable: self = .sendUnreachable(parent: try object.text("parent"))
        case .sendStale: self = .sendStale(parent: try object.text("parent"))
        case .sendReachable:
            self = .sendReachable(
                TouchReach(
                    parent: try object.text("parent"),
                    message: try TouchMessage(json: try object.document("message")),
                    destinations: try object.texts("destinations")
                )
            )
        case .sendRetry: self = .sendRetry(try object.failure())
        case .sendAbandon: self = .sendAbandon(try object.failure())
        case .sendUnretryable: self = .sendUnretryable(try object.failure())
        case .sendSuccess:
            self = .sendSuccess(
                parent: try object.text("parent"),
                destination: try object.text("destination")
            )
        }
    }
}

extension TouchMessage {
    fileprivate func write(to writer: inout JSONWriter) {
        switch self {
        case .sms(let body):
            writer.beginObject()
            writer.member("body", body)
            writer.endObject()
        case .push(let title, let body, let channelID):
            writer.beginObject()
            writer.member("title", title)
            writer.member("body", body)
            writer.member("channel_id", channelID)
            writer.endObject()
        case .email(let subject, let template, let parameters):
            writer.beginObject()
            writer.member("subject", subject)
            writer.member("template", template)
            writer.document("template_parameters", parameters)
            writer.endObject()
        case .other(let json): writer.document(json)
        }
    }

    /// Tells the shape by the members, because a row does not say its channel.
    fileprivate init(json: [UInt8]) throws(TouchError) {
        let object = try TouchObject(json)
        switch Set(object.keys) {
        case ["body"] where object.isText("body"): self = .sms(body: try object.text("body"))
        case ["title", "body", "channel_id"]
        where ["title", "body", "channel_id"].allSatisfy(object.isText):
            self = .push(
                title: try object.text("title"),
                body: try object.text("body"),
                channelID: try object.text("channel_id")
            )
        case ["subject", "template", "template_parameters"]
        where object.isText("subject") && object.isText("template"):
            self = .email(
                subject: try object.text("subject"),
                template: try object.text("template"),
                parameters: try object.bytes("template_parameters")
            )
        default: self = .other(json)
        }
    }
}

extension JSONWriter {
    fileprivate mutating func document(_ key: String, _ bytes: [UInt8]) {
        self.key(key)
        document(bytes)
    }

    /// A document byte for byte; as a text where it is not JSON, which would break what holds it.
    fileprivate mutating func document(_ bytes: [UInt8]) {
        do throws(JSONError) {
            try JSONScanner.validate(bytes.span.bytes)
            verbatim(bytes)
        } catch {
            string(String(decoding: bytes, as: UTF8.self))
        }
    }

    /// A number without a fraction that says nothing: `12`, not `12.0`.
    fileprivate mutating func real(_ value: Double) {
        let text = value.description
        verbatim((text.hasSuffix(".0") ? String(text.dropLast(2)) : text).utf8)
    }
}

/// The members of an object, and the bytes that each stands in.
private struct TouchObject {
    private let bytes: [UInt8]
    private let fields: [JSONScanner.Field]

    init(_ bytes: [UInt8]) throws(TouchError) {
        self.bytes = bytes
        do throws(JSONError) {
            fields = try JSONScanner.topLevelRanges(in: bytes.span.bytes)
        } catch {
            throw .json(error)
        }
    }

    var keys: [String] { fields.map(\.key) }

    func bytes(_ key: String) throws(TouchError) -> [UInt8] {
        guard let field = fields.last(where: { $0.key.hasSameBytes(as: key) }) else {
            throw .missing(key)
        }
        return Array(bytes[field.range])
    }

    /// An object, byte for byte.
    func document(_ key: String) throws(TouchError) -> [UInt8] {
        let bytes = try bytes(key)
        guard bytes.first == UInt8(ascii: "{") else {
            throw .wrongType(member: key, expected: "an object")
        }
        return bytes
    }

    func isText(_ key: String) -> Bool {
        (try? bytes(key))?.first == UInt8(ascii: "\"")
    }

    func text(_ key: String) throws(TouchError) -> String {
        guard case .string(let text) = try value(key) else {
            throw .wrongType(member: key, expected: "a string")
        }
        return text
    }

    func texts(_ key: String) throws(TouchError) -> [String] {
        guard case .array(let elements) = try value(key) else {
            throw .wrongType(member: key, expected: "an array of strings")
        }
        var texts: [String] = []
        for element in elements {
            guard case .string(let text) = element else {
                throw .wrongType(member: key, expected: "an array of strings")
            }
            texts.append(text)
        }
        return texts
    }

    func real(_ key: String) throws(TouchError) -> Double {
        guard case .number(let text) = try value(key), let number = Double(text) else {
            throw .wrongType(member: key, expected: "a number")
        }
        guard number.isFinite else { throw .notATime(key) }
        return number
    }

    func failure() throws(TouchError) -> TouchFailure {
        TouchFailure(
            parent: try text("parent"),
            destination: try text("destination"),
            info: try document("info")
        )
    }

    private func value(_ key: String) throws(TouchError) -> JSONValue {
        let bytes = try bytes(key)
        do throws(JSONError) { return try JSONValue.parse(bytes) } catch { throw .json(error) }
    }
}
