internal import ArgumentParser
internal import CairnCore
internal import CairnEngine
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB
internal import CairnServices

/// Old rows out of sight.
struct TruncateVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "truncate",
        abstract: "Removes what the touch log has from before a time; the decision is an event.",
        discussion: """
            The rows are left out of every answer from then on, and each answer says how many it \
            leaves out. Rows that come later are there, also if they were created earlier. The \
            file does not become smaller. Asks first.
            """
    )

    @Option(
        help: ArgumentHelp("The first created_at that stays.", valueName: "time"),
        transform: { try Arguments.time($0) }
    )
    var before: Timestamp

    @OptionGroup var removal: RemovalOptions

    func run() async throws {
        let path = try removal.journal.path()
        let opened = try removal.journal.openForWriting(creating: false)
        defer { opened.close() }
        let count = try await reading(path) { () async throws(IncidentError) in
            try await TouchView(opened).rowCount(before: before)
        }
        if count > 0 {
            try removal.confirm(
                "remove \(Wording.counted(count, "row")) from before \(before.shortText) from the touch log of "
                    + "\(Terminal.printable(path)), for good?"
            )
            try await RemovalOptions.removing(path) { () async throws(EngineError<Never>) in
                try await TouchRemover(opened)
                    .truncate(before: before, by: removal.by, reason: removal.reason)
            }
        }
        var details = Details()
        details.add("before", .time(before))
        details.add("removed_count", .integer(Int64(count)))
        try details.print(as: removal.journal.format)
    }
}
