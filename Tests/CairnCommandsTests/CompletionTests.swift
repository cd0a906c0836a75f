import CairnTestSupport
import Foundation
import Testing

/// What shells and `man` get from the argument parser.
struct CompletionTests {
    @Test(arguments: ["bash", "zsh", "fish"])
    func `there is a completion script for each shell`(shell: String) async throws {
        let run = try await Self.script(shell)
        #expect(run.status == 0)
        #expect(run.error == "")
        #expect(run.output.contains("resume") && run.output.contains("every-point"))
    }

    @Test func `another shell is none that it knows`() async throws {
        let run = try await Self.script("csh")
        #expect(run.status == 64)
        #expect(run.output == "")
    }

    struct Case: CustomTestStringConvertible {
        let line: String
        let words: [String]

        var testDescription: String { line }
    }

    static let cases = [
        Case(line: "cairn stu", words: ["stuck"]),
        Case(line: "cairn res", words: ["resolve", "resume"]),
        Case(line: "cairn tail --format ", words: ["json", "text"]),
        Case(
            line: "cairn resume --policy ",
            words: ["if_key_exists", "standard", "unless_failed"]
        ),
        Case(line: "cairn resume --every", words: ["--every-point"]),
        Case(line: "cairn info --journal ", words: ["j", "notes"]),
        Case(line: "cairn lint ", words: ["j", "notes", "rows.csv"]),
        Case(line: "cairn job --journal j ", words: ["newsletter"]),
        Case(line: "cairn job --journal nothing ", words: []),
        Case(line: "cairn interactions --journal j --job n", words: ["newsletter"]),
    ]

    @Test(arguments: cases)
    func `bash completes a line`(_ line: Case) async throws {
        let fixture = try await ItemFixture()
        try FileManager.default.createDirectory(
            atPath: fixture.folder.path("notes"),
            withIntermediateDirectories: false
        )
        try fixture.folder.file("rows.csv", "")
        let scripts = try ScratchFolder()
        try scripts.file("cairn.bash", try await Self.script("bash").output)
        let words = line.line.split(separator: " ", omittingEmptySubsequences: false)
        let driver = """
            source "$0"
            COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
            COMP_LINE="$*"
            COMP_POINT=${#COMP_LINE}
            _cairn cairn "${@: -1}" "${@: -2:1}"
            for word in "${COMPREPLY[@]}"; do printf '%s\\n' "${word%% }"; done
            """
        let printed = try await Self.bash(
            ["-c", driver, scripts.path("cairn.bash")] + words.map(String.init),
            in: fixture.folder
        )
        let completed = printed.split(separator: "\n").map(String.init).sorted()
        #expect(completed == line.words)
    }

    @Test func `bash finds nothing wrong with the script`() async throws {
        let scripts = try ScratchFolder()
        try scripts.file("cairn.bash", try await Self.script("bash").output)
        #expect(try await Self.bash(["-n", scripts.path("cairn.bash")], in: scripts) == "")
    }

    @Test func `the parser's tree, of which the manual is made, names every verb`() async throws {
        let run = try await ScratchFolder().cairn("--experimental-dump-help")
        #expect(run.status == 0)
        let tree = try #require(run.json as? [String: Any])
        let command = try #require(tree["command"] as? [String: Any])
        let verbs = try #require(command["subcommands"] as? [[String: Any]])
        let names = verbs.compactMap { $0["commandName"] as? String }
        #expect(names.contains("resume") && names.contains("tail"))
        for verb in verbs where verb["shouldDisplay"] as? Bool ?? true {
            #expect(verb["abstract"] is String, "\(verb["commandName"] ?? "?")")
        }
    }

    private static func script(_ shell: String) async throws -> CairnProcess {
        try await ScratchFolder().cairn("--generate-completion-script", shell)
    }

    /// Runs bash, which finds the tool.
    private static func bash(
        _ arguments: [String],
        in folder: ScratchFolder
    ) async throws -> String {
        let files = try ScratchFolder()
        var command = try CairnProcess.command([], in: folder.url)
        (command.program, command.arguments) = ("/bin/bash", arguments)
        let tool = try CairnProcess.executable().deletingLastPathComponent().path
        command.environment["PATH"] = "\(tool):\(command.environment["PATH"] ?? "")"
        command.output = .file(files.path("output"))
        command.error = command.output
        #expect(try await command.run().status == 0)
        return try files.text("output")
    }
}
