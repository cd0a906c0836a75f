import CairnTestSupport
import Foundation
import Testing

/// What shells get from the argument parser.
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

    @Test func `bash finds nothing wrong with the script`() async throws {
        let scripts = try ScratchFolder()
        try scripts.file("cairn.bash", try await Self.script("bash").output)
        #expect(try await Self.run("bash", ["-n", scripts.path("cairn.bash")], in: scripts) == "")
    }

    private static func script(_ shell: String) async throws -> CairnProcess {
        try await ScratchFolder().cairn("--generate-completion-script", shell)
    }

    /// Each script, made once for all lines.
    private static let scripts = Dictionary(
        uniqueKeysWithValues: ["bash", "zsh", "fish"].map { shell in
            (shell, Task { try await script(shell).output })
        }
    )

    struct Case: CustomTestStringConvertible {
        let line: String
        let words: [String]
        /// Whether the shell asks the tool, which fish does only while somebody edits a line.
        var asksTool = false

        var testDescription: String { line }
    }

    static let cases = [
        Case(line: "cairn stu", words: ["stuck"]),
        Case(line: "cairn help con", words: ["conformance"]),
        Case(line: "cairn tail --format ", words: ["json", "text"]),
        Case(line: "cairn tail --kind pi", words: ["pipeline"]),
        Case(line: "cairn requests --status S", words: ["SKIPPED", "STARTED"]),
        Case(line: "cairn events --level ", words: ["ERROR", "INFO", "WARN"]),
        Case(line: "cairn conformance --map ", words: ["dot", "mermaid", "svg"]),
        Case(line: "cairn conformance --by ", words: ["stage", "type"]),
        Case(line: "cairn conformance --kind skip", words: ["skipped_stage"]),
        Case(line: "cairn bisect --of ", words: ["items", "jobs", "requests"]),
        Case(line: "cairn compare --new n", words: ["new.json", "notes"]),
        Case(line: "cairn bundle --key-file r", words: ["rows.csv"]),
        Case(line: "cairn report --output r", words: ["rows.csv"]),
        Case(
            line: "cairn resume --policy ",
            words: ["if_key_exists", "standard", "unless_failed"]
        ),
        Case(line: "cairn resume --every", words: ["--every-point"], asksTool: true),
        Case(line: "cairn info --journal ", words: ["j", "notes"]),
        Case(line: "cairn lint ", words: ["j", "new.json", "notes", "rows.csv"]),
        Case(line: "cairn job --journal j ", words: ["newsletter"], asksTool: true),
        Case(line: "cairn job --journal nothing ", words: [], asksTool: true),
        Case(line: "cairn bundle --journal j --job n", words: ["newsletter"], asksTool: true),
        Case(
            line: "cairn interactions --journal j --job n",
            words: ["newsletter"],
            asksTool: true
        ),
    ]

    @Test(arguments: cases)
    func `bash completes a line`(_ line: Case) async throws {
        let words = line.line.split(separator: " ", omittingEmptySubsequences: false)
        let driver = """
            source "$0"
            COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
            COMP_LINE="$*"
            COMP_POINT=${#COMP_LINE}
            _cairn cairn "${@: -1}" "${@: -2:1}"
            for word in "${COMPREPLY[@]}"; do printf '%s\\n' "${word%% }"; done
            """
        #expect(try await Self.completed("bash", driver, words.map(String.init)) == line.words)
    }

    @Test(.enabled(if: isInstalled("zsh"), "zsh is not installed"), arguments: cases)
    func `zsh completes a line`(_ line: Case) async throws {
        // Its completion works nowhere but on a terminal, and shows what it found there alone.
        let inside = """
            fpath=(${0:h} $fpath); autoload -U compinit; compinit -u -D
            compadd() {
                if [[ " ${@[1,(i)(-|--)]} " == *" -"[OAD]" "* ]]; then
                    builtin compadd "$@"; return $?
                fi
                typeset -a found; builtin compadd -A found "$@"
                (( $#found )) && print -rl -- $found >> ${0:h}/found
                builtin compadd "$@"
            }
            finish() { touch ${0:h}/done; exit }
            comppostfuncs=(finish); bindkey '^I' complete-word; print shell-is-ready
            """
        let driver = """
            zmodload zsh/zpty; cp $0 ${0:h}/_cairn
            zpty shell zsh -f -i
            zpty -w shell ". ${0:h}/inside"
            zpty -r shell printed '*
            shell-is-ready*'
            zpty -w -n shell "$1"$'\\t'
            repeat 1500 { [[ -e ${0:h}/done ]] && break; sleep 0.02 }
            [[ -e ${0:h}/found ]] && cat ${0:h}/found || true
            """
        let found = try await Self.completed(
            "zsh",
            driver,
            [line.line],
            inside: inside.replacing("${0:h}", with: "SCRIPTS")
        )
        #expect(Set(found) == Set(line.words))
    }

    @Test(
        .enabled(if: isInstalled("fish"), "fish is not installed"),
        arguments: cases.filter { !$0.asksTool }
    )
    func `fish completes a line`(_ line: Case) async throws {
        // Splitting reports whether there was anything to split.
        let driver =
            "source $argv[1]; complete -C $argv[2] 2>/dev/null | string split -f 1 \\t; true"
        #expect(try await Self.completed("fish", driver, [line.line]) == line.words)
    }

    private static func isInstalled(_ shell: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: "/usr/bin/\(shell)")
    }

    /// What a shell finds for a line, in a folder with a journal, a folder and two files.
    ///
    /// - Parameters:
    ///   - shell: The shell, which finds the tool.
    ///   - driver: What it runs; its first argument is the tool's completion script.
    ///   - arguments: Its other arguments.
    ///   - inside: A file beside the script, with the folder's path for `SCRIPTS`.
    /// - Returns: The words, sorted.
    /// - Throws: What keeps the shell from being run.
    private static func completed(
        _ shell: String,
        _ driver: String,
        _ arguments: [String],
        inside: String = ""
    ) async throws -> [String] {
        let fixture = try await ItemFixture()
        try FileManager.default.createDirectory(
            atPath: fixture.folder.path("notes"),
            withIntermediateDirectories: false
        )
        try fixture.folder.file("rows.csv", "")
        try fixture.folder.file("new.json", "")
        let scripts = try ScratchFolder()
        try scripts.file("script", try await #require(Self.scripts[shell]).value)
        try scripts.file("inside", inside.replacing("SCRIPTS", with: scripts.url.path))
        let printed = try await run(
            shell,
            ["-c", driver, scripts.path("script")] + arguments,
            in: fixture.folder
        )
        return printed.split(separator: "\n").map { $0.hasSuffix("/") ? $0.dropLast() : $0 }
            .map(String.init).sorted()
    }

    /// Runs a shell, which finds the tool.
    private static func run(
        _ shell: String,
        _ arguments: [String],
        in folder: ScratchFolder
    ) async throws -> String {
        let files = try ScratchFolder()
        var command = try CairnProcess.command([], in: folder.url)
        (command.program, command.arguments) = ("/usr/bin/\(shell)", arguments)
        let tool = try CairnProcess.executable().deletingLastPathComponent().path
        command.environment["PATH"] = "\(tool):\(command.environment["PATH"] ?? "")"
        // Where fish keeps what it learned.
        command.environment["HOME"] = files.url.path
        command.output = .file(files.path("output"))
        command.error = command.output
        #expect(try await command.run().status == 0)
        return try files.text("output")
    }
}
