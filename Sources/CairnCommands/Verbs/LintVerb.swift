internal import ArgumentParser
internal import CairnDomains
internal import CairnServices

/// What is wrong with a legacy table, before anything of it is imported.
struct LintVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lint",
        abstract: "Reports what is wrong with rows of a table before they are imported.",
        discussion: """
            Nothing is written, and no journal is needed. Files are read as 'cairn import' reads \
            them, several as parts of one table. Each kind of finding has its count and its first \
            examples. The exit code is 1 where anything was found. Personal data is a guess: \
            e-mail addresses, numbers of telephones, cards and social security, and members such \
            as dob, in metadata, payloads, error messages and touches. Prompt events are followed \
            in the order in which an import appends them; more of them than fit into memory are \
            sorted in a temporary file in TMPDIR.
            """
    )

    @Argument(help: ArgumentHelp("What to read.", valueName: "file"), completion: .file())
    var files: [String]

    @Option(
        name: .customLong("as"),
        help: ArgumentHelp(
            "Whose rows the files have; by default told by their columns.",
            valueName: SourceTable.allCases.map(\.rawValue).joined(separator: "|")
        ),
        completion: .words(of: SourceTable.self),
        transform: { try Arguments.choice($0) }
    )
    var table: SourceTable?

    @Option(
        help: ArgumentHelp("What the files are.", valueName: "auto|jsonl|csv|xes|temporal"),
        completion: .list(["auto", "jsonl", "csv", "xes", "temporal"]),
        transform: { try Self.inputKind($0) }
    )
    var input: InputKind = .auto

    @Option(help: "The tenant of rows that name none.")
    var tenant: String?

    @Option(
        help: ArgumentHelp(
            "The definition that rows of requests should keep; by default the built-in one.",
            valueName: "file"
        ),
        completion: .definition
    )
    var pipeline: String?

    @Option(help: "How results are printed: text for people, json for programs.")
    var format: OutputFormat = .text

    private static func inputKind(_ text: String) throws(ValidationError) -> InputKind {
        guard let kind = InputKind(rawValue: text), kind == .auto || kind.format != nil else {
            throw ValidationError("it must be one of auto, jsonl, csv, xes, temporal")
        }
        return kind
    }

    func run() async throws {
        for file in files { try FileBytes.requireReadable(file) }
        let glance = InputGlance()
        let recognition = TableRecognition(files: files, given: table, format: input.format)
        let table = try recognition.table(glance)
        guard table == .pipeline || (tenant == nil && pipeline == nil) else {
            throw CommandFailure(
                .usage,
                "--tenant and --pipeline are about requests and not about rows of \(table.name)"
            )
        }
        let definition = try pipeline.map { path throws(CommandFailure) in
            try PipelineFile.parse(try FileBytes.read(path), path)
        }
        Signals.catchInterrupts()
        var options = ImportOptions()
        options.tenant = tenant
        options.shouldStop = { Signals.isInterrupted }
        options.temporaryFolder = Terminal.environment("TMPDIR") ?? "/tmp"
        let linter = TableLinter(table, options: options, definition: definition)
        linter.glance = glance
        let report: LintReport
        do throws(ImportError) {
            report = try linter.run(files.map { ImportInput(path: $0, format: input.format) })
        } catch {
            if error.reason == .stopped { throw CommandFailure(.interrupted, "interrupted") }
            throw CommandFailure(error, path: "")
        }
        try LintListing.print(report, as: format)
        if !report.findings.isEmpty { throw CommandFailure.finding }
    }
}
