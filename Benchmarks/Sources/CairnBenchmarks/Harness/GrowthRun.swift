import CBaselines

/// Grows one store after the other through the sizes of ``Growth``, and measures it at each.
///
/// Of the workload one block is in memory, and of the stores one is on the disk, which alone bounds
/// the sizes.
struct GrowthRun {
    private struct Size {
        let factor: Double
        let eventCount: Int
        /// The requests whose timelines are read.
        let streams: [UInt64]
        var report: Report
        var rows: [Row] = []
        /// What the sides came to, by row.
        var results: [String: [SideResult]] = [:]
    }

    /// What a store must answer, computed from the blocks and from no store: requests begin and end
    /// in one block, so that what blocks answer adds up.
    private struct Expected {
        var eventCount = 0
        var statesHash: UInt64 = 0
        /// An element for each size, because each asks for requests of its own.
        var timelinesHashes: [UInt64]
    }

    /// What a store takes at most: raw LMDB with its trees, the largest, takes 293 an event.
    static let byteCountPerEventMax = 300

    private let bench: Bench
    private let disk: QuietDisk
    private let blockCountMax: Int
    private var sizes: [Size]
    private(set) var growth = Growth()

    /// Grows stores to `eventCount` events and on to `factorMax` times as many, in blocks of up to
    /// `blockCountMax` events.
    init(
        bench: Bench,
        disk: QuietDisk,
        eventCount: Int,
        factorMax: Double,
        blockCountMax: Int
    ) throws {
        self.bench = bench
        self.disk = disk
        self.blockCountMax = blockCountMax
        let machine = try Machine(directory: bench.rootPath)
        let seed = bench.workload.seed
        sizes = Growth.factors.filter { $0 <= factorMax }.map { factor in
            let count = Workload.wholeRequests(of: Int(Double(eventCount) * factor))
            return Size(
                factor: factor,
                eventCount: count,
                streams: Workload.sampledStreams(seed: seed, count: count),
                report: Report(
                    machine: machine,
                    seed: seed,
                    eventCount: count,
                    repeatCount: bench.repeatCount
                )
            )
        }
    }

    /// The tables of the sizes that were reached.
    var reports: [Report] {
        sizes.map(\.report).filter { !$0.lines.isEmpty || !$0.isSound }
    }

    mutating func run() async {
        for (subject, factorMax) in Growth.sides {
            await grow(subject, upTo: factorMax)
            bench.removeStore(of: subject)
        }
        for index in sizes.indices {
            for row in sizes[index].rows {
                sizes[index].report.add(row, sizes[index].results[row.name] ?? [])
            }
            growth.add(sizes[index].report, factor: sizes[index].factor)
        }
    }

    private mutating func grow(_ subject: any BenchmarkSubject, upTo factorMax: Double) async {
        var expected = Expected(timelinesHashes: sizes.map { _ in 0 })
        for index in sizes.indices where sizes[index].factor <= factorMax {
            guard hasRoom(for: subject, at: index, expected) else { return }
            do {
                try await fill(subject, at: index, &expected)
                try await measure(subject, at: index, expected)
            } catch {
                // What was measured before, maybe for an hour, is not lost.
                sizes[index].report.addFailure(of: subject.name, "\(error)")
                return
            }
        }
    }

    private mutating func hasRoom(
        for subject: any BenchmarkSubject,
        at index: Int,
        _ expected: Expected
    ) -> Bool {
        let count = sizes[index].eventCount
        let needed = (count - expected.eventCount) * Self.byteCountPerEventMax
        let free = Int(cb_free_byte_count(bench.rootPath))
        guard needed > free else { return true }
        let reason =
            "\(count) events may take \(needed >> 20) MiB more, and the disk has \(free >> 20)"
        if index == 0 {
            sizes[index].report.addFailure(of: subject.name, reason)
        } else {
            growth.notes.append("\(subject.name) grows no further: \(reason)")
        }
        return false
    }

    /// Appends the blocks up to a size but for the last one, which is only made.
    private func fill(
        _ subject: any BenchmarkSubject,
        at index: Int,
        _ expected: inout Expected
    ) async throws {
        let end = sizes[index].eventCount
        while true {
            // Parts of one length: what is measured at the end of the last one comes behind enough
            // events for the side to be in its stride.
            let rest = end - expected.eventCount
            let count = Workload.wholeRequests(of: rest / ((rest - 1) / blockCountMax + 1))
            let block = Workload(
                seed: bench.workload.seed,
                start: expected.eventCount,
                count: count
            )
            bench.workload = block
            expected.eventCount += count
            expected.statesHash &+= block.statesHash()
            for later in sizes.indices[index...] {
                expected.timelinesHashes[later] &+= block.timelinesHash(of: sizes[later].streams)
            }
            if expected.eventCount == end { return }
            try await load(subject)
            Runner.tell("filling: \(subject.name) \(expected.eventCount) of \(end)")
        }
    }

    private func load(_ subject: any BenchmarkSubject) async throws {
        let count = bench.workload.count
        let plan = AppendPlan(preloadedCount: count, measuredCount: 0, eventsPerCommit: 100)
        try await bench.extendStore(of: subject, plan)
    }

    /// Appends the last block, the end of it measured, and asks the store what a row asks.
    private mutating func measure(
        _ subject: any BenchmarkSubject,
        at index: Int,
        _ expected: Expected
    ) async throws {
        let rows = rows(at: index, expected)
        sizes[index].rows = rows
        let (runCount, busyRunCount) = (disk.runCount, disk.busyRunCount)
        defer {
            sizes[index].report.runCount += disk.runCount - runCount
            sizes[index].report.busyRunCount += disk.busyRunCount - busyRunCount
        }
        for row in rows.map({ $0.limited(to: [subject.name]) }) {
            // The block of a side whose appends are no figure has yet to be appended.
            if row.runsOnce && row.sides.isEmpty { try await load(subject) }
            let results = try await Runner(bench: bench, disk: disk).run(row)
            sizes[index].results[row.name, default: []] += results
            for result in results {
                let figure = "\(result.values.median.figureText) \(row.metric.unit)"
                Runner.tell("\(row.name): \(result.name) \(figure) at \(expected.eventCount)")
            }
        }
    }

    /// The rows of a size, whose last block is the workload.
    private func rows(at index: Int, _ expected: Expected) -> [Row] {
        let size = sizes[index]
        let table = Rows(workload: bench.workload, subjects: subjects)
        let measuredCount = Rows.grownCount(of: sizes[0].eventCount)
        var append = table.appendGrown(measuring: measuredCount) { .growing($0, $1) }
        append.runsOnce = true
        append.notes = ["the last \(measuredCount) events of each size, measured once"]
        let timelines = [false, true].map { isFirst in
            let hash = expected.timelinesHashes[index]
            return table.timeline(of: size.streams, expecting: hash, isFirst: isFirst)
        }
        let replay = table.replay(expecting: expected.statesHash)
        return ([append, replay] + timelines + [table.open()]).map { row in
            var row = row.limited(to: Growth.sides.map(\.subject.name))
            if size.factor > Growth.goalFactor { row.goals = [] }
            return row
        }
    }
}
