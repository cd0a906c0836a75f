internal import ArgumentParser
internal import CairnDomains
internal import CairnJournal
internal import CairnServices

// Logs of participants become prompt sessions and not requests, so other options go with them.

extension ImportVerb {
    func validatePromptLog() throws {
        guard let format = input.promptFormat else { return }
        guard tenant == nil, order == nil, pipeline == nil else {
            throw ValidationError(
                "--tenant, --order and --pipeline are about requests and not about logs of "
                    + "participants"
            )
        }
        guard prefix == nil || format == .timedComments else {
            throw ValidationError("--prefix goes with --input timed-comments: edx names its videos")
        }
    }

    /// Says how many events stand behind the end of their session, and where each is named.
    static func tellUncounted(_ count: Int, of eventCount: Int, advice: String = "") {
        guard count > 0 else { return }
        Terminal.note(
            "cairn: import: \(count) of \(eventCount) new events stand behind the leave event of "
                + "their session and count in no total: 'cairn events --type "
                + "\(SystemEventType.promptEventIgnored.name)' names them\(advice)"
        )
    }

    /// Imports logs of participants, which are parts of one, and prints what was done.
    func importPromptLogs(_ format: PromptLogFormat) async throws {
        let opened = try ImportJournal(path: journal.path())
        defer { opened.close() }
        Signals.catchInterrupts()
        let importer = PromptImporter(
            into: opened,
            prefix: prefix,
            skipsBadRows: skipBad,
            shouldStop: { Signals.isInterrupted }
        )
        let start = ContinuousClock.now
        var summary = PromptImportSummary()
        do throws(ImportError) {
            _ = try await importer.run(files, format) {
                summary = $0
            } onBadRow: {
                Terminal.note("cairn: import: set aside: \($0)")
            }
        } catch {
            throw Self.failure(error, summary.events, path: opened.path)
        }
        var details = Details()
        details.add("events", .integer(Int64(summary.events)))
        details.add("sessions", .integer(Int64(summary.sessions)))
        details.add("duplicates", .integer(Int64(summary.duplicates)))
        details.add("anomalies", .integer(Int64(summary.anomalies)))
        details.add("skipped", .integer(Int64(summary.skipped)))
        details.add("bad_rows", .integer(Int64(summary.badRows)))
        details.add("seconds", .seconds((ContinuousClock.now - start) / .seconds(1)))
        Self.tellUncounted(summary.uncounted, of: summary.events)
        try details.print(as: journal.format)
        try await catchUpProjections(of: opened)
    }
}
