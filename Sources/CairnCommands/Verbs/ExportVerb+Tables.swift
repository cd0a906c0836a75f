internal import ArgumentParser
internal import CairnCore
internal import CairnLMDB
internal import CairnServices

// Rows of tables that are no requests are exported whole.

extension ExportVerb {
    /// Which rows are no requests; nil where they are.
    var exportedTable: ExportedTable? {
        switch table {
        case .pipeline: nil
        case .interaction: .interaction
        case .touch: .touch
        case .system: .system
        case .prompt: sessions ? .promptSessions : .prompt
        }
    }

    func validateTable() throws(ValidationError) {
        guard !sessions || table == .prompt else {
            throw ValidationError("--sessions goes with --as prompt")
        }
        guard !sessions || to != .sql else {
            throw ValidationError("--sessions writes jsonl or csv; the sql of prompts has them")
        }
        guard table == .pipeline || (request == nil && selection.isEmpty) else {
            throw ValidationError(
                "--request, --tenant, --type, --stage, --status, --since, --until and --where are "
                    + "about requests and not about rows of \(table.name)"
            )
        }
    }

    func exportRows(_ table: ExportedTable) async throws {
        let open = try await read.open()
        do throws(ExportError) {
            var rows = try await TableExport(table, of: open.journal, upTo: open.bound)
            let survey = to == .jsonl ? TableSurvey() : try await rows.survey()
            note(survey)
            var exporter = TableExporter(table, as: to, to: StandardOutputSink(), survey: survey)
            try await rows.forEachItem { item throws(ExportError) in try exporter.write(item) }
            try exporter.finish()
            let things = table == .promptSessions ? "sessions" : "events"
            note(rows.erasedCount, "erased", things)
            note(rows.removedCount, "removed", things)
            if rows.doubtCount > 0 {
                Terminal.note(
                    "cairn: export: \(rows.doubtCount) interactions may be on their way: their "
                        + "status is SENT, so that nobody sends them again"
                        + (to == .sql ? "" : ", and in_doubt is the attempt")
                )
            }
            if rows.pendingCount > 0 {
                Terminal.note(
                    "cairn: export: \(rows.pendingCount) interactions have no status yet and are not "
                        + "in the export"
                )
            }
        } catch {
            throw CommandFailure(error, path: open.path)
        }
    }

    /// Says what stands in the output in another way than in the source.
    func note(_ survey: TableSurvey) {
        if to == .csv, table != .interaction, survey.ownCount > 0 {
            Terminal.note(
                "cairn: export: \(survey.ownCount) rows need an event_id, so there is a column for it"
            )
        }
        if to == .sql, !survey.keepsIDs {
            Terminal.note(
                "cairn: export: rows have the same id, or ids that cannot be told apart or leave no "
                    + "room for more, so each id is a position in the journal"
            )
        }
        if to == .sql, !survey.longColumns.isEmpty {
            let names = survey.longColumns.sorted { $0.rawValue < $1.rawValue }.map(\.name)
            Terminal.note(
                "cairn: export: texts are longer than the source has room for, so these columns "
                    + "take any: \(names.joined(separator: ", "))"
            )
        }
    }

    func note(_ count: Int, _ word: String, _ things: String = "events") {
        guard count > 0 else { return }
        Terminal.note("cairn: export: \(count) \(word) \(things) are not in the export")
    }
}
