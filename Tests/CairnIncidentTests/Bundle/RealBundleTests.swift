import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import CairnServices
import CairnTestSupport
import Foundation
import Testing

/// Bundles of what really happened.
@Suite(.enabled(if: RealData.folder != nil, "no folder shared/data beside the package"))
struct RealBundleTests {
    @Test func `repairs are told alike, and none of their texts is there`() async throws {
        let folder = try #require(RealData.folder)
        let journal = MemoryJournal()
        try await PipelineImporter(into: journal).run([
            ImportInput(path: folder + "/process-logs/03_repairExample.xes.gz")
        ])
        let view = PipelineView(journal)
        let all = try await view.requests(now: .unixEpoch).map(\.requestID)
        #expect(all.count > 1_000)
        let ids = all.enumerated().filter { $0.offset.isMultiple(of: 100) }.map(\.element)
        let story = try await BundleStory(BundleSelection(requests: ids), of: journal)
        try await story.expectSameRequests(ids, "repairs")
        // Words of the source's own, and its cases, are texts as others are.
        var known = try Set(await texts(of: view, ids))
        known.formUnion(ids)
        #expect(known.count > 20)
        for record in try await story.records() {
            let bytes = String(decoding: record.payload, as: UTF8.self)
            for text in known where text.utf8.count > 3 {
                #expect(!bytes.contains(text), "\(text) at \(record.position)")
            }
        }
    }

    private func texts(of view: PipelineView, _ ids: [String]) async throws -> [String] {
        try await ids.asyncMap { id in
            try await view.timeline(of: id).entries.flatMap { entry in
                let event = entry.row.event
                return [event.stage, event.eventType, event.tenant, event.workerID ?? ""]
            }
        }.flatMap { $0 }
    }
}
