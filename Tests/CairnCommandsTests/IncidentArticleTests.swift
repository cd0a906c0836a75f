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
        // What it ends with is the file beside this one, which is a test of this target.
        let test = try folder.text("CancelledIncidentTests.swift")
        #expect(try ReadmeTests.lines(of: Self.testPath) == test.components(separatedBy: "\n"))
        let suite = try #require(test.firstMatch(of: /struct (RequestCase\w+)/)?.1)
        #expect(try ReadmeTests.lines(of: path).contains("swift test --filter \(suite)"))
        try await Self.expectReport("report.html", in: folder)
    }

    private static let testPath = "Tests/CairnCommandsTests/CancelledIncidentTests.swift"

    /// The page for the post-mortem opens, where there is something to open it with.
    private static func expectReport(_ name: String, in folder: ScratchFolder) async throws {
        guard Browser.program != nil else { return }
        let fleet = try await Browser.open(name, in: folder)
        #expect(fleet.complaints == [])
        #expect(fleet.texts("button", with: "data-filter=").first == "4,163Requests")
        #expect(fleet.texts("div", with: "class=\"tile\"").last?.hasPrefix("44,242") == true)
    }
}

/// The test that the article on an incident ends with, by this very program in another process.
struct IncidentArticleCaseTests {
    @Test func `the test that a journal became is run by its name, and passes`() async throws {
        let folder = try ScratchFolder()
        let program = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        var command = ChildCommand(
            program.path,
            ["--testing-library", "swift-testing", "--filter", "RequestCaseD82E45BC"]
        )
        command.output = .file(folder.path("log"))
        command.error = command.output
        let end = try await command.run()
        let log = try folder.text("log")
        #expect(end.status == 0, "\(log)")
        #expect(log.contains("Test run with 1 test in 1 suite passed"), "\(log)")
    }
}
