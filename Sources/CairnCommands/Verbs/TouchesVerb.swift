internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB

/// The touch log of one user.
struct TouchesVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "touches",
        abstract: "Lists what was sent to a user and what became of it, by created_at.",
        discussion: """
            Rows of one instant stand in the order they were recorded. What was forgotten or \
            truncated is left out and counted; what the log is known to have lost is said, too.
            """
    )

    @Argument(help: "The user_id.", transform: { try Arguments.name($0) })
    var user: String

    @OptionGroup var read: ReadOptions

    @Option(
        parsing: .unconditional,
        help: "Most rows; 100 by default.",
        transform: { try Arguments.limit($0) }
    )
    var limit = 100

    @Option(
        help: ArgumentHelp("The row to go on after, as a page before said.", valueName: "cursor"),
        transform: { try Self.cursor($0) }
    )
    var after: TouchCursor?

    @Flag(help: "Begin with the newest row.")
    var newest = false

    func run() async throws {
        let open = try await read.open()
        let view = open.touches(read)
        let (page, losses) = try await reading(open.path) { () async throws(IncidentError) in
            (
                try await view.touches(
                    of: user,
                    limit: limit,
                    after: after,
                    isNewestFirst: newest
                ),
                try await view.losses()
            )
        }
        guard page.rowCount > 0 || page.removedCount > 0 else {
            let name = Terminal.printable(user)
            throw CommandFailure(
                .notFound,
                "the touch log of \(open.path) has no row of user \(name) at that moment"
            )
        }
        try TouchListing.print(page, of: user, losses, as: read.format)
    }

    private static func cursor(_ text: String) throws(ValidationError) -> TouchCursor {
        guard let cursor = TouchCursor(text) else {
            throw ValidationError("it is no cursor such as 1607347681.5@12")
        }
        return cursor
    }
}

extension OpenView {
    /// The touch log as of the moment that was asked for.
    func touches(_ read: ReadOptions) -> TouchView {
        TouchView(journal, asOf: bound, isAlive: read.sight.holderCheck(path))
    }
}
