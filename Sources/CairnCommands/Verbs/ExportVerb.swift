internal import ArgumentParser
internal import CairnCore
internal import CairnIncident
internal import CairnLMDB
internal import CairnServices

/// Rows of event_tracker out of a journal.
struct ExportVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes events as rows of event_tracker: JSON lines, CSV, or SQL statements.",
        discussion: "Importing a jsonl or csv export gives a journal with equal content."
    )

    @OptionGroup var read: ReadOptions

    @Option(
        help: ArgumentHelp(
            "What to write; sql makes and fills the table in PostgreSQL and SQLite.",
            valueName: "jsonl|csv|sql"
        ),
        transform: { try Arguments.choice($0) }
    )
    var to: ExportFormat = .jsonl

    @Option(help: ArgumentHelp("Only this request.", valueName: "pagw_id"))
    var request: String?

    @OptionGroup var selection: SelectionOptions

    func run() async throws {
        let predicate: Predicate<EventRow>? = try Arguments.predicate(selection.predicate)
        let open = try await read.open()
        let query = selection.query(predicate, now: open.now, limit: .max)
        var exporter = EventExporter(to, to: StandardOutputSink())
        var rows = PipelineExport(of: open.journal, upTo: open.bound)
        do throws(ExportError) {
            try await rows.forEachRow { row throws(ExportError) in
                // Ids are compared by their bytes: two spellings of an accent are two requests.
                guard request?.hasSameBytes(as: row.request) ?? true else { return }
                if query.matches(EventRow(row)) { try exporter.write(row) }
            }
            try exporter.finish()
        } catch {
            throw CommandFailure(error, path: open.path)
        }
        guard rows.erasedCount > 0 else { return }
        Terminal.note("cairn: export: \(rows.erasedCount) erased events are not in the export")
    }
}

extension EventRow {
    init(_ row: ExportRow) {
        self.init(
            requestID: row.request,
            position: row.position,
            sequence: row.sequence,
            recordedAt: row.recordedAt,
            event: row.event
        )
    }
}
