public import CairnCore

extension TouchMachine {
    public func event(_ header: EventHeader, frame: RawSpan) throws(EventCodecError) -> Event? {
        let type = header.type(in: frame)
        guard let kind = TouchEventKind(rawValue: type) else {
            if let removal = try Removal.stored(header, frame: frame) { return .removed(removal) }
            guard header.flags.contains(.mayBeIgnored) else { throw .unknownType(type) }
            return nil
        }
        if header.flags.contains(.isErased) { return nil }
        guard header.typeVersion <= TouchEventKind.version else {
            throw .newerVersion(type: type, version: header.typeVersion)
        }
        let payload = frame.extracting(header.payloadRange)
        do throws(FieldFailure) {
            let fields = try ItemFields(payload)
            return .logged(try Touch(kind, header.eventID(in: frame), fields, payload))
        } catch {
            throw .malformed(type: type, reason: error.reason)
        }
    }

    public func newEvent(_ event: Event) throws(LimitError) -> NewEvent {
        switch event {
        case .logged(let touch): try touch.newEvent()
        case .removed(let removal): try removal.newEvent()
        }
    }
}

extension TouchMachine {
    /// The uid that a stored row names as its parent, without reading the rest of it.
    ///
    /// Nil for an attempt, for what was erased, and for what cannot be read.
    public static func parent(_ header: EventHeader, frame: RawSpan) -> String? {
        if header.flags.contains(.isErased) { return nil }
        let payload = frame.extracting(header.payloadRange)
        return (try? FieldReader(payload))?.text(TouchTag.parent, in: payload)
    }
}

extension Touch {
    /// Writes the row down.
    ///
    /// The uid is the event's id. It stands for the user, the time and what the event says as
    /// JSON: white space and the order of members make no other row (law 11).
    ///
    /// - Parameter recordedAt: For imported rows: the recorded time to give the event, as far as
    ///   a journal can.
    /// - Returns: The event.
    /// - Throws: `LimitError` where the row is larger than a journal takes.
    /// - Complexity: Reads the row's JSON once.
    public func newEvent(recordedAt: Timestamp? = nil) throws(LimitError) -> NewEvent {
        var fields = FieldWriter(capacity: 128 + fact.byteCount)
        fields.text(TouchTag.user, user)
        fields.real(TouchTag.createdAt, createdAt)
        fact.write(to: &fields)
        fields.blob(TouchTag.source, source)
        fields.blob(TouchTag.origin, origin?.encoded)
        return try NewEvent(
            type: fact.kind.rawValue,
            typeVersion: TouchEventKind.version,
            id: try uid.eventID,
            occurredAt: createdTime,
            recordedAt: recordedAt,
            payload: fields.finish(),
            canonicalContent: identity
        )
    }

    private var identity: [UInt8] {
        let json = json
        var writer = ByteWriter(capacity: 32 + user.utf8.count + json.count)
        writer.text(user)
        writer.littleEndian(createdAt.bitPattern)
        let value = try? JSONValue.parse(json)
        writer.raw(value?.canonicalBytes ?? json)
        return writer.finish()
    }

    fileprivate init(
        _ kind: TouchEventKind,
        _ id: EventID?,
        _ fields: ItemFields,
        _ payload: RawSpan
    ) throws(FieldFailure) {
        guard let id else { throw FieldFailure(reason: "it has no uid") }
        let user = try fields.text(TouchTag.user, payload)
        let createdAt = try fields.real(TouchTag.createdAt)
        let fact = try TouchFact(kind, fields, payload)
        let source = fields.fields.blob(TouchTag.source, in: payload)
        let origin = try RowOrigin(stored: fields.fields.blob(TouchTag.origin, in: payload))
        do throws(TouchError) {
            try self.init(
                uid: try TouchUID(id.name),
                user: user,
                fact: fact,
                createdAt: createdAt,
                source: source,
                origin: origin
            )
        } catch {
            throw FieldFailure(reason: error.description)
        }
    }
}

/// The tags of the fields of a row, one numbering for all its events.
enum TouchTag {
    static let user: UInt8 = 1
    static let createdAt: UInt8 = 2
    static let source: UInt8 = 3
    static let parent: UInt8 = 4
    static let queuedAt: UInt8 = 5
    static let channel: UInt8 = 6
    static let event: UInt8 = 7
    static let parameters: UInt8 = 8
    static let destination: UInt8 = 9
    static let destinations: UInt8 = 10
    static let info: UInt8 = 11
    static let shape: UInt8 = 12
    static let body: UInt8 = 13
    static let title: UInt8 = 14
    static let channelID: UInt8 = 15
    static let subject: UInt8 = 16
    static let template: UInt8 = 17
    static let document: UInt8 = 18
    static let origin: UInt8 = 19
}

extension FieldWriter {
    /// Adds a number of a REAL column, bit for bit.
    fileprivate mutating func real(_ tag: UInt8, _ value: Double) {
        number(tag, Int64(bitPattern: value.bitPattern))
    }
}

