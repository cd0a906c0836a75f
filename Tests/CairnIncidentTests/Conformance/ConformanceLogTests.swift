import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import CairnServices
import CairnTestSupport
import Foundation
import Testing

/// Real logs, whose cases, events and variants others have counted.
@Suite(.enabled(if: RealData.folder != nil, "no folder shared/data beside the package"))
struct ConformanceLogTests {
    private static func view(
        _ name: String,
        _ definition: PipelineDefinition = PipelineDefinition(name: "log")
    ) async throws -> PipelineView {
        let folder = try #require(RealData.folder)
        let journal = MemoryJournal()
        try await PipelineImporter(into: journal).run([
            ImportInput(path: "\(folder)/process-logs/\(name)")
        ])
        return PipelineView(journal, definition: definition)
    }

    struct Log: CustomTestStringConvertible {
        let name: String
        let caseCount: Int
        let eventCount: Int
        let activityCount: Int
        let variantCount: Int

        var testDescription: String { name }
    }

    static let logs = [
        Log(
            name: "01_running-example.xes.gz",
            caseCount: 6,
            eventCount: 42,
            activityCount: 8,
            variantCount: 6
        ),
        Log(
            name: "08_receipt.xes.gz",
            caseCount: 1_434,
            eventCount: 8_577,
            activityCount: 27,
            variantCount: 116
        ),
        Log(
            name: "roadtraffic100traces.xes",
            caseCount: 100,
            eventCount: 390,
            activityCount: 10,
            variantCount: 10
        ),
    ]

    @Test(arguments: logs)
    func `variants and steps are as many as others count`(log: Log) async throws {
        let view = try await Self.view(log.name)
        let now = try Timestamp(rfc3339: "2020-01-01T00:00:00Z")
        let report = try await view.variants(limit: .max, now: now)
        #expect(report.requestCount == log.caseCount)
        #expect(report.variantCount == log.variantCount)
        #expect(report.variants.reduce(0) { $0 + $1.requestCount } == log.caseCount)
        let map = try await view.processMap(now: now)
        #expect(map.eventCount == log.eventCount)
        #expect(map.nodes.count == log.activityCount)
        let steps = map.edges.filter { $0.from != nil && $0.to != nil }
        #expect(steps.reduce(0) { $0 + $1.count } == log.eventCount - log.caseCount)
        for side in [\ProcessMap.Edge.from, \.to] {
            let outer = map.edges.filter { $0[keyPath: side] == nil }
            #expect(outer.reduce(0) { $0 + $1.count } == log.caseCount)
        }
        // Nothing is declared, so nothing departs.
        #expect(map.edges.allSatisfy { $0.isDeclared })
        #expect(try await view.departures(now: now).departingCount == 0)
    }
}
