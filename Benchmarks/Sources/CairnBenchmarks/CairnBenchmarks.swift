import ArgumentParser
import CBaselines
import Foundation

@main
struct CairnBenchmarks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures Cairn beside raw LMDB and SQLite in one run.",
        discussion: """
            Rows: \(Rows.names.joined(separator: ", ")).

            Ratios compare sides within one repeat and are the figures to keep; absolute ones \
            belong to the machine. Exits with 1 when a side's result differs from the workload's.
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
        guard (1...CB_EVENT_COUNT_MAX).contains(events) else {
            throw ValidationError("The events must be between 1 and \(CB_EVENT_COUNT_MAX).")
        }
    }

    func run() async throws {
        if let resumeSide {
            return try await Restart(resumeSide, resumeMessages).resume(in: directory ?? "")
        }
        let wanted = smoke ? 8000 : events
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
        defer { bench.removeFiles() }
        let report = try await measure(bench)
        print(try text(of: report))
        guard report.hashesAreEqual else { throw ExitCode(1) }
    }

    private func measure(_ bench: Bench) async throws -> Report {
        var report = Report(
            machine: try Machine(directory: bench.rootPath),
            seed: bench.workload.seed,
            eventCount: bench.workload.count,
            repeatCount: bench.repeatCount
        )
        let disk = QuietDisk(directory: bench.rootPath, attemptCountMax: smoke ? 0 : 20)
        let runner = Runner(bench: bench, disk: disk)
        let table = Rows(workload: bench.workload, subjects: subjects)
        for name in Rows.names where rows.isEmpty || rows.contains(name) {
            guard let row = table.row(named: name) else { continue }
            report.add(row, try await runner.run(row))
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
