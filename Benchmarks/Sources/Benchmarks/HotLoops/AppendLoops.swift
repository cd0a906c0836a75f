import Benchmark
import CBaselines
import Cairn

/// Appends that return once their events are kept; each is read back after the clock stopped.
enum AppendLoops {
    static func register() {
        for (eventCount, callCount) in [(1, 4000), (100, 1000)] {
            durable(eventCount, callCount)
            durableInC(eventCount, callCount)
        }
        inMemory()
    }

    private static func durable(_ eventCount: Int, _ callCount: Int) {
        let loop = Loop(
            "append: \(eventCount) a commit, flushed once and sealed, Cairn",
            .fewCalls(count: callCount)
        )
        loop.measureWaiting(
            on: { try CairnStore(requests(for: loop, eventCount)) },
            { benchmark, store in
                let range = range(of: benchmark, eventCount)
                let appends = try range.map(store.requests.append)
                benchmark.startMeasurement()
                let receipts = try await store.journal.append(appends)
                benchmark.stopMeasurement()
                let positions = receipts.flatMap { $0.map { Int($0.position.rawValue) - 1 } }
                return Comparison(try store.holds(range) && positions == Array(range), true)
            }
        )
    }

    private static func durableInC(_ eventCount: Int, _ callCount: Int) {
        let loop = Loop(
            "append: \(eventCount) a commit, flushed twice, LMDB in C",
            .fewCalls(count: callCount)
        )
        loop.measure(
            on: { try CStore(requests(for: loop, eventCount)) },
            { benchmark, store in
                let range = range(of: benchmark, eventCount)
                try benchmark.clocked { try store.append(range) }
                return Comparison(try store.holds(range), true)
            }
        )
    }

    private static func inMemory() {
        let loop = Loop("append: 1 a turn, in memory, Cairn", .fewCalls(count: 40_000))
        loop.measureWaiting(
            on: { MemoryStore(requests(for: loop, 1)) },
            { benchmark, store in
                let range = range(of: benchmark, 1)
                let append = try store.requests.append(at: range.lowerBound)
                benchmark.startMeasurement()
                let receipts = try await store.journal.append([append])
                benchmark.stopMeasurement()
                let position = receipts[0][0].position
                let record = try await store.journal.record(at: position)
                let isKept = record?.payload[...] == store.requests.payload(at: range.lowerBound)
                return Comparison(isKept && Int(position.rawValue) == range.upperBound, true)
            }
        )
    }

    /// As many events as the loop may come to append.
    private static func requests(for loop: Loop, _ eventCount: Int) -> Requests {
        let perRequest = Requests.eventsPerRequest
        let count = loop.runCountMax * eventCount
        return Requests(count: (count + perRequest - 1) / perRequest * perRequest)
    }

    private static func range(of benchmark: Benchmark, _ eventCount: Int) -> Range<Int> {
        let start = benchmark.currentIteration * eventCount
        return start..<start + eventCount
    }
}

private final class MemoryStore {
    let requests: Requests
    let journal = MemoryJournal()

    init(_ requests: Requests) {
        self.requests = requests
    }
}
