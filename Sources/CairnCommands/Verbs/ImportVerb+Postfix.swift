internal import ArgumentParser
internal import CairnCore
internal import CairnJournal
internal import CairnServices

// Logs of Postfix become rows of the touch log and not of requests, so other options go with them.

extension ImportVerb {
    func validatePostfix() throws {
        guard input == .postfix else {
            guard year == nil else { throw ValidationError("--year goes with --input postfix") }
            return
        }
        guard tenant == nil, prefix == nil, order == nil, pipeline == nil else {
            throw ValidationError(
                "--tenant, --prefix, --order and --pipeline are about requests and not about mail"
            )
        }
    }

    /// Imports the files as logs of Postfix, in the order given.
    func importPostfix() async throws {
        let journal = try ImportJournal(path: journal.path())
        defer { journal.close() }
        Signals.catchInterrupts()
        let importer = PostfixImporter(into: journal, options: options, year: year, now: .now())
        let progress = ImportProgressBar(isShown: Terminal.isErrorTerminal)
        do {
            try await importer.run(
                files,
                onProgress: progress.show,
                onBadLine: { Terminal.note("cairn: import: set aside: \($0)") }
            )
        } catch {
            progress.clear()
            warnOfShifts(importer.summary)
            throw Self.failure(
                error,
                importer.summary.events,
                path: journal.path,
                waiting: importer.hasUndecided ? Self.undecided : ""
            )
        }
        progress.clear()
        warnOfShifts(importer.summary)
        try print(importer.summary, importer.counts)
        try await catchUpProjections(of: journal)
    }

    /// What a mail log leads to is told by the lines that follow, and those are not known here.
    ///
    /// It is left to the next run: what is decided now could not be taken back then.
    private static let undecided =
        "; messages that began in the 10 seconds before it wait for the rest of the log"

    /// Says what the journal could not keep; an `--as-of` would otherwise mislead without a word.
    private func warnOfShifts(_ summary: ImportSummary) {
        guard summary.shiftedTimes > 0 else { return }
        Terminal.note(
            "cairn: import: \(summary.shiftedTimes) of \(summary.events) new events are recorded "
                + "later than their created_at, because the journal held later ones already: "
                + "--as-of TIME goes by when they were recorded; give the logs oldest first, in "
                + "one command and into a new journal, for the two to agree"
        )
    }

    private func print(_ summary: ImportSummary, _ counts: PostfixCounts) throws {
        var details = Details()
        for (name, count, isInText) in [
            ("events", summary.events, true), ("duplicates", summary.duplicates, true),
            ("bad_rows", summary.badRows, true),
            ("shifted_times", summary.shiftedTimes, summary.shiftedTimes > 0),
            ("lines", counts.lines, true), ("sent", counts.sent, true),
            ("handed_over", counts.handedOver, true), ("deferred", counts.deferred, true),
            ("bounced", counts.bounced, true), ("expired", counts.expired, true),
            ("rejected", counts.rejected, true), ("notices", counts.notices, true),
            ("let_go", counts.letGo, counts.letGo > 0),
        ] {
            details.add(name, .integer(Int64(count)), isInText: isInText)
        }
        details.add("seconds", .seconds(summary.seconds))
        try details.print(as: journal.format)
    }
}
