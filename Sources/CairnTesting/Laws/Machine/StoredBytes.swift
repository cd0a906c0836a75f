internal import CairnCore

/// An event as a journal stores it, without the journal.
struct StoredBytes {
    let event: NewEvent
    /// Its place in its stream, which is alone in its journal.
    let sequence: UInt64
    var isErased = false

    init(_ event: NewEvent, sequence: UInt64 = 1) {
        self.event = event
        self.sequence = sequence
    }

    /// Reads the event back under the rules of a machine.
    ///
    /// - Throws: `EventCodecError`.
    func event<Rules: StoredMachine>(_ machine: Rules) throws -> Rules.Event? {
        let place = EventPlace(
            position: Position(rawValue: sequence),
            streamNumber: StreamNumber(rawValue: 1),
            sequence: SequenceNumber(rawValue: sequence),
            recordedAt: event.occurredAt
        )
        var bytes: [UInt8] = []
        Frame.encode(
            event,
            at: place,
            naming: sequence == 1 ? try StreamID("law/1") : nil,
            into: &bytes
        )
        if isErased { bytes[Self.flagsOffset] |= Frame.Flags.isErased.rawValue }
        let frame = bytes.span.bytes
        let header = try EventHeader(
            frame: frame,
            position: place.position,
            verifiesChecksum: !isErased
        )
        return try machine.event(header, frame: frame)
    }

    /// Where a frame has its flags.
    private static var flagsOffset: Int { 9 }
}

extension NewEvent {
    /// The same event with some of what is stored of it changed.
    func changed(
        type: String? = nil,
        typeVersion: UInt8? = nil,
        mayBeIgnored: Bool? = nil,
        payload: [UInt8]? = nil
    ) throws(LimitError) -> NewEvent {
        try NewEvent(
            type: type ?? self.type,
            typeVersion: typeVersion ?? self.typeVersion,
            id: id,
            occurredAt: occurredAt,
            recordedAt: recordedAt,
            mayBeIgnored: mayBeIgnored ?? self.mayBeIgnored,
            codec: codec,
            payload: payload ?? self.payload
        )
    }
}
