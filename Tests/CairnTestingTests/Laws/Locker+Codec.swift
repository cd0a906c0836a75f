import CairnCore
import CairnEngine
import CairnTesting

/// How the locker's events and states are written down.
extension Locker {
    func newEvent(_ event: Event) throws(LimitError) -> NewEvent {
        var writer = ByteWriter(capacity: 8)
        let (type, time): (String, Timestamp)
        switch event {
        case .opened(let at): (type, time) = ("opened", at)
        case .closed: (type, time) = ("closed", .unixEpoch)
        case .put(let thing): (type, time) = (write("put", thing, &writer), .unixEpoch)
        case .taken(let thing): (type, time) = (write("taken", thing, &writer), .unixEpoch)
        case .reported(let rank): (type, time) = (write("reported", rank, &writer), .unixEpoch)
        }
        return try NewEvent(type: type, occurredAt: time, payload: writer.finish())
    }

    private func write(_ type: String, _ number: Int, _ writer: inout ByteWriter) -> String {
        let number = flaw == .writesOneByte ? number & 255 : number
        writer.variable(UInt64(number))
        return type
    }

    func event(_ header: EventHeader, frame: RawSpan) throws(EventCodecError) -> Event? {
        let type = header.type(in: frame)
        guard ["opened", "closed", "put", "taken", "reported"].contains(type) else {
            let isIgnored = header.flags.contains(.mayBeIgnored) || flaw == .passesOverUnknown
            guard isIgnored else { throw .unknownType(type) }
            return nil
        }
        if header.flags.contains(.isErased) { return nil }
        guard header.typeVersion == 1 || flaw == .readsNewer else {
            throw .newerVersion(type: type, version: header.typeVersion)
        }
        let payload = frame.extracting(header.payloadRange)
        var reader = ByteReader()
        do throws(TruncatedBytes) {
            if type == "opened" { return .opened(at: header.occurredAt) }
            if type == "closed" { return .closed }
            let number = Int(truncatingIfNeeded: try reader.variable(in: payload))
            return switch type {
            case "put": .put(number)
            case "taken": .taken(number)
            default: .reported(number)
            }
        } catch {
            throw .malformed(type: type, reason: "it ends early")
        }
    }

    /// Writes a state down, the things in their order.
    static func encoding(_ state: State) -> [UInt8] {
        bytes(of: state, things: state.things.sorted())
    }

    /// Writes a state down as no state may be: the things as the set has them.
    static func encodingInHashOrder(_ state: State) -> [UInt8] {
        bytes(of: state, things: Array(state.things))
    }

    private static func bytes(of state: State, things: [Int]) -> [UInt8] {
        var writer = ByteWriter(capacity: 32)
        writer.variable(UInt64(state.isOpen ? 1 : 0))
        for number in [state.report, state.total, state.eventCount, state.anomalyCount] {
            writer.variable(UInt64(number))
        }
        writer.variable(UInt64(things.count))
        for thing in things { writer.variable(UInt64(bitPattern: Int64(thing))) }
        return writer.finish()
    }

    private static func state(_ bytes: RawSpan) throws(TruncatedBytes) -> State {
        var reader = ByteReader()
        var state = State()
        state.isOpen = try reader.variable(in: bytes) == 1
        state.report = Int(truncatingIfNeeded: try reader.variable(in: bytes))
        state.total = Int(truncatingIfNeeded: try reader.variable(in: bytes))
        state.eventCount = Int(truncatingIfNeeded: try reader.variable(in: bytes))
        state.anomalyCount = Int(truncatingIfNeeded: try reader.variable(in: bytes))
        let count = try reader.variable(in: bytes)
        for _ in 0..<min(count, 1_000) {
            state.things.insert(Int(truncatingIfNeeded: try reader.variable(in: bytes)))
        }
        return state
    }

    enum CheckpointFlaw { case none, unchecked, forgetsThing, startsOver }

    /// A checkpoint: rules, digest of the rest, sequence, state.
    static func checkpoint(_ flaw: CheckpointFlaw = .none) -> CheckpointCodec<State> {
        CheckpointCodec(
            write: { folded in
                var state = folded.state
                if flaw == .forgetsThing { state.things.remove(7) }
                var writer = ByteWriter(capacity: 64)
                writer.variable(flaw == .startsOver ? 0 : folded.sequence.rawValue)
                writer.raw(encoding(state))
                let body = writer.finish()
                let digest = ContentDigest(type: "locker 1", content: body.span.bytes)
                return (flaw == .unchecked ? Array(repeating: 0, count: 32) : digest.bytes) + body
            },
            read: { bytes in
                guard bytes.count > 32 else { return nil }
                let body = Array(bytes[32...])
                let digest = ContentDigest(type: "locker 1", content: body.span.bytes)
                guard flaw == .unchecked || digest.bytes == Array(bytes[..<32]) else { return nil }
                var reader = ByteReader()
                let sequence = try reader.variable(in: body.span.bytes)
                let rest = Array(body[reader.offset...])
                return Folded(
                    state: try state(rest.span.bytes),
                    sequence: SequenceNumber(rawValue: sequence)
                )
            }
        )
    }
}
