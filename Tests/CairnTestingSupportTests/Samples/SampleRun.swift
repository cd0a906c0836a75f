import CairnTestSupport
import Foundation

/// A run of samples, which are tests that fail, by this very program in another process.
struct SampleRun {
    /// A finding of a test.
    struct Issue: Hashable {
        let test: String
        let text: String
        /// The file of the place where it is shown, and its line.
        let file: String
        let line: Int
        let isKnown: Bool
    }

    let status: Int32
    /// The names of the tests that ended.
    let ended: [String]
    let issues: [Issue]
    /// What was attached by each test: the names of the files and what is in them.
    let attachments: [String: [String: String]]

    private static let variable = "CAIRN_TESTING_SAMPLES"

    /// Whether this process is one that runs samples.
    static var isThis: Bool { ProcessInfo.processInfo.environment[variable] != nil }

    /// Runs the samples of a suite.
    init(_ suite: String, environment: [String: String] = [:]) async throws {
        let folder = try ScratchFolder()
        let program = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        let files = folder.path("attachments")
        try FileManager.default.createDirectory(
            atPath: files,
            withIntermediateDirectories: true
        )
        var command = ChildCommand(
            program.path,
            [
                "--testing-library", "swift-testing", "--filter", "\\.\(suite)/",
                "--attachments-path", files, "--event-stream-version", "0",
                "--event-stream-output-path", folder.path("events"),
            ]
        )
        command.environment.merge(environment) { $1 }
        command.environment[Self.variable] = "1"
        command.output = .file(folder.path("log"))
        command.error = .file(folder.path("log-of-errors"))
        status = try await command.run().status
        let events = try folder.text("events").split(separator: "\n").map { line in
            try JSONDecoder().decode(Record.self, from: Data(line.utf8)).payload
        }
        ended = events.filter { $0.kind == "testEnded" }.compactMap(\.name)
        issues = events.compactMap(\.finding)
        var attachments: [String: [String: String]] = [:]
        for event in events {
            guard let path = event.attachment?.path, let test = event.name else { continue }
            let url = URL(fileURLWithPath: path)
            attachments[test, default: [:]][url.lastPathComponent] = try String(
                contentsOf: url,
                encoding: .utf8
            )
        }
        self.attachments = attachments
    }

    func issues(of test: String) -> [Issue] { issues.filter { $0.test == test } }
}

extension SampleRun {
    /// A line of the testing library's stream of events.
    private struct Record: Decodable {
        let payload: Event
    }

    private struct Event: Decodable {
        struct Message: Decodable {
            let text: String
        }

        struct Place: Decodable {
            let fileID: String
            let line: Int
        }

        struct Finding: Decodable {
            let isKnown: Bool
            let sourceLocation: Place?
        }

        struct File: Decodable {
            let path: String?
        }

        let kind: String
        let testID: String?
        let messages: [Message]?
        let issue: Finding?
        let attachment: File?

        /// The function of the test: its id is of the form `Module.Suite/function()/File:1:2`.
        var name: String? {
            guard let parts = testID?.split(separator: "/"), parts.count > 2 else { return nil }
            return parts.dropFirst().first { $0.hasSuffix(")") }
                .map { $0.filter { $0 != "`" } }
                .map { $0.replacingOccurrences(of: "()", with: "") }
        }

        var finding: Issue? {
            guard kind == "issueRecorded", let issue, let place = issue.sourceLocation else {
                return nil
            }
            return Issue(
                test: name ?? "",
                text: messages?.map(\.text).joined(separator: "\n") ?? "",
                file: place.fileID,
                line: place.line,
                isKnown: issue.isKnown
            )
        }
    }
}
