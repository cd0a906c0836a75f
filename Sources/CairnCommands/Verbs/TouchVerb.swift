internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB

/// One attempt to reach a user.
struct TouchVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "touch",
        abstract: "Draws one attempt to reach a user, with what became of it at each address.",
        discussion: """
            The uid may be that of any of its rows. Oddities stand behind a row's '!': a missing \
            parent, an order that cannot be, outcomes that contradict each other.
            """
    )

    @Argument(help: "The uid of a row.", transform: { try Arguments.name($0) })
    var uid: String

    @OptionGroup var read: ReadOptions

    @Flag(
        help:
            "Look only among the rows of the users known by the uid and its parents; else the whole journal is read."
    )
    var sameUser = false

    func run() async throws {
        let open = try await read.open()
        let view = open.touches(read)
        let sight = try await reading(open.path) { () async throws(IncidentError) in
            try await view.tree(of: uid, searching: sameUser ? .users : .journal)
        }
        let name = Terminal.printable(uid)
        guard let sight else {
            throw CommandFailure(
                .notFound,
                "no row of the touch log is \(name), or names it, in \(open.path) at that moment"
            )
        }
        guard !sight.rows.isEmpty else {
            throw CommandFailure(
                .notFound,
                "what belongs to \(name) in \(open.path) was removed: "
                    + Wording.counted(sight.removedCount, "row")
            )
        }
        try TouchTreeText(sight).print(as: read.format)
    }
}
