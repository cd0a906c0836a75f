import CairnTestSupport
import Foundation
import Testing

/// The article on an incident shows what the verbs print on a real log.
@Suite(.enabled(if: RealData.folder != nil, "no folder shared/data beside the package"))
struct IncidentArticleTests {
    @Test func `the commands print what the article on an incident shows`() async throws {
        let folder = try ScratchFolder()
        let log = try #require(RealData.folder) + "/process-logs/07_bpic2013_incidents.xes.gz"
        let files = FileManager.default
        try files.createSymbolicLink(
            at: folder.url.appendingPathComponent("incidents.xes.gz"),
            withDestinationURL: URL(filePath: log)
        )
        try files.createSymbolicLink(
            at: folder.url.appendingPathComponent("Specs"),
            withDestinationURL: ReadmeTests.package.appendingPathComponent("Specs")
        )
        let path = "Sources/Cairn/Cairn.docc/AnIncident.md"
        let blocks = try ReadmeTests.blocks("console", of: path)
        #expect(blocks.count > 8)
        for block in blocks {
            let printed = try await ReadmeTests.run(block, on: "incidents", in: folder.url)
            #expect(printed == block)
        }
    }
}
