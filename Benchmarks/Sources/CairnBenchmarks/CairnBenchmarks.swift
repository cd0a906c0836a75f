import ArgumentParser
import CBaselines
import Foundation

@main
struct CairnBenchmarks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures Cairn beside raw LMDB, SQLite, RocksDB and PostgreSQL in one run.",
        discussion: """
            Rows: \(Rows.names.joined(separator: ", ")).

            Ratios compare sides within one repeat and are the figures to keep; absolute ones \
            belong to the machine. Quantiles are of commits, single appends, steps or questions, and \
            left out where there are too few. Exits with 1 when a side's result differs from the \
            workload's, or a row could not be measured. Cairn has no question for a range of keys: in keys-range it is given the \
            1,000 keys of one.

            RocksDB takes part where its library is found (Debian: librocksdb-dev), PostgreSQL \
            where CAIRN_POSTGRES names a server, such as 'host=/tmp/pg dbname=postgres user=cairn'; \
            cold where CAIRN_POSTGRES_RESTART is a command that restarts it, such as 'pg_ctl -D \
            /tmp/pg/data -l /tmp/pg/log -w restart', and its files can be read. In the rows on slow \
            flushes those of this process take 1 ms longer, and CAIRN_POSTGRES_SLOW names a second \
            server, whose flushes do so too:

              swift build -c release --package-path Benchmarks --product SlowFlushes
              LD_PRELOAD=$PWD/Benchmarks/.build/release/libSlowFlushes.so \\
                SLOW_FLUSHES_MICROSECONDS=1000 pg_ctl -D /tmp/slow/data -w start

            With --growth a store of raw LMDB, one of raw LMDB with its trees (to 10 times the \
            events at most) and one of Cairn grow, one after the other and not in turn, as far as \
            the disk has \(GrowthRun.byteCountPerEventMax) bytes for an event. At each size \
            appends are measured once, over the last 200,000 events or a fifth of the first size; \
            the others are repeated.

            To measure everything, on a machine with nothing else to do:

              CAIRN_POSTGRES=... CAIRN_POSTGRES_RESTART=... CAIRN_POSTGRES_SLOW=... \\
                swift run -c release --package-path Benchmarks CairnBenchmarks
            """
    )

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    @Argument(help: "The rows to measure; all of them when none is named.")
    var rows: [String] = []

    @Option(help: "Events of the workload, rounded up to whole requests of 40.")
    var events = 1_000_000

    @Option(name: .customLong("repeat"), help: "Repeats of each side, of which the median counts.")
    var repeatCount = 5

    @Option(help: "Seed of the workload.")
    var seed: UInt64 = 20_251_225

    @Flag(help: "Runs every row at a tiny size, to check that it works and that results agree.")
    var smoke = false

    @Option(
        help: ArgumentHelp(
            "Measures appends, opens, timelines and replays at 1, 3.2, 10, 32 and 100 times the"
                + " events instead, and writes a plot of how they grow to an SVG file.",
            valueName: "file"
        )
    )
    var growth: String?

    @Option(help: ArgumentHelp("The last of these sizes.", valueName: "factor"))
    var growthTo = Growth.goalFactor

    @Option(help: "Where to put the stores; the system's temporary directory when not given.")
    var directory: String?

    @Option(help: "How to print the table.")
    var format = Format.text

    @Option(help: .hidden) var resumeSide: String?
    @Option(help: .hidden) var resumeMessages = 0

    func validate() throws {
        for row in rows where !Rows.names.contains(row) {
            throw ValidationError("No row is called '\(row)'.")
        }
        guard repeatCount >= 1 else { throw ValidationError("At least one repeat is needed.") }
        guard Growth.factors.dropFirst().contains(growthTo) else {
            throw ValidationError("Stores grow to 3.2, 10, 32 or 100 times the events.")
        }
        guard growth != nil || growthTo == Growth.goalFactor else {
            throw ValidationError("--growth-to says how far --growth goes, which is missing.")
        }
        var countMax = Workload.countMax
        if let growth {
            guard rows.isEmpty else {
                throw ValidationError("--growth has rows of its own; leave '\(rows[0])' out.")
            }
            // Looked at now, and not when all is measured.
            let isThere = FileManager.default.fileExists(atPath: growth)
            let folder = URL(fileURLWithPath: growth).deletingLastPathComponent().path
            guard FileManager.default.isWritableFile(atPath: isThere ? growth : folder) else {
                throw ValidationError("'\(growth)' cannot be written, for --growth.")
            }
            let perRequest = Workload.eventsPerRequest
            countMax = Int(Double(CB_EVENT_COUNT_MAX) / growthTo) / perRequest * perRequest
        }
        guard (1...countMax).contains(events) else {
            throw ValidationError("The events must be between 1 and \(countMax).")
        }
    }

    func run() async throws {
        if let resumeSide {
            return try await Restart(resumeSide, resumeMessages).resume(in: directory ?? "")
        }
        if let growth { return try await grow(plottingTo: growth) }
        let names = Rows.names.filter { rows.isEmpty || rows.contains($0) }
        let bench = try bench(Workload(seed: seed, count: eventCount))
        defer { bench.removeFiles() }
        let report = try await measure(names, bench)
        print(try text(of: report))
        guard report.isSound else { throw ExitCode(1) }
    }

    /// Measures the rows of growth at each size, and plots them.
    private func grow(plottingTo file: String) async throws {
        // The run makes the workload, block by block.
        let bench = try bench(Workload(seed: seed, count: 0))
        defer { bench.removeFiles() }
        var run = try GrowthRun(
            bench: bench,
            disk: quietDisk(of: bench),
            eventCount: eventCount,
            factorMax: growthTo,
            blockCountMax: smoke ? 4000 : 1_000_000
        )
        await run.run()
        for report in run.reports { print(try text(of: report)) }
        print(run.growth.text)
        try Data(run.growth.plot.utf8).write(to: URL(fileURLWithPath: file))
        guard run.reports.allSatisfy(\.isSound) else { throw ExitCode(1) }
    }

    private var eventCount: Int { Workload.wholeRequests(of: smoke ? 8000 : events) }

    private func bench(_ workload: Workload) throws -> Bench {
        try Bench(
            workload: workload,
            repeatCount: smoke ? 1 : repeatCount,
            directory: directory ?? FileManager.default.temporaryDirectory.path
        )
    }

    private func quietDisk(of bench: Bench) -> QuietDisk {
        QuietDisk(directory: bench.rootPath, attemptCountMax: smoke ? 0 : 20)
    }

    private func measure(_ names: [String], _ bench: Bench) async throws -> Report {
        var report = Report(
            machine: try Machine(directory: bench.rootPath),
            seed: bench.workload.seed,
            eventCount: bench.workload.count,
            repeatCount: bench.repeatCount
        )
        let disk = quietDisk(of: bench)
        let runner = Runner(bench: bench, disk: disk)
        let table = Rows(workload: bench.workload, subjects: subjects)
        for name in names {
            guard let row = table.row(named: name) else { continue }
            do {
                report.add(row, try await runner.run(row))
            } catch {
                // What was measured before, maybe for an hour, is not lost.
                report.addFailure(of: row.name, "\(error)")
            }
        }
        report.runCount = disk.runCount
        report.busyRunCount = disk.busyRunCount
        return report
    }

    private func text(of report: Report) throws -> String {
        switch format {
        case .text: return report.text
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(report), as: UTF8.self)
        }
    }
}
