import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import CairnServices
import CairnTestSupport
import Foundation
import Testing

/// Comparisons over logs of real organisations.
@Suite(.enabled(if: RealData.folder != nil, "no folder shared/data beside the package"))
struct RealLogComparisonTests {
    static let logs = ["01_running-example.xes.gz", "roadtraffic100traces.xes"]

    @Test(arguments: logs)
    func `changed rules are found at their first events, and equal ones nowhere`(
        log: String
    ) async throws {
        let folder = try #require(RealData.folder)
        let journal = MemoryJournal()
        try await PipelineImporter(into: journal).run([
            ImportInput(path: folder + "/process-logs/" + log)
        ])
        let view = PipelineView(journal)
        let now = try Timestamp(rfc3339: "2020-01-01T00:00:00Z")
        let requests = try await view.requests(now: now)
        let definition = Self.definition(of: try await view.stats(since: .distantPast), requests)
        let same = try await PipelineComparison(journal, from: definition, to: definition)
            .report(now: now)
        #expect(same.isEqual && same.definition.isEmpty)
        #expect(same.requests.streamCount == requests.count)
        let streams = try requests.map { try PipelineEvent.streamID(request: $0.requestID) }
        for (name, changed) in Self.mutants(of: definition) {
            let report = try await PipelineComparison(journal, from: definition, to: changed)
                .report(now: now)
            let found = try await NaiveComparison(report.requests, in: journal)
            let expected = try await NaiveComparison(
                journal,
                streams,
                from: RequestMachine(definition),
                to: RequestMachine(changed)
            )
            #expect(found == expected, "\(name)")
            #expect(!report.requests.isEqual, "\(name)")
        }
    }

    /// A definition that knows every word of a log.
    private static func definition(
        of stats: [StatsRow],
        _ requests: [RequestRow]
    ) -> PipelineDefinition {
        let stages = Set(requests.flatMap { $0.state.stages.map(\.name) }).sorted()
        return PipelineDefinition(
            name: "log",
            isOpen: false,
            stages: stages.map { .init($0) },
            eventTypes: Set(stats.map(\.eventType)).sorted().map {
                .init($0, stage: stages[0], status: .completed)
            }
        )
    }

    private static func mutants(
        of definition: PipelineDefinition
    ) -> [(String, PipelineDefinition)] {
        var alias = definition
        alias.stages[1].aliases = [alias.stages.removeFirst().name]
        for place in alias.eventTypes.indices {
            alias.eventTypes[place].stage = alias.stages[0].name
        }
        var end = definition
        end.eventTypes[0].isTerminal = true
        var lacking = definition
        lacking.eventTypes.removeLast()
        var ordered = definition
        ordered.stages[0].follows = ["nowhere"]
        return [("alias", alias), ("end", end), ("lacking", lacking), ("ordered", ordered)]
    }
}
