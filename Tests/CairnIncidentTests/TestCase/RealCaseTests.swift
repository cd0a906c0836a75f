import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import CairnServices
import CairnTestSupport
import CairnTesting
import Foundation
import Testing

/// Tests made of incidents that really happened.
@Suite(.enabled(if: RealData.folder != nil, "no folder shared/data beside the package"))
struct RealCaseTests {
    @Test func `reopened incidents of BPI 2013 become small tests without texts`() async throws {
        let folder = try #require(RealData.folder)
        let journal = MemoryJournal()
        try await PipelineImporter(into: journal).run([
            ImportInput(path: folder + "/process-logs/07_bpic2013_incidents.xes.gz")
        ])
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let file = root.appending(path: "Specs/Pipelines/incident-management.json")
        let definition = try PipelineDefinition.parse(Array(try Data(contentsOf: file)))
        let view = PipelineView(journal, definition: definition)
        let now = try Timestamp(rfc3339: "2012-06-01T00:00:00Z")
        let keep = try Predicate<CaseStanding>("reopened_count > 0 and terminal")
        let query = RequestQuery(
            predicate: try Predicate("reopened_count > 1 and terminal"),
            limit: 12
        )
        let reopened = try await view.requests(query, now: now)
        #expect(reopened.count == 12)
        for row in reopened {
            let story = try RequestCase(
                try await view.timeline(of: row.requestID),
                definition: definition,
                now: now,
                keeping: keep
            )
            let test = try story.written
            // It ends, begins again and ends.
            #expect((3...5).contains(test.events.count), "\(test.source)")
            #expect(test.facts.contains("state.isTerminal"))
            #expect(story.rows.count > test.events.count)
            let whole = try story.test(of: story.rows, isMinimal: false)
            let texts = Self.texts(of: story.rows, definition)
            #expect(texts.filter { whole.source.contains("\"\($0)\"") }.isEmpty)
            #expect(texts.filter { test.source.contains("\"\($0)\"") }.isEmpty)
        }
    }

    /// All that is written in the rows and not in the definition.
    private static func texts(
        of rows: [EventRow],
        _ definition: PipelineDefinition
    ) -> Set<String> {
        var texts = Set(rows.map(\.requestID))
        for event in rows.map(\.event) {
            texts.formUnion(
                [event.tenant, event.stage, event.eventType, event.workerID ?? ""]
                    + [event.serviceName ?? "", event.errorMessage ?? ""]
            )
            let metadata = event.metadata.flatMap { try? JSONValue.parse($0) }
            guard case .object(let members)? = metadata else { continue }
            for member in members {
                texts.insert(member.key)
                if case .string(let text) = member.value { texts.insert(text) }
            }
        }
        return texts.subtracting(definition.stages.map(\.name))
            .subtracting(definition.eventTypes.map(\.name))
            .subtracting(definition.metadataIndexes.flatMap(\.parts)).subtracting([""])
    }
}
