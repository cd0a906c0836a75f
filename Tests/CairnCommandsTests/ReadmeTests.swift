import CairnTestSupport
import Foundation
import Testing

/// The README says what is so: its sample compiles, and its commands print what it shows.
struct ReadmeTests {
    static let package = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func lines(of path: String) throws -> [String] {
        try String(contentsOf: package.appendingPathComponent(path), encoding: .utf8)
            .components(separatedBy: "\n")
    }

    /// The contents of a document's code blocks in a language, from a line on.
    static func blocks(
        _ language: String,
        of path: String = "README.md",
        from first: Int = 0
    ) throws -> [[String]] {
        var blocks: [[String]] = []
        var isInside = false
        for line in try lines(of: path).dropFirst(first) {
            if line == "```\(language)" {
                isInside = true
                blocks.append([])
            } else if line == "```" {
                isInside = false
            } else if isInside {
                blocks[blocks.count - 1].append(line)
            }
        }
        return blocks
    }

    @Test func `the embedding sample is the one that the tests compile`() throws {
        let source = try Self.lines(of: "Tests/CairnCommandsTests/EmbeddingSample.swift")
        let begin = try #require(source.firstIndex { $0.hasSuffix("// begin") })
        let end = try #require(source.firstIndex { $0.hasSuffix("// end") })
        let sample = source[(begin + 1)..<end].map { line in
            String(line.dropFirst(8)).replacing("path: path", with: #"path: "requests.cairn""#)
        }
        let shown = try #require(try Self.blocks("swift").first)
        #expect(shown == ["import Cairn", ""] + sample)
    }

    @Test func `the embedding sample does what it says`() async throws {
        let folder = try ScratchFolder()
        let printed = try await EmbeddingSample.run(in: folder.path)
        #expect(printed == ["PARSE_START STARTED", "PARSE_OK COMPLETED", "VAL_START STARTED"])
    }

    @Test(arguments: ["README.md", "Sources/Cairn/Cairn.docc/LookingIntoYourMachine.md"])
    func `the incident tool of an embedder is the one that the tests compile`(
        path: String
    ) throws {
        let source = try Self.lines(of: "Tests/CairnCommandsTests/IncidentToolSample.swift")
        let begin = try #require(source.firstIndex(of: "// begin"))
        let end = try #require(source.firstIndex(of: "// end"))
        let sample =
            ["```swift", "import Cairn", "import CairnCommands", ""] + source[(begin + 1)..<end]
        let shown = try Self.lines(of: path).joined(separator: "\n")
        #expect(shown.contains((sample + ["```"]).joined(separator: "\n")))
    }

    @Test func `the check before a deploy is the one that the tests compile`() throws {
        let source = try Self.lines(of: "Tests/CairnCommandsTests/IncidentToolSample.swift")
        let begin = try #require(source.firstIndex(of: "// begin compare"))
        let end = try #require(source.firstIndex(of: "// end compare"))
        let sample = ["```swift"] + source[(begin + 1)..<end] + ["```"]
        let shown = try Self.lines(of: "Sources/Cairn/Cairn.docc/LookingIntoYourMachine.md")
        #expect(shown.joined(separator: "\n").contains(sample.joined(separator: "\n")))
    }

    @Test func `what a machine says of its work is what the tests compile`() throws {
        let source = try Self.lines(of: "Tests/CairnCommandsTests/CourierSample.swift")
        let begin = try #require(source.firstIndex(of: "// begin"))
        let end = try #require(source.firstIndex(of: "// end"))
        let sample = ["```swift"] + source[(begin + 1)..<end] + ["```"]
        let shown = try Self.lines(of: "Sources/Cairn/Cairn.docc/LookingIntoYourMachine.md")
        #expect(shown.joined(separator: "\n").contains(sample.joined(separator: "\n")))
    }

    @Test func `the commands print what the README shows`() async throws {
        let folder = try ScratchFolder()
        #expect(try await folder.cairn("demo").status == 0)
        // The commands are those of someone in a clone.
        try FileManager.default.createSymbolicLink(
            at: folder.url.appendingPathComponent("Specs"),
            withDestinationURL: Self.package.appendingPathComponent("Specs")
        )
        let mails = try await ItemFixture(journal: "cairn-mail")
        let lines = try Self.lines(of: "README.md")
        let change = try #require(lines.firstIndex(of: "export CAIRN_JOURNAL=cairn-mail"))
        #expect(lines[..<change].contains("export CAIRN_JOURNAL=cairn-demo"))
        let blocks = try Self.blocks("console")
        let later = try Self.blocks("console", from: change)
        #expect(later.count > 4)
        #expect(blocks.count > later.count + 8)
        for block in blocks.dropLast(later.count) {
            #expect(try await Self.run(block, on: "cairn-demo", in: folder.url) == block)
        }
        for block in later {
            #expect(try await Self.run(block, on: "cairn-mail", in: mails.folder.url) == block)
        }
    }

    /// Runs the commands of a block and says how it would read with what they print.
    static func run(
        _ block: [String],
        on journal: String,
        in folder: URL
    ) async throws -> [String] {
        var printed: [String] = []
        for line in block where line.hasPrefix("$ ") {
            let output = try await shell(String(line.dropFirst(2)), on: journal, in: folder)
            printed += [line] + output.components(separatedBy: "\n").dropLast()
        }
        return printed
    }

    /// Runs a line in a shell that finds the tool and has a journal.
    private static func shell(
        _ line: String,
        on journal: String,
        in folder: URL
    ) async throws -> String {
        let files = try ScratchFolder()
        let tool = try CairnProcess.executable().deletingLastPathComponent().path
        var command = try CairnProcess.command([], in: folder)
        (command.program, command.arguments) = ("/bin/sh", ["-c", line])
        command.environment["CAIRN_JOURNAL"] = journal
        command.environment["PATH"] = "\(tool):\(command.environment["PATH"] ?? "")"
        command.output = .file(files.path("output"))
        command.error = command.output
        try await command.run()
        return try files.text("output")
    }

    @Test func `the README names every verb, exit code and folder`() async throws {
        let text = try Self.lines(of: "README.md").joined(separator: "\n")
        let help = try await ScratchFolder().cairn("--help").output
        let listed = help.components(separatedBy: "SUBCOMMANDS:").last ?? ""
        for line in listed.split(separator: "\n") where line.hasPrefix("  ") {
            guard let verb = line.dropFirst(2).split(separator: " ").first,
                !line.dropFirst(2).hasPrefix(" "), verb != "See"
            else { continue }
            #expect(text.contains("**\(verb)**") || text.contains("cairn \(verb)"), "\(verb)")
        }
        for code in [0, 1, 64, 65, 66, 74, 130] { #expect(text.contains("| \(code) |")) }
        let sources = Self.package.appendingPathComponent("Sources")
        for folder in try FileManager.default.contentsOfDirectory(atPath: sources.path)
        where folder.hasPrefix("Cairn") {
            #expect(text.contains("`\(folder)`") || text.contains("/\(folder)`"), "\(folder)")
        }
    }
}
