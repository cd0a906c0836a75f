internal import ArgumentParser
internal import CairnCore
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB
internal import CairnServices

/// Rows of event_tracker out of a journal.
struct ExportVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes events as rows of a source's table: JSON lines, CSV, or SQL.",
        discussion: """
            Importing a jsonl or csv export gives a journal with equal content, and adds nothing \
            where the rows came from. So that it does, a row whose request and number do not tell \
            the id of its event carries an event_id, for which csv gets a column more if any row \
            needs it. An event that was recorded without an id gets one of its position, and is \
            added when it is imported where it came from. In sql a row without a sequence_no has \
            its place in its request. An export of no rows is an empty file in jsonl, which \
            'cairn import' takes only with --input jsonl. Rows of touches, system events and \
            prompt events are exported whole, without what was removed; what an import kept of \
            them comes out byte for byte.
            """
    )

    @OptionGroup var read: ReadOptions

    @Option(
        help: ArgumentHelp(
            "What to write; sql makes and fills the table, in PostgreSQL and SQLite, or as "
                + "the source states it for SQLite alone (touch, prompt).",
            valueName: "jsonl|csv|sql"
        ),
        completion: .words(of: ExportFormat.self),
        transform: { try Arguments.choice($0) }
    )
    var to: ExportFormat = .jsonl

    @Option(
        name: .customLong("as"),
        help: ArgumentHelp(
            "Whose rows to write.",
            valueName: SourceTable.allCases.map(\.rawValue).joined(separator: "|")
        ),
        completion: .words(of: SourceTable.self),
        transform: { try Arguments.choice($0) }
    )
    var table: SourceTable = .pipeline

    @Flag(help: "With --as prompt: whose the sessions are, which 'import --sessions' takes.")
    var sessions = false

    @Option(help: ArgumentHelp("Only this request.", valueName: "pagw_id"))
    var request: String?

    @OptionGroup var selection: SelectionOptions

    func validate() throws {
        if read.format == .json {
            throw ValidationError("export prints rows of a table: give --to jsonl, not --format")
        }
        try validateTable()
    }

    func run() async throws {
        if let rows = exportedTable { return try await exportRows(rows) }
        let predicate: Predicate<EventRow>? = try Arguments.predicate(selection.predicate)
        let open = try await read.open()
        if let request {
            _ = try await reading(open.path) { () async throws(IncidentError) in
                try await open.requests.state(of: request)
            }
        }
        let query = selection.query(predicate, now: open.now, limit: .max)
        let includes = { (row: ExportRow) in
            // Compared by bytes: two spellings of an accent are two requests.
            (request?.hasSameBytes(as: row.request) ?? true) && query.matches(EventRow(row))
        }
        // Two readings of a journal that grows must see the same events.
        let end = try await journaling(open.path) { () throws(JournalError) in
            try open.journal.head().lastPosition
        }
        var rows = PipelineExport(of: open.journal, upTo: open.bound ?? end)
        do throws(ExportError) {
            let survey = to == .jsonl ? nil : try await rows.survey(for: to, where: includes)
            if let survey { note(survey) }
            var exporter = EventExporter(to, to: StandardOutputSink(), survey: survey)
            try await rows.forEachRow { row throws(ExportError) in
                if includes(row) { try exporter.write(row) }
            }
            try exporter.finish()
        } catch {
            throw CommandFailure(error, path: open.path)
        }
        note(rows.erasedCount, "erased")
        note(rows.removedCount, "removed")
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
