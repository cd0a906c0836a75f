import CBaselines
import Cairn

/// Events of whole requests, as the C baselines make and keep them, and as Cairn does.
final class Requests {
    static let eventsPerRequest = Int(CB_EVENTS_PER_REQUEST)
    private static let recordByteCount = Int(CB_RECORD_BYTE_COUNT)
    /// So much of a record as makes a frame of its 183 bytes: all that a fold reads, and zeros.
    private static let payloadByteCount = 62

    let count: Int
    /// Of each event: the record, and in C's form the id.
    let records: [UInt8]
    let ids: [UInt8]

    /// Makes `count` events, a multiple of ``eventsPerRequest``.
    init(count: Int) {
        var records = [UInt8](repeating: 0, count: count * Self.recordByteCount)
        var ids = [UInt8](repeating: 0, count: count * Int(CB_ID_STRIDE))
        var randomIDs = ids
        cb_workload_fill(20_251_225, 0, UInt64(count), &records, &ids, &randomIDs)
        self.count = count
        self.records = records
        self.ids = ids
    }

    func record(at index: Int) -> ArraySlice<UInt8> {
        records[index * Self.recordByteCount..<(index + 1) * Self.recordByteCount]
    }

    func records(_ range: Range<Int>) -> ArraySlice<UInt8> {
        let byteCount = Self.recordByteCount
        return records[range.lowerBound * byteCount..<range.upperBound * byteCount]
    }

    func header(at index: Int) -> cb_header {
        record(at: index).withUnsafeBytes { $0.loadUnaligned(as: cb_header.self) }
    }

    /// The id in C's form: its length, and its text.
    func withID<Value>(at index: Int, _ body: (UnsafePointer<UInt8>?) -> Value) -> Value {
        ids.withUnsafeBufferPointer {
            body($0.baseAddress.map { $0 + index * Int(CB_ID_STRIDE) })
        }
    }

    func id(at index: Int) throws -> EventID {
        let start = index * Int(CB_ID_STRIDE)
        return try EventID(
            String(decoding: ids[start + 1...start + Int(ids[start])], as: UTF8.self)
        )
    }

    func payload(at index: Int) -> ArraySlice<UInt8> {
        record(at: index).prefix(Self.payloadByteCount)
    }

    func event(at index: Int) throws -> NewEvent {
        try NewEvent(
            type: "pipeline",
            id: id(at: index),
            occurredAt: Timestamp(nanoseconds: header(at: index).recorded_at_ns),
            payload: Array(payload(at: index))
        )
    }

    static func stream(_ number: UInt64) throws -> StreamID {
        var text = [CChar](repeating: 0, count: Int(CB_REQUEST_ID_LENGTH))
        cb_request_id(number, &text)
        let key = String(decoding: text.map(UInt8.init(bitPattern:)), as: UTF8.self)
        return try StreamID("pipeline/" + key)
    }

    func append(at index: Int) throws -> StreamAppend {
        StreamAppend([try event(at: index)], to: try Self.stream(header(at: index).stream))
    }

    func withCWorkload<Value>(
        _ body: (UnsafePointer<cb_workload>) throws -> Value
    ) rethrows -> Value {
        try records.withUnsafeBufferPointer { records in
            try ids.withUnsafeBufferPointer { ids in
                var workload = cb_workload(
                    records: records.baseAddress,
                    ordered_ids: ids.baseAddress,
                    random_ids: ids.baseAddress,
                    start: 0,
                    count: UInt64(count)
                )
                return try body(&workload)
            }
        }
    }
}

/// The frames of requests, one behind the other, at the positions from 1 on.
final class Frames {
    let requests: Requests
    let events: [NewEvent]
    let places: [EventPlace]
    let bytes: [UInt8]
    let ranges: [Range<Int>]

    init() throws {
        let requests = Requests(count: Loop.callsPerSample)
        self.requests = requests
        events = try (0..<requests.count).map(requests.event)
        places = (0..<requests.count).map { index in
            let header = requests.header(at: index)
            return EventPlace(
                position: Position(rawValue: UInt64(index) + 1),
                streamNumber: StreamNumber(rawValue: header.stream),
                sequence: SequenceNumber(rawValue: header.sequence),
                recordedAt: Timestamp(nanoseconds: header.recorded_at_ns)
            )
        }
        var bytes: [UInt8] = []
        ranges = zip(events, places).map { event, place in
            let start = bytes.count
            Frame.encode(event, at: place, naming: nil, into: &bytes)
            return start..<bytes.count
        }
        self.bytes = bytes
    }
}
