internal import CairnCore
internal import CairnDomains
internal import CairnEngine
internal import CairnIncident
internal import CairnJournal

extension RequestProjection {
    static let checkpointPrefix = [Tag.checkpoint]
    static let closedPrefix = [Tag.closed]
    static let formerPrefix = [Tag.former]

    /// The beginning of the keys of all times that a request was done with and went on.
    static func formerPrefix(_ stream: StreamNumber) -> [UInt8] {
        var writer = ByteWriter(capacity: 9)
        writer.bigEndian(Tag.former)
        writer.bigEndian(stream.rawValue)
        return writer.finish()
    }

    func write(_ key: Key, to bytes: inout ByteWriter) {
        switch key {
        case .open: bytes.bigEndian(Tag.open)
        case .checkpoint(let position):
            bytes.bigEndian(Tag.checkpoint)
            bytes.bigEndian(position.rawValue)
        case .closed(let stream):
            bytes.bigEndian(Tag.closed)
            bytes.bigEndian(stream.rawValue)
        case .former(let stream, let position):
            bytes.bigEndian(Tag.former)
            bytes.bigEndian(stream.rawValue)
            bytes.bigEndian(position.rawValue)
        case .failure(let tenant, let time, let position):
            bytes.bigEndian(Tag.failure)
            bytes.raw(tenant.bytes)
            Self.write(time, position, to: &bytes)
        }
    }

    func readKey(_ bytes: RawSpan) throws(TruncatedBytes) -> Key {
        var place = ByteReader()
        func number() throws(TruncatedBytes) -> UInt64 {
            bytes.bigEndian(at: try place.take(8, in: bytes).lowerBound)
        }
        switch try place.littleEndian(UInt8.self, in: bytes) {
        case Tag.open: return .open
        case Tag.checkpoint: return .checkpoint(Position(rawValue: try number()))
        case Tag.closed: return .closed(StreamNumber(rawValue: try number()))
        case Tag.former:
            let stream = StreamNumber(rawValue: try number())
            return .former(stream, Position(rawValue: try number()))
        case Tag.failure:
            let failure = try Self.failure(bytes)
            return .failure(try Self.tenant(bytes), failure.nextRetryAt, failure.position)
        default: throw TruncatedBytes(offset: 0)
        }
    }

    func write(_ value: Value, to bytes: inout ByteWriter) {
        switch value {
        case .open(let fleets, let checkpoint):
            bytes.littleEndian(Tag.open)
            bytes.variable(checkpoint.rawValue)
            for fleet in fleets { bytes.raw(fleet.encoded()) }
        case .checkpoint(let requests):
            bytes.littleEndian(Tag.checkpoint)
            bytes.raw(requests)
        case .closed(let from, let request):
            bytes.littleEndian(Tag.closed)
            bytes.variable(from.rawValue)
            bytes.raw(request)
        case .former(let until, let request):
            bytes.littleEndian(Tag.former)
            bytes.variable(until.rawValue)
            bytes.raw(request)
        case .failure: bytes.littleEndian(Tag.failure)
        }
    }

    func readValue(_ bytes: RawSpan) throws(TruncatedBytes) -> Value {
        var place = ByteReader()
        switch try place.littleEndian(UInt8.self, in: bytes) {
        case Tag.open:
            let checkpoint = Position(rawValue: try place.variable(in: bytes))
            var fleet = PipelineFleet(pipeline)
            try fleet.put(bytes.extracting(place.offset..<bytes.byteCount))
            return .open([fleet], checkpoint)
        case Tag.checkpoint:
            return .checkpoint(bytes.extracting(place.offset..<bytes.byteCount).array())
        case Tag.closed:
            let from = Position(rawValue: try place.variable(in: bytes))
            return .closed(from, bytes.extracting(place.offset..<bytes.byteCount).array())
        case Tag.former:
            let until = Position(rawValue: try place.variable(in: bytes))
            return .former(until, bytes.extracting(place.offset..<bytes.byteCount).array())
        case Tag.failure where bytes.byteCount == 1: return .failure
        default: throw TruncatedBytes(offset: 0)
        }
    }
}
