import CBaselines
import Cairn

/// How a workload record becomes an event whose whole frame has the record's 183 bytes.
///
/// Nothing is dropped: stream, sequence and time are in the frame's header, the request id is the
/// stream's name, and the two texts that repeat (worker and service) are interned as a number. The
/// texts that differ from event to event are stored in full, so the record can be rebuilt.
enum RecordCodec {
    static let frameType = "pipeline"
    static let payloadByteCount = 62

    static func payload(of record: UnsafeRawBufferPointer) -> [UInt8] {
        let header = record.loadUnaligned(as: cb_header.self)
        return [UInt8](unsafeUninitializedCapacity: payloadByteCount) { bytes, count in
            let target = UnsafeMutableRawBufferPointer(bytes)
            target.storeBytes(of: header.retry_at_ns, toByteOffset: 0, as: Int64.self)
            target.storeBytes(of: header.duration_ms, toByteOffset: 8, as: UInt32.self)
            target.storeBytes(of: header.attempt, toByteOffset: 12, as: UInt32.self)
            target.storeBytes(of: header.event_type, toByteOffset: 16, as: UInt16.self)
            target[18] = header.stage
            target[19] = header.status
            target[20] = header.tenant
            // "pagw-worker-07-...": the two digits are all that differs.
            let digits = Int(CB_WORKER_OFFSET) + 12
            target[21] = (record[digits] - 48) * 10 + record[digits + 1] - 48
            let tail = Int(CB_REFERENCE_OFFSET)..<Int(CB_RECORD_BYTE_COUNT)
            target[22...].copyBytes(from: record[tail])
            count = payloadByteCount
        }
    }

    /// The header that a frame stands for, without the request's number.
    @inline(__always)
    static func header(_ header: EventHeader, _ frame: RawSpan) -> cb_header {
        let start = header.payloadRange.lowerBound
        var result = cb_header()
        result.sequence = header.sequence.rawValue
        result.recorded_at_ns = header.occurredAt.nanoseconds
        result.retry_at_ns = frame.littleEndian(at: start)
        result.duration_ms = frame.littleEndian(at: start + 8)
        result.attempt = frame.littleEndian(at: start + 12)
        result.event_type = frame.littleEndian(at: start + 16)
        result.stage = frame.byte(at: start + 18)
        result.status = frame.byte(at: start + 19)
        result.tenant = frame.byte(at: start + 20)
        return result
    }

    /// Rebuilds the 183 bytes of the record that an event was made of.
    static func record(
        of event: EventHeader,
        _ frame: RawSpan,
        requestID: String,
        _ body: (UnsafeRawBufferPointer) -> Void
    ) {
        var header = header(event, frame)
        header.stream = cb_request_stream(requestID)
        let worker = frame.byte(at: event.payloadRange.lowerBound + 21)
        var record: [UInt8] = []
        record.reserveCapacity(Workload.recordByteCount)
        withUnsafeBytes(of: header) { record.append(contentsOf: $0) }
        record.append(contentsOf: requestID.utf8)
        record.append(contentsOf: "pagw-worker-\(twoDigits(worker))-7d9f8c6b54-x2kq9a".utf8)
        record.append(contentsOf: "pagw-stage-service-\(twoDigits(header.stage))".utf8)
        frame.extracting(event.payloadRange.lowerBound + 22..<event.payloadRange.upperBound)
            .withUnsafeBytes { record.append(contentsOf: $0) }
        record.withUnsafeBytes(body)
    }

    private static func twoDigits(_ number: UInt8) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}
