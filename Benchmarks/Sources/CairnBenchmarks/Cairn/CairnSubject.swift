import CBaselines
import Cairn

/// Cairn itself: every index, the uniqueness check of every id and every checksum included.
struct CairnSubject: BenchmarkSubject {
    let name = "cairn"

    func append(
        _ plan: AppendPlan,
        of workload: Workload,
        in directory: String
    ) async throws -> Outcome {
        let names = try Names(workload, count: plan.totalCount, random: plan.usesRandomIDs)
        let journal = try LMDBJournal(path: directory)
        var start = 0
        while start < plan.preloadedCount {
            let end = min(start + 10_000, plan.preloadedCount)
            try await journal.append(names.appends(start..<end, of: workload))
            start = end
        }
        var latencies: [UInt64] = []
        latencies.reserveCapacity(plan.commitCount)
        let memory = plan.watchesMemory ? MemoryWatch() : nil
        let clock = ContinuousClock()
        let began = clock.now
        var last = began
        while start < plan.totalCount {
            let end = min(start + plan.eventsPerCommit, plan.totalCount)
            try await journal.append(names.appends(start..<end, of: workload))
            start = end
            let now = clock.now
            latencies.append(UInt64((now - last) / .nanoseconds(1)))
            last = now
        }
        let seconds = (last - began) / .seconds(1)
        journal.close()
        return Outcome(
            eventCount: plan.measuredCount,
            seconds: seconds,
            latenciesNanoseconds: latencies,
            byteCount: memory?.end() ?? 0,
            hash: try await contentsHash(directory, behind: workload.start)
        )
    }

    func appendConcurrently(
        count: Int,
        callerCount: Int,
        of workload: Workload,
        in directory: String
    ) async throws -> Outcome {
        let names = try Names(workload, count: count, random: false)
        var shares = [[Int]](repeating: [], count: callerCount)
        for index in 0..<count {
            shares[Int(workload.header(at: index).stream) % callerCount].append(index)
        }
        let journal = try LMDBJournal(path: directory)
        let clock = ContinuousClock()
        let began = clock.now
        let waits = try await withThrowingTaskGroup(of: [Duration].self) { group in
            for share in shares {
                group.addTask {
                    var waits: [Duration] = []
                    waits.reserveCapacity(share.count)
                    for index in share {
                        let append = try names.append(index, of: workload)
                        let asked = clock.now
                        try await journal.append(append.events[0], to: append.stream)
                        waits.append(clock.now - asked)
                    }
                    return waits
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let seconds = (clock.now - began) / .seconds(1)
        journal.close()
        return Outcome(
            eventCount: count,
            seconds: seconds,
            latenciesNanoseconds: waits.map { UInt64($0 / .nanoseconds(1)) },
            hash: try await contentsHash(directory, behind: workload.start)
        )
    }

    func replay(in directory: String) async throws -> Outcome {
        let journal = try LMDBJournal(path: directory, configuration: .readOnly)
        defer { journal.close() }
        let clock = ContinuousClock()
        let began = clock.now
        var fold = StateFold()
        try await journal.forEachEvent { header, frame in
            fold.apply(header, frame)
            return .proceed
        }
        let seconds = (clock.now - began) / .seconds(1)
        return Outcome(eventCount: fold.eventCount, seconds: seconds, hash: fold.hash)
    }

    func timelines(of streams: [UInt64], in directory: String) async throws -> Outcome {
        let journal = try LMDBJournal(path: directory, configuration: .readOnly)
        defer { journal.close() }
        let clock = ContinuousClock()
        var latencies: [UInt64] = []
        var hash: UInt64 = 0
        var seconds = 0.0
        for number in streams {
            let requestID = Workload.requestID(of: number)
            let stream = try StreamID("pipeline/" + requestID)
            var events: [(EventHeader, [UInt8])] = []
            events.reserveCapacity(Workload.eventsPerRequest)
            let began = clock.now
            try await journal.forEachEvent(of: stream) { header, frame in
                events.append((header, frame.array()))
                return .proceed
            }
            let took = clock.now - began
            latencies.append(UInt64(took / .nanoseconds(1)))
            seconds += took / .seconds(1)
            var records: [UInt8] = []
            for (header, frame) in events {
                RecordCodec.record(of: header, frame.span.bytes, requestID: requestID) {
                    records.append(contentsOf: $0)
                }
            }
            hash &+= cb_records_hash(records, UInt64(events.count))
        }
        return Outcome(
            eventCount: streams.count * Workload.eventsPerRequest,
            seconds: seconds,
            latenciesNanoseconds: latencies,
            hash: hash
        )
    }

    func open(in directory: String) async throws -> Outcome {
        let clock = ContinuousClock()
        let began = clock.now
        let journal = try LMDBJournal(path: directory)
        let last = try await journal.record(at: journal.head().lastPosition)
        let seconds = (clock.now - began) / .seconds(1)
        defer { journal.close() }
        guard let last else { throw BenchmarkError.storeIsEmpty }
        var hash: UInt64 = 0
        _ = try journal.page(
            from: last.position,
            .forwards,
            upTo: nil,
            limit: PageLimit(eventCountMax: 1)
        ) { header, frame in
            RecordCodec.record(of: header, frame, requestID: last.stream.key) {
                hash = cb_records_hash($0.baseAddress, 1)
            }
            return .stop
        }
        return Outcome(eventCount: 1, seconds: seconds, hash: hash)
    }

    /// Reads everything behind the first `count` events back and hashes it, so that the append is
    /// proven to have kept it.
    private func contentsHash(_ directory: String, behind count: Int) async throws -> UInt64 {
        let journal = try LMDBJournal(path: directory, configuration: .readOnly)
        defer { journal.close() }
        let verifier = Verifier()
        var requestIDs = StreamMap<String>()
        let first = Position(rawValue: UInt64(count) + 1)
        try await journal.forEachEvent(from: first) { header, frame in
            if let stream = header.streamID(in: frame) {
                requestIDs[header.streamNumber, default: ""] = stream.key
            }
            let requestID = requestIDs[header.streamNumber] ?? ""
            RecordCodec.record(of: header, frame, requestID: requestID) { verifier.add($0) }
            return .proceed
        }
        return verifier.hash
    }
}

/// The names of a workload, made before a clock starts, as the C sides have theirs.
struct Names: Sendable {
    private let streams: [UInt64: StreamID]
    private let ids: [EventID]

    init(_ workload: Workload, count: Int, random: Bool) throws {
        var streams: [UInt64: StreamID] = [:]
        var ids: [EventID] = []
        ids.reserveCapacity(count)
        for index in 0..<count {
            let number = workload.header(at: index).stream
            if streams[number] == nil {
                streams[number] = try StreamID("pipeline/" + Workload.requestID(of: number))
            }
            ids.append(try EventID(workload.eventID(at: index, random: random)))
        }
        self.streams = streams
        self.ids = ids
    }

    func append(_ index: Int, of workload: Workload) throws -> StreamAppend {
        try workload.withRecord(at: index) { record in
            let header = record.loadUnaligned(as: cb_header.self)
            guard let stream = streams[header.stream] else {
                throw BenchmarkError.unknownRequest(header.stream)
            }
            let event = try NewEvent(
                type: RecordCodec.frameType,
                id: ids[index],
                occurredAt: Timestamp(nanoseconds: header.recorded_at_ns),
                payload: RecordCodec.payload(of: record)
            )
            return StreamAppend([event], to: stream)
        }
    }

    func appends(_ range: Range<Int>, of workload: Workload) throws -> [StreamAppend] {
        try range.map { try append($0, of: workload) }
    }
}
