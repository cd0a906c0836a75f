import CBaselines
import Cairn

/// The states of all requests as a projection, whose tables are what Cairn keeps as a checkpoint.
struct StateProjection: Projection {
    let name = "benchmarks.states"
    let version: UInt32 = 1
    let isKnownByVersion = true

    /// A state says which request it is of from its first event on.
    func readsStreamName(of header: EventHeader, _ frame: RawSpan) -> Bool {
        header.sequence.rawValue == 1
    }

    func take(
        _ header: EventHeader,
        _ frame: RawSpan,
        of stream: StreamID?,
        into entries: inout ProjectionEntries<Self>
    ) throws(EventCodecError) {
        let event = RecordCodec.header(header, frame)
        entries.update(header.streamNumber.rawValue) { value in
            var state = value ?? cb_state()
            StateFold.apply(event, naming: stream, to: &state)
            value = state
        }
    }

    func write(_ key: UInt64, to bytes: inout ByteWriter) { bytes.bigEndian(key) }
    func readKey(_ bytes: RawSpan) throws(TruncatedBytes) -> UInt64 { bytes.bigEndian(at: 0) }

    func write(_ value: cb_state, to bytes: inout ByteWriter) {
        bytes.littleEndian(value.stream)
        bytes.littleEndian(value.last_sequence)
        bytes.littleEndian(value.recorded_at_ns)
        bytes.littleEndian(value.retry_at_ns)
        bytes.littleEndian(value.duration_total_ms)
        bytes.littleEndian(value.event_count)
        bytes.littleEndian(value.failure_count)
        bytes.littleEndian(value.retry_count)
        bytes.littleEndian(value.gap_count)
        bytes.littleEndian(value.attempt)
        bytes.littleEndian(value.stage)
        bytes.littleEndian(value.status)
    }

    func readValue(_ bytes: RawSpan) throws(TruncatedBytes) -> cb_state {
        var state = cb_state()
        state.stream = bytes.littleEndian(at: 0)
        state.last_sequence = bytes.littleEndian(at: 8)
        state.recorded_at_ns = bytes.littleEndian(at: 16)
        state.retry_at_ns = bytes.littleEndian(at: 24)
        state.duration_total_ms = bytes.littleEndian(at: 32)
        state.event_count = bytes.littleEndian(at: 40)
        state.failure_count = bytes.littleEndian(at: 44)
        state.retry_count = bytes.littleEndian(at: 48)
        state.gap_count = bytes.littleEndian(at: 52)
        state.attempt = bytes.littleEndian(at: 56)
        state.stage = bytes.byte(at: 60)
        state.status = bytes.byte(at: 61)
        return state
    }
}

/// Replays that begin at what was kept.
struct CairnCheckpoint {
    /// Loads the workload, and keeps the states as they are after its first `count` events.
    func load(keeping count: Int, of workload: Workload, in directory: String) async throws {
        let names = try Names(workload, count: workload.count, random: false)
        let journal = try LMDBJournal(path: directory)
        defer { journal.close() }
        var start = 0
        func append(upTo end: Int) async throws {
            while start < end {
                let next = min(start + 10_000, end)
                try await journal.append(names.appends(start..<next, of: workload))
                start = next
            }
        }
        try await append(upTo: count)
        let mark = try await LiveProjection(StateProjection(), of: journal).catchUp()
        guard mark?.position.rawValue == UInt64(count) else {
            throw BenchmarkError.noCheckpoints(0, of: 1)
        }
        try await append(upTo: workload.count)
    }

    /// Takes what was kept, and folds the events behind it; a reader leaves the tables as they are.
    func replay(in directory: String) async throws -> Outcome {
        let journal = try LMDBJournal(path: directory, configuration: .readOnly)
        defer { journal.close() }
        let clock = ContinuousClock()
        let began = clock.now
        let live = LiveProjection(StateProjection(), of: journal)
        let (position, hash) = try await live.read { view throws(EngineError<Never>) in
            var sum: UInt64 = 0
            try view.forEach { _, state in
                withUnsafePointer(to: state) { sum &+= cb_state_hash($0) }
                return .proceed
            }
            return (view.position.rawValue, sum)
        }
        let seconds = (clock.now - began) / .seconds(1)
        return Outcome(eventCount: Int(position), seconds: seconds, hash: hash)
    }
}
