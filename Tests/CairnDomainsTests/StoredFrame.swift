import CairnCore

/// An event as a journal stores it, without the journal.
struct StoredFrame {
    let event: NewEvent
    var isErased = false
    /// The payload as it was found, where that is not what was written.
    var payload: [UInt8]?
    var typeVersion: UInt8?
    var type: String?
    var mayBeIgnored = false

    init(_ event: NewEvent) {
        self.event = event
    }

    /// Reads the event back under the rules of a machine.
    func read<Rules: StoredMachine>(_ machine: Rules) throws -> Rules.Event? {
        try open { header, frame throws(EventCodecError) in try machine.event(header, frame: frame)
        }
    }

    /// Lends the event's frame.
    func open<Value>(
        _ body: (EventHeader, RawSpan) throws(EventCodecError) -> Value
    ) throws -> Value {
        let stored = try NewEvent(
            type: type ?? event.type,
            typeVersion: typeVersion ?? event.typeVersion,
            id: event.id,
            occurredAt: event.occurredAt,
            mayBeIgnored: mayBeIgnored,
            payload: payload ?? event.payload
        )
        let place = EventPlace(
            position: .first,
            streamNumber: StreamNumber(rawValue: 1),
            sequence: SequenceNumber(rawValue: 1),
            recordedAt: event.occurredAt
        )
        var bytes: [UInt8] = []
        Frame.encode(stored, at: place, naming: nil, into: &bytes)
        if isErased { bytes[9] |= Frame.Flags.isErased.rawValue }
        let frame = bytes.span.bytes
        let header = try EventHeader(
            frame: frame,
            position: .first,
            verifiesChecksum: !isErased
        )
        return try body(header, frame)
    }
}
