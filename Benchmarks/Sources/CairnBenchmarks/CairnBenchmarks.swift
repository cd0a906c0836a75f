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
            "Runs appends, opens, timelines and replays at 1, 3.2 and 10 times the events instead,"
                + " and writes a plot of how they grow to an SVG file.",
            valueName: "file"
        )
    )
    var growth: String?

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
        let countMax = growth == nil ? Int(CB_EVENT_COUNT_MAX) : Int(CB_EVENT_COUNT_MAX) / 10
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
        let report = try await measured(1, names)
        guard report.isSound else { throw ExitCode(1) }
    }

    /// Measures the rows of growth at each size, and plots them.
    private func grow(plottingTo file: String) async throws {
        var growth = Growth()
        for factor in Growth.factors {
            let report = try await measured(factor, Growth.rows)
            guard report.isSound else { throw ExitCode(1) }
            growth.add(report)
        }
        print(growth.text)
        try Data(growth.plot.utf8).write(to: URL(fileURLWithPath: file))
    }

    /// Measures rows at a multiple of the wanted size, and prints the table.
    private func measured(_ factor: Double, _ names: [String]) async throws -> Report {
        let wanted = Int(Double(smoke ? 8000 : events) * factor)
        let perRequest = Workload.eventsPerRequest
        let workload = Workload(
            seed: seed,
            count: (wanted + perRequest - 1) / perRequest * perRequest
        )
        let bench = try Bench(
            workload: workload,
            repeatCount: smoke ? 1 : repeatCount,
            directory: directory ?? FileManager.default.temporaryDirectory.path
        )
        bench.loadsQuickly = growth != nil
        defer { bench.removeFiles() }
        let report = try await measure(names, bench)
        print(try text(of: report))
        // The next size may take long.
        fflush(nil)
        return report
    }

    private func measure(_ names: [String], _ bench: Bench) async throws -> Report {
        var report = Report(
            machine: try Machine(directory: bench.rootPath),
            seed: bench.workload.seed,
            eventCount: bench.workload.count,
            repeatCount: bench.repeatCount
        )
        let disk = QuietDisk(directory: bench.rootPath, attemptCountMax: smoke ? 0 : 20)
        let runner = Runner(bench: bench, disk: disk)
        let table = Rows(workload: bench.workload, subjects: subjects)
        for name in names {
            guard var row = table.row(named: name) else { continue }
            if growth != nil { row = row.limited(to: Growth.sides) }
            do {
                report.add(row, try await runner.run(row))
            } catch {
                // What was measured before, maybe for an hour, is not lost.
                report.addFailure(of: row, "\(error)")
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
