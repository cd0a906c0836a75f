internal import CairnJournal
internal import CairnLMDB
internal import CairnServices

/// Imports logs of participants, as a part of the verb `import`.
struct PromptImporting {
    let prefix: String?
    let skipsBadRows: Bool

    /// Imports files one after another and prints what was done.
    func run(
        _ files: [String],
        _ format: PromptLogFormat,
        into options: JournalOptions
    ) async throws {
        let journal = try options.openForWriting(creating: true)
        defer { journal.close() }
        let importer = PromptImporter(into: journal, prefix: prefix, skipsBadRows: skipsBadRows)
        var summary = PromptImportSummary()
        for file in files {
            do throws(ImportError) {
                summary.add(
                    try await importer.run(file, format) {
                        Terminal.note("cairn: import: set aside: \($0)")
                    }
                )
            } catch {
                throw CommandFailure(error, path: journal.path)
            }
        }
        var details = Details()
        details.add("events", .integer(Int64(summary.events)))
        details.add("sessions", .integer(Int64(summary.sessions)))
        details.add("duplicates", .integer(Int64(summary.duplicates)))
        details.add("anomalies", .integer(Int64(summary.anomalies)))
        details.add("skipped", .integer(Int64(summary.skipped)))
        details.add("bad_rows", .integer(Int64(summary.badRows)))
        try details.print(as: options.format)
    }
}
