internal import ArgumentParser
internal import CairnCore
internal import CairnEngine
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB
internal import CairnServices

/// A user's rows out of sight.
struct ForgetVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget",
        abstract: "Removes what the touch log has of a user; the decision is an event.",
        discussion: """
            The rows are left out of every answer from then on, and each answer says how many it \
            leaves out. Rows that are logged later are there. Asks first.
            """
    )

    @Option(
        help: ArgumentHelp("The user_id.", valueName: "user"),
        transform: { try Arguments.name($0) }
    )
    var user: String

    @OptionGroup var removal: RemovalOptions

    func run() async throws {
        let path = try removal.journal.path()
        let opened = try removal.journal.openForWriting(creating: false)
        defer { opened.close() }
        let count = try await reading(path) { () async throws(IncidentError) in
            try await TouchView(opened).touches(of: user, limit: 0).rowCount
        }
        if count > 0 {
            try removal.confirm(
                "remove \(TouchListing.counted(count, "row")) of user \(Terminal.printable(user)) from the touch log of "
                    + "\(Terminal.printable(path)), for good?"
            )
            _ = try await RemovalOptions.removing(path) { () async throws(EngineError<Never>) in
                try await TouchRemover(opened)
                    .forget(user: user, by: removal.by, reason: removal.reason)
            }
        }
        var details = Details()
        details.add("user_id", .text(user))
        details.add("removed_count", .integer(Int64(count)))
        try details.print(as: removal.journal.format)
    }
}
