internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB

/// One passage of a user through a prompt.
struct SessionVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "session",
        abstract: "Shows a prompt session: whose it is, its events, and where it stands.",
        discussion: """
            Events stand in the order of their prompt time, and at one time of their uid. An event \
            that its session should not have is shown with what is wrong: after_leave (it does \
            not count, and 'cairn events' names it), not_joined, joined_before or left_too_early.
            """
    )

    @Argument(help: "The session's uid.", transform: { try Arguments.promptSession($0) })
    var session: PromptSessionID

    @OptionGroup var read: ReadOptions

    func run() async throws {
        let open = try await read.open()
        let view = PromptView(open.journal, asOf: open.bound)
        let sight = try await reading(open.path) { () async throws(IncidentError) in
            try await view.session(session)
        }
        guard let sight else {
            throw CommandFailure(
                .notFound,
                "no session \(session) is in \(open.path) at that moment"
            )
        }
        guard sight.isThere else {
            let at = sight.state.removal.map { " at \($0.at.shortText)" } ?? ""
            throw CommandFailure(
                .notFound,
                "session \(session) was removed\(at), with "
                    + Wording.counted(sight.state.removedCount, "event")
            )
        }
        try PromptListing.print(sight, as: read.format)
    }
}
