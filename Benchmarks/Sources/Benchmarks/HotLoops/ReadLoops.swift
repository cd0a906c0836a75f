import Benchmark
import CBaselines
import Cairn

/// Reads of a store of 16,000 events on disk that is in the system's memory.
enum ReadLoops {
    private static let eventCount = 16_000

    static func register() {
        readStreams()
        findEvents()
    }

    /// One request after another, its 40 events copied out.
    private static func readStreams() {
        Loop("read: a stream of 40 events, checksums on, Cairn", .oneCall)
            .measure(on: filledJournal) { benchmark, store in
                let number = streamNumber(of: benchmark)
                let stream = try Requests.stream(number)
                var events: [(EventHeader, [UInt8])] = []
                events.reserveCapacity(Requests.eventsPerRequest)
                try benchmark.clocked {
                    _ = try store.journal.page(
                        of: stream,
                        from: SequenceNumber(rawValue: 1),
                        .forwards,
                        upTo: nil,
                        limit: .standard
                    ) { header, frame in
                        events.append((header, frame.array()))
                        return .proceed
                    }
                }
                let payloads = events.map { $1[$0.payloadRange] }
                return Comparison(
                    payloads,
                    indexes(of: number, in: store.requests).map(store.requests.payload)
                )
            }
        Loop("read: a stream of 40 events, LMDB in C", .oneCall)
            .measure(on: filledCStore) { benchmark, store in
                let number = streamNumber(of: benchmark)
                let byteCount = Requests.eventsPerRequest * Int(CB_RECORD_BYTE_COUNT)
                var records = [UInt8](repeating: 0, count: byteCount)
                var count: UInt64 = 0
                let code = benchmark.clocked {
                    cb_loop_read_stream(store.store, number, &records, &count)
                }
                try CStore.check(code)
                let expected = indexes(of: number, in: store.requests)
                    .flatMap(store.requests.record)
                return Comparison(records, expected)
            }
    }

    /// By their ids, in an order that is not theirs.
    private static func findEvents() {
        Loop("find: an event by its id, Cairn", .thousandCalls)
            .measure(on: filledJournal) { benchmark, store in
                let ids = try sampledIndexes.map(store.requests.id)
                let sum = try benchmark.clocked {
                    var sum: UInt64 = 0
                    for id in ids {
                        guard let receipt = try store.journal.receipt(of: id) else { continue }
                        sum &+= receipt.position.rawValue &+ receipt.sequence.rawValue
                    }
                    return sum
                }
                return Comparison(sum, sumOfPlaces(store.requests))
            }
        Loop("find: an event by its id, LMDB in C", .thousandCalls)
            .measure(on: filledCStore) { benchmark, store in
                let indexes = sampledIndexes
                let sum = try benchmark.clocked {
                    var sum: UInt64 = 0
                    for index in indexes {
                        var position: UInt64 = 0
                        var header = cb_header()
                        let code = store.requests.withID(at: index) {
                            cb_loop_find(store.store, $0, &position, &header)
                        }
                        try CStore.check(code)
                        sum &+= position &+ header.sequence
                    }
                    return sum
                }
                return Comparison(sum, sumOfPlaces(store.requests))
            }
    }

    private static func filledJournal() async throws -> CairnStore {
        let store = try CairnStore(Requests(count: eventCount))
        try await store.fill()
        return store
    }

    private static func filledCStore() throws -> CStore {
        let store = try CStore(Requests(count: eventCount))
        try store.append(0..<eventCount)
        return store
    }

    /// Another one in each sample, far from the one before.
    private static func streamNumber(of benchmark: Benchmark) -> UInt64 {
        let streamCount = eventCount / Requests.eventsPerRequest
        return UInt64(benchmark.currentIteration * 149 % streamCount) + 1
    }

    private static func indexes(of stream: UInt64, in requests: Requests) -> [Int] {
        (0..<requests.count).filter { requests.header(at: $0).stream == stream }
    }

    private static let sampledIndexes = (0..<Loop.callsPerSample).map { $0 * 7919 % eventCount }

    private static func sumOfPlaces(_ requests: Requests) -> UInt64 {
        sampledIndexes.reduce(0) { $0 &+ UInt64($1) + 1 &+ requests.header(at: $1).sequence }
    }
}
