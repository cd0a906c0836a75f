import CairnCore
import CairnJournal
import CairnTestSupport
import Foundation
import Testing

@testable import CairnServices

/// Real logs, which lie beside the package where it is developed and nowhere else.
@Suite(.enabled(if: RealData.folder != nil, "no folder shared/data beside the package"))
struct RealLogTests {
    struct Log: Sendable, CustomTestStringConvertible {
        let name: String
        let cases: Int
        let events: Int

        var testDescription: String { name }
    }

    static let logs = [
        Log(name: "01_running-example.xes.gz", cases: 6, events: 42),
        Log(name: "03_repairExample.xes.gz", cases: 1_104, events: 11_855),
        Log(name: "04_reviewing.xes.gz", cases: 100, events: 3_730),
        Log(name: "07_bpic2013_incidents.xes.gz", cases: 7_554, events: 65_533),
        Log(name: "08_receipt.xes.gz", cases: 1_434, events: 8_577),
        Log(name: "helpdesk.xes.gz", cases: 4_580, events: 21_348),
        Log(name: "roadtraffic100traces.xes", cases: 100, events: 390),
        Log(name: "interval_event_log.xes", cases: 1_266, events: 8_109),
    ]

    @Test(arguments: logs)
    func `a log is imported completely`(log: Log) async throws {
        let path = try #require(RealData.folder) + "/process-logs/\(log.name)"
        let importer = PipelineImporter(into: MemoryJournal())
        try await importer.run([ImportInput(path: path)])
        #expect(importer.summary.events == log.events)
        #expect(importer.summary.requests == log.cases)
        #expect(importer.summary.duplicates == 0 && importer.summary.badRows == 0)
    }

    @Test func `an exported log imports as an equal journal`() async throws {
        let folder = try #require(RealData.folder)
        let original = MemoryJournal()
        try await PipelineImporter(into: original)
            .run([ImportInput(path: folder + "/process-logs/roadtraffic100traces.xes")])
        for format in [ExportFormat.jsonl, .csv] {
            let bytes = try await export(original, format)
            let scratch = try ScratchFolder()
            let copy = MemoryJournal()
            let path = try scratch.file("export", bytes)
            try await PipelineImporter(into: copy).run([ImportInput(path: path)])
            #expect(try await export(copy, format) == bytes)
            #expect(try await copy.head().lastPosition.rawValue == 390)
            // The same journal knows the rows by their ids.
            let again = PipelineImporter(into: original)
            try await again.run([ImportInput(path: path)])
            #expect(again.summary.duplicates == 390 && again.summary.events == 0)
        }
    }

    @Test func `Temporal histories are imported completely`() async throws {
        let folder = try #require(RealData.folder) + "/workflow-histories"
        var paths: [String] = []
        for part in ["temporal-go", "temporal-typescript"] {
            let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(part)")
            paths += names.sorted().map { "\(folder)/\(part)/\($0)" }
        }
        let importer = PipelineImporter(into: MemoryJournal())
        try await importer.run(paths.map { ImportInput(path: $0) })
        #expect(importer.summary.requests == paths.count)
        #expect(importer.summary.events > paths.count * 3)
        #expect(importer.summary.duplicates == 0)
    }

    private func export(_ journal: any Journal, _ format: ExportFormat) async throws -> [UInt8] {
        let sink = MemorySink()
        var exporter = EventExporter(format, to: sink)
        var rows = PipelineExport(of: journal)
        try await rows.forEachRow { row throws(ExportError) in try exporter.write(row) }
        try exporter.finish()
        return sink.bytes
    }
}
