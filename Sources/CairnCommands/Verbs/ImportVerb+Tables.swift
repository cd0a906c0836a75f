internal import ArgumentParser
internal import CairnJournal
internal import CairnServices

// Rows of tables that are no requests, and how it is told whose rows a file has.

extension ImportVerb {
    func validateTable() throws {
        if input == .postfix || input.promptFormat != nil {
            guard table == nil, sessions == nil, provider == nil else {
                throw ValidationError(
                    "--as, --sessions and --provider are about tables and not about --input "
                        + input.rawValue
                )
            }
            return
        }
        guard let table else { return }
        try check(table)
        guard table == .pipeline || (input != .xes && input != .temporal) else {
            throw ValidationError(
                "rows of \(table.name) come as jsonl or csv, not as \(input.rawValue)"
            )
        }
    }

    /// Refuses what means nothing to a table.
    private func check(_ table: SourceTable) throws(ValidationError) {
        guard table == .pipeline || (tenant == nil && prefix == nil && pipeline == nil) else {
            throw ValidationError(
                "--tenant, --prefix and --pipeline are about requests and not about rows of "
                    + table.name
            )
        }
        guard sessions == nil || table == .prompt else {
            throw ValidationError("--sessions goes with rows of \(SourceTable.prompt.name)")
        }
        guard provider == nil || table == .interaction else {
            throw ValidationError("--provider goes with rows of \(SourceTable.interaction.name)")
        }
    }

    /// Whose rows the files have, with the options that go with them.
    func recognizedTable(_ glance: InputGlance) throws -> SourceTable {
        let recognition = TableRecognition(files: files, given: table, format: input.format)
        let table = try recognition.table(glance)
        do throws(ValidationError) { try check(table) } catch {
            throw CommandFailure(.usage, error.message)
        }
        return table
    }

    /// Imports rows of a table.
    func importRows(_ table: SourceTable, _ glance: InputGlance) async throws {
        guard let kind = try tableImport(table) else { return try await importRequests(glance) }
        let opened = try ImportJournal(path: journal.path())
        defer { opened.close() }
        Signals.catchInterrupts()
        let importer = TableImporter(kind, into: opened, options: options)
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
            throw Self.failure(error, importer.summary.events, path: opened.path)
        }
        progress.clear()
        warn(of: importer.summary)
        try print(importer.summary, of: table)
        try await catchUpProjections(of: opened)
    }

    private func tableImport(_ table: SourceTable) throws(CommandFailure) -> TableImport? {
        switch table {
        case .pipeline: return nil
        case .interaction: return .interaction
        case .touch: return .touch
        case .system: return .system
        case .prompt:
            guard let sessions else { return .prompt(PromptSessionOwners()) }
            do throws(ImportError) {
                return .prompt(try PromptSessionOwners(path: sessions))
            } catch {
                throw CommandFailure(error, path: "")
            }
        }
    }

    private func warn(of summary: TableImportSummary) {
        if summary.unlinkedReferences > 0 {
            Terminal.note(
                "cairn: import: no report finds \(summary.unlinkedReferences) of "
                    + "\(summary.events) new interactions by their provider_reference: import the "
                    + "rows of each provider again with --provider NAME"
            )
        }
        if summary.ownerless > 0 {
            Terminal.note(
                "cairn: import: of \(summary.ownerless) of \(summary.subjects) sessions it is not "
                    + "known whose they are: give --sessions FILE (session, prompt, user) with the "
                    + "same command"
            )
        }
        let advice =
            order == .file
            ? "; import with --order time into a new journal"
            : "; where files came in another order than they happened, import them in one "
                + "command into a new journal"
        Self.tellUncounted(summary.uncounted, of: summary.events, advice: advice)
        if summary.shiftedTimes > 0 {
            Terminal.note(
                "cairn: import: \(summary.shiftedTimes) of \(summary.events) new events are not "
                    + "recorded as of their created_at, because the journal held later ones already "
                    + "or they lie in the future: --as-of TIME goes by when they were recorded"
            )
        }
    }

    private func print(_ summary: TableImportSummary, of table: SourceTable) throws {
        var details = Details()
        details.add("events", .integer(Int64(summary.events)))
        switch table {
        case .touch: details.add("users", .integer(Int64(summary.subjects)))
        case .prompt:
            details.add("sessions", .integer(Int64(summary.subjects)))
            details.add("ownerless_sessions", .integer(Int64(summary.ownerless)))
        case .interaction:
            details.add("customers", .integer(Int64(summary.subjects)))
            let unlinked = OutputValue.integer(Int64(summary.unlinkedReferences))
            details.add(
                "unlinked_references",
                unlinked,
                isInText: summary.unlinkedReferences > 0
            )
        case .pipeline, .system: break
        }
        details.add("duplicates", .integer(Int64(summary.duplicates)))
        if table == .prompt { details.add("anomalies", .integer(Int64(summary.anomalies))) }
        details.add("bad_rows", .integer(Int64(summary.badRows)))
        let shifted = OutputValue.integer(Int64(summary.shiftedTimes))
        details.add("shifted_times", shifted, isInText: summary.shiftedTimes > 0)
        details.add("seconds", .seconds(summary.seconds))
        try details.print(as: journal.format)
    }
}
