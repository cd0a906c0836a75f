import Benchmark
import CBaselines
import Cairn

/// The baselines' fold of a store, without the store: events into the states of their requests.
enum FoldLoops {
    static func register() {
        Loop("fold: a frame, checksum on, Cairn", .thousandCalls)
            .measure(on: Frames.init) { benchmark, frames in
                let (bytes, ranges, places) = (frames.bytes, frames.ranges, frames.places)
                var states = StreamMap<cb_state>()
                try benchmark.clocked {
                    for (range, place) in zip(ranges, places) {
                        let frame = bytes.span.bytes.extracting(range)
                        let header = try EventHeader(frame: frame, position: place.position)
                        apply(header, frame, to: &states[header.streamNumber, default: cb_state()])
                    }
                }
                var sum: UInt64 = 0
                for state in states.values {
                    withUnsafePointer(to: state) { sum &+= cb_state_hash($0) }
                }
                return Comparison(sum, expectedHash(frames.requests))
            }
        Loop("fold: a record, no checksum, C", .thousandCalls)
            .measure(on: { Requests(count: Loop.callsPerSample) }) { benchmark, requests in
                let fold = cb_fold_create()
                defer { cb_fold_destroy(fold) }
                benchmark.clocked {
                    cb_loop_fold(fold, requests.records, UInt64(requests.count))
                }
                return Comparison(cb_fold_hash(fold), expectedHash(requests))
            }
    }

    /// The hash of the states, made one by one by the rules in C and in another table.
    private static func expectedHash(_ requests: Requests) -> UInt64 {
        var states: [UInt64: cb_state] = [:]
        for index in 0..<requests.count {
            var header = requests.header(at: index)
            cb_state_apply(&states[header.stream, default: cb_state()], &header)
            states[header.stream]?.stream = header.stream
        }
        return states.values.reduce(0) { sum, state in
            withUnsafePointer(to: state) { sum &+ cb_state_hash($0) }
        }
    }

    /// The rules of `cb_state_apply` in Swift; a payload begins as a record does.
    private static func apply(_ header: EventHeader, _ frame: RawSpan, to state: inout cb_state) {
        let start = header.payloadRange.lowerBound
        let status = frame.byte(at: start + 43)
        state.stream = header.streamNumber.rawValue
        if header.sequence.rawValue != state.last_sequence + 1 { state.gap_count += 1 }
        state.last_sequence = header.sequence.rawValue
        state.recorded_at_ns = header.occurredAt.nanoseconds
        state.duration_total_ms += UInt64(frame.littleEndian(at: start + 32, as: UInt32.self))
        state.event_count += 1
        if status == CB_STATUS_FAILED { state.failure_count += 1 }
        if status == CB_STATUS_RETRY_SCHEDULED { state.retry_count += 1 }
        state.attempt = frame.littleEndian(at: start + 36)
        state.stage = frame.byte(at: start + 42)
        state.status = status
        if status == CB_STATUS_RETRY_SCHEDULED {
            state.retry_at_ns = frame.littleEndian(at: start + 24)
        } else if status == CB_STATUS_COMPLETED {
            state.retry_at_ns = 0
        }
    }
}
