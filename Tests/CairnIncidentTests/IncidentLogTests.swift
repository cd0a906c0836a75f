import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import CairnServices
import CairnTestSupport
import Foundation
import Testing

/// The second pipeline that is written down, on the log that it is written down for.
@Suite(.enabled(if: RealData.folder != nil, "no folder shared/data beside the package"))
struct IncidentLogTests {
    @Test func `the incidents of BPI 2013 are read by their definition`() async throws {
        let folder = try #require(RealData.folder)
        let journal = MemoryJournal()
        let importer = PipelineImporter(into: journal)
        try await importer.run([
            ImportInput(path: folder + "/process-logs/07_bpic2013_incidents.xes.gz")
        ])
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let file = root.appending(path: "Specs/Pipelines/incident-management.json")
        let view = PipelineView(
            journal,
            definition: try PipelineDefinition.parse(Array(try Data(contentsOf: file)))
        )
        let now = try Timestamp(rfc3339: "2012-06-01T00:00:00Z")

        let requests = try await view.requests(now: now)
        #expect(requests.count == 7_554)
        #expect(requests.reduce(0) { $0 + $1.state.eventCount } == 65_533)
        let unknown = requests.filter { row in
            row.state.anomalies[.unknownEventType] + row.state.anomalies[.unknownStage] > 0
        }
        #expect(unknown.isEmpty)
        #expect(requests.filter(\.state.isTerminal).count == 7_546)

        let reopened = try Predicate<RequestRow>("reopened_count > 0")
        #expect(requests.filter { reopened.matches($0) }.count == 514)

        let departures = try await view.departures(now: now)
        #expect(departures.requestCount == 7_554)
        #expect(departures.totals.first { $0.kind == .anomaly(.reopened) }?.requestCount == 514)
        #expect(departures.totals.allSatisfy { $0.kind != .noTerminalEvent })
        // The log's own words say little of each row, and nothing of the way of a request.
        let words = departures.totals.first { $0.kind == .anomaly(.unknownStatus) }
        #expect(words?.requestCount == 7_553)
        #expect(departures.departingCount == 2_505)

        let stats = try await view.stats(since: .distantPast)
        #expect(stats.reduce(0) { $0 + $1.eventCount } == 65_533)
        #expect(
            stats.prefix(3).map { "\($0.eventType) \($0.status) \($0.eventCount)" } == [
                "Accepted In Progress 30239", "Completed COMPLETED 11831",
                "Queued Awaiting Assignment 11544",
            ]
        )
        // One incident was cancelled, which is a failure; no other word of the log is STARTED.
        let stuck = try await view.stuck(now: now)
        #expect(
            stuck.map { "\($0.eventType) \($0.status) \($0.reason)" } == [
                "Completed FAILED failed"
            ]
        )
    }
}