extension ItemFields {
    fileprivate func real(_ tag: UInt8) throws(FieldFailure) -> Double {
        Double(bitPattern: UInt64(bitPattern: try number(tag)))
    }
}

extension TouchFact {
    fileprivate func write(to fields: inout FieldWriter) {
        fields.text(TouchTag.parent, parent)
        fields.text(TouchTag.destination, destination)
        fields.blob(TouchTag.info, info)
        switch self {
        case .sendAttempt(let attempt):
            fields.real(TouchTag.queuedAt, attempt.queuedAt)
            fields.text(TouchTag.channel, attempt.channel.word)
            fields.text(TouchTag.event, attempt.event)
            fields.blob(TouchTag.parameters, attempt.parameters)
        case .sendReachable(let reach):
            var destinations = ByteWriter()
            for destination in reach.destinations { destinations.text(destination) }
            fields.blob(TouchTag.destinations, destinations.finish())
            reach.message.write(to: &fields)
        case .sendUnreachable, .sendStale, .sendRetry, .sendAbandon, .sendUnretryable,
            .sendSuccess:
            break
        }
    }

    fileprivate init(
        _ kind: TouchEventKind,
        _ fields: ItemFields,
        _ payload: RawSpan
    ) throws(FieldFailure) {
        func parent() throws(FieldFailure) -> String { try fields.text(TouchTag.parent, payload) }
        func failure() throws(FieldFailure) -> TouchFailure {
            TouchFailure(
                parent: try parent(),
                destination: try fields.text(TouchTag.destination, payload),
                info: try fields.blob(TouchTag.info, payload)
            )
        }
        switch kind {
        case .sendAttempt:
            self = .sendAttempt(
                TouchAttempt(
                    queuedAt: try fields.real(TouchTag.queuedAt),
                    channel: TouchChannel(word: try fields.text(TouchTag.channel, payload)),
                    event: try fields.text(TouchTag.event, payload),
                    parameters: try fields.blob(TouchTag.parameters, payload)
                )
            )
        case .sendUnreachable: self = .sendUnreachable(parent: try parent())
        case .sendStale: self = .sendStale(parent: try parent())
        case .sendReachable:
            self = .sendReachable(
                TouchReach(
                    parent: try parent(),
                    message: try TouchMessage(fields, payload),
                    destinations: try Self.texts(fields.blob(TouchTag.destinations, payload))
                )
            )
        case .sendRetry: self = .sendRetry(try failure())
        case .sendAbandon: self = .sendAbandon(try failure())
        case .sendUnretryable: self = .sendUnretryable(try failure())
        case .sendSuccess:
            self = .sendSuccess(
                parent: try parent(),
                destination: try fields.text(TouchTag.destination, payload)
            )
        }
    }

    private static func texts(_ bytes: [UInt8]) throws(FieldFailure) -> [String] {
        let span = bytes.span.bytes
        var reader = ByteReader()
        var texts: [String] = []
        do throws(TruncatedBytes) {
            while reader.offset < span.byteCount { texts.append(try reader.text(in: span)) }
        } catch {
            throw FieldFailure(reason: "the destinations end at byte \(error.offset)")
        }
        return texts
    }
}

extension TouchMessage {
    /// Which shape a message has.
    private enum Shape: UInt8 {
        case other = 0
        case sms, push, email
    }

    fileprivate func write(to fields: inout FieldWriter) {
        let shape: Shape
        switch self {
        case .sms(let body):
            shape = .sms
            fields.text(TouchTag.body, body)
        case .push(let title, let body, let channelID):
            shape = .push
            fields.text(TouchTag.title, title)
            fields.text(TouchTag.body, body)
            fields.text(TouchTag.channelID, channelID)
        case .email(let subject, let template, let parameters):
            shape = .email
            fields.text(TouchTag.subject, subject)
            fields.text(TouchTag.template, template)
            fields.blob(TouchTag.document, parameters)
        case .other(let json):
            shape = .other
            fields.blob(TouchTag.document, json)
        }
        fields.count(TouchTag.shape, UInt64(shape.rawValue))
    }

    fileprivate init(_ fields: ItemFields, _ payload: RawSpan) throws(FieldFailure) {
        let shape: Shape = try fields.code(TouchTag.shape)
        switch shape {
        case .sms: self = .sms(body: try fields.text(TouchTag.body, payload))
        case .push:
            self = .push(
                title: try fields.text(TouchTag.title, payload),
                body: try fields.text(TouchTag.body, payload),
                channelID: try fields.text(TouchTag.channelID, payload)
            )
        case .email:
            self = .email(
                subject: try fields.text(TouchTag.subject, payload),
                template: try fields.text(TouchTag.template, payload),
                parameters: try fields.blob(TouchTag.document, payload)
            )
        case .other: self = .other(try fields.blob(TouchTag.document, payload))
        }
    }
}
