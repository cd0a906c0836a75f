internal import ArgumentParser
internal import CairnJournal
internal import CairnServices

/// Brings tables and logs into a journal.
struct ImportVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Brings rows of tables, and logs, into a journal.",
        discussion: """
            Importing the same input again adds nothing, so an import that was stopped goes on \
            where it was. Files may be packed with gzip; '-' is standard input. Whose rows a file \
            has is told by its columns, or by --as. A row of event_tracker is known by its \
            event_id, or else by pagw_id and sequence_no, or else by its place among the rows of \
            its pagw_id without a number, which must therefore come in one file; other rows are \
            known by their uid, and those of system_events by their id. Logs of participants of \
            prompts are read as they are told to be: --input timed-comments for comments on a \
            video, --input edx for tracking events.
            """
    )

    @Argument(help: ArgumentHelp("What to import.", valueName: "file"), completion: .file())
    var files: [String]

    @OptionGroup var journal: JournalOptions

    @Option(help: "What the files are; auto tells by their first bytes.")
    var input: InputKind = .auto

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
        help: ArgumentHelp(
            "With rows of prompt events: whose sessions they are, as CSV or JSON lines with "
                + "session, prompt and user.",
            valueName: "file"
        ),
        completion: .file()
    )
    var sessions: String?

    @Option(
        help: ArgumentHelp(
            "With rows of interactions: the provider that gave all of them their "
                + "provider_reference, so that its reports find them.",
            valueName: "name"
        ),
        transform: { try Arguments.name($0) }
    )
    var provider: String?

    @Option(help: "The tenant of rows that name none; of logs, by default, the file's stem.")
    var tenant: String?

    @Option(
        help: """
            What stands before the case ids of logs, or the prompt of timed comments; by default \
            the file's stem.
            """
    )
    var prefix: String?

    @Option(
        help: ArgumentHelp(
            "The order to append in: time interleaves the cases of logs, records each event as of "
                + "its created_at unless the journal holds later ones, appends nothing where a row "
                + "is bad, and is the default for XES and for prompt events; "
                + "file keeps the order of the rows and is the default for other tables.",
            valueName: "file|time"
        ),
        completion: .words(of: ImportOrder.self),
        transform: { try Arguments.choice($0) }
    )
    var order: ImportOrder?

    @Option(
        help: ArgumentHelp("A pipeline definition for the journal to remember.", valueName: "file"),
        completion: .definition
    )
    var pipeline: String?

    @Flag(help: "Set bad rows aside and count them; by default the first one stops the import.")
    var skipBad = false

    @Option(
        help: "With --input postfix: the year of the first line; by default none in the future.",
        transform: { try Arguments.limit($0) }
    )
    var year: Int?

    func validate() throws {
        try validatePostfix()
        try validatePromptLog()
        try validateTable()
    }

    func run() async throws {
        for file in files { try FileBytes.requireReadable(file) }
        if input == .postfix { return try await importPostfix() }
        if let format = input.promptFormat { return try await importPromptLogs(format) }
        let glance = InputGlance()
        try await importRows(try recognizedTable(glance), glance)
    }

    /// Imports rows of requests, and logs of cases.
    func importRequests(_ glance: InputGlance) async throws {
        let definition = try pipeline.map(PipelineFile.read)
        let journal = try ImportJournal(path: journal.path())
        defer { journal.close() }
        var memory: DefinitionMemory?
        if let definition { memory = try await DefinitionMemory(definition, in: journal) }
        Signals.catchInterrupts()
        let importer = PipelineImporter(options: options) {
            [memory] body async throws(JournalError) in
            guard let memory else { return try await journal.turn(body) }
            return try await memory.turn(in: journal, body)
        }
        importer.glance = glance
        let progress = ImportProgressBar(isShown: Terminal.isErrorTerminal)
        do {
            try await importer.run(
                files.map { ImportInput(path: $0, format: input.format) },
                onProgress: progress.show,
                onBadRow: { Terminal.note("cairn: import: set aside: \($0)") }
            )
        } catch {
            progress.clear()
            warn(of: importer.summary)
            throw Self.failure(error, importer.summary.events, path: journal.path)
        }
        progress.clear()
        if let memory {
            try await journaling(journal.path, isWriting: true) { () async throws(JournalError) in
                try await memory.finish(in: journal)
            }
        }
        warn(of: importer.summary)
        try print(importer.summary)
        try await catchUpProjections(of: journal)
    }

    /// Says what the journal could not keep; an `--as-of` would otherwise mislead without a word.
    private func warn(of summary: ImportSummary) {
        guard summary.shiftedTimes > 0 else { return }
        Terminal.note(
            "cairn: import: \(summary.shiftedTimes) of \(summary.events) new events are not recorded "
                + "as of their created_at, because the journal held later ones already or they lie "
                + "in the future: --as-of TIME goes by when they were recorded; to order several "
                + "files by time, import them in one command into a new journal"
        )
    }

    var options: ImportOptions {
        var options = ImportOptions()
        options.tenant = tenant
        options.prefix = prefix
        options.provider = provider
        options.order = order
        options.skipsBadRows = skipBad
        options.shouldStop = { Signals.isInterrupted }
        options.temporaryFolder = Terminal.environment("TMPDIR") ?? "/tmp"
        return options
    }

    /// What stopped the import, and what to do so that it goes on.
    ///
    /// - Parameters:
    ///   - error: What stopped it.
    ///   - eventCount: The events that it appended.
    ///   - path: The journal's folder.
    ///   - waiting: What comes before the error and is not in the journal, as a further clause.
    /// - Returns: The failure in words.
    static func failure(
        _ error: ImportError,
        _ eventCount: Int,
        path: String,
        waiting: String = ""
    ) -> CommandFailure {
        // In the order of time nothing is appended before all was read.
        let kept =
            (eventCount == 0
                ? "no new event is in the journal"
                : "what comes before it is in the journal (new events: \(eventCount))") + waiting
        if error.reason == .stopped {
            return CommandFailure(
                .interrupted,
                "interrupted; new events in the journal: \(eventCount); the same command goes on"
            )
        }
        let failure = CommandFailure(error, path: path)
        guard failure.status == .badInput else { return failure }
        let advice =
            error.reason.isAboutOneRow
            ? "mend the row and run the same command again, or pass over such rows with --skip-bad"
            : "mend the file and run the same command again"
        return CommandFailure(failure.status, "\(failure.message ?? ""); \(kept); \(advice)")
    }

    private func print(_ summary: ImportSummary) throws {
        var details = Details()
        details.add("events", .integer(Int64(summary.events)))
        details.add("requests", .integer(Int64(summary.requests)))
        details.add("duplicates", .integer(Int64(summary.duplicates)))
        details.add("bad_rows", .integer(Int64(summary.badRows)))
        let shifted = OutputValue.integer(Int64(summary.shiftedTimes))
        details.add("shifted_times", shifted, isInText: summary.shiftedTimes > 0)
        details.add("seconds", .seconds(summary.seconds))
        try details.print(as: journal.format)
    }
}

/// What a file is said to be.
enum InputKind: String, CaseIterable, ExpressibleByArgument {
    case auto, jsonl, csv, xes, temporal, edx, postfix
    case timedComments = "timed-comments"

    var format: ImportFormat? {
        switch self {
        case .auto, .timedComments, .edx: nil
        case .jsonl: .jsonl
        case .csv: .csv
        case .xes: .xes
        case .temporal: .temporal
        case .postfix: nil
        }
    }

    /// The format of logs of participants, which go to prompt sessions and not to requests.
    var promptFormat: PromptLogFormat? {
        switch self {
        case .timedComments: .timedComments
        case .edx: .edx
        case .auto, .jsonl, .csv, .xes, .temporal, .postfix: nil
        }
    }
}
