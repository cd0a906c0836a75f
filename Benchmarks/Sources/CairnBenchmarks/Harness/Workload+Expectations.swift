import CBaselines

// What the sides must find, computed from the workload itself and from no store.
extension Workload {
    /// The verifier's hash of the first `count` events.
    func contentsHash(count: Int) -> UInt64 {
        let verifier = Verifier()
        for index in 0..<count {
            withRecord(at: index) { verifier.add($0) }
        }
        return verifier.hash
    }

    /// The hash of the states of all requests after all events.
    func statesHash() -> UInt64 {
        let fold = cb_fold_create()
        defer { cb_fold_destroy(fold) }
        for index in 0..<count {
            var header = header(at: index)
            cb_fold_apply(fold, &header)
        }
        return cb_fold_hash(fold)
    }

    func lastRecordHash() -> UInt64 {
        withRecord(at: count - 1) { cb_records_hash($0.baseAddress, 1) }
    }

    /// The wrapping sum of the hashes of the streams' timelines; a stream of another block adds 0.
    func timelinesHash(of streams: [UInt64]) -> UInt64 {
        var timelines: [UInt64: [UInt8]] = [:]
        for stream in streams { timelines[stream] = [] }
        for index in 0..<count {
            let stream = header(at: index).stream
            withRecord(at: index) { timelines[stream]?.append(contentsOf: $0) }
        }
        return streams.reduce(into: 0) { sum, stream in
            guard let records = timelines[stream], !records.isEmpty else { return }
            sum &+= cb_records_hash(records, UInt64(records.count / Self.recordByteCount))
        }
    }

    /// Up to 2,000 streams of a store of `count` events, the same ones for the same seed.
    static func sampledStreams(seed: UInt64, count: Int) -> [UInt64] {
        let requestCount = count / eventsPerRequest
        var generator = SplitMix64(state: ~seed)
        return (0..<min(2000, requestCount)).map { _ in
            UInt64.random(in: 1...UInt64(requestCount), using: &generator)
        }
    }
}

private struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}
