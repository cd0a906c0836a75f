internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnEngine
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB
internal import CairnServices

/// A user's rows, a request or a session out of sight.
struct ForgetVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget",
        abstract: "Removes a request, a session, or what the touch log has of a user.",
        discussion: """
            The decision is an event. From then on what is removed is left out of every answer, \
            and each answer says how much it leaves out. Rows of the user that are logged later \
            are there; in a session and of a request that were removed nothing is recorded any \
            more. Importing again what is removed brings nothing back. Asks first.
            """
    )

    @Option(
        help: ArgumentHelp("The user_id, in the touch log.", valueName: "user"),
        transform: { try Arguments.name($0) }
    )
    var user: String?

    @Option(
        help: ArgumentHelp("The request's pagw_id.", valueName: "pagw_id"),
        transform: { try Arguments.name($0) }
    )
    var request: String?

    @Option(
        help: ArgumentHelp("The uid of a session of a prompt.", valueName: "uid"),
        transform: { try Arguments.promptSession($0) }
    )
    var session: PromptSessionID?

    @OptionGroup var removal: RemovalOptions

    /// What is to be removed.
    private enum Target {
        case user(String)
        case request(String)
        case session(PromptSessionID)
    }

    private func target() throws(ValidationError) -> Target {
        let targets =
            [user.map(Target.user), request.map(Target.request), session.map(Target.session)]
            .compactMap(\.self)
        guard let target = targets.first, targets.count == 1 else {
            throw ValidationError("say what to remove: one of --user, --request and --session")
        }
        return target
    }

    func validate() throws { _ = try target() }

    func run() async throws {
        let target = try target()
        let path = try removal.journal.path()
        let opened = try removal.journal.openForWriting(creating: false)
        defer { opened.close() }
        let count: UInt64
        switch target {
        case .user(let user): count = try await forget(user: user, in: opened, path)
        case .request(let request): count = try await forget(request: request, in: opened, path)
        case .session(let session): count = try await forget(session: session, in: opened, path)
        }
        var details = Details()
        switch target {
        case .user(let user): details.add("user_id", .text(user))
        case .request(let request): details.add("pagw_id", .text(request))
        case .session(let session): details.add("session", .text(session.name))
        }
        details.add("removed_count", .count(count))
        try details.print(as: removal.journal.format)
    }

    private func forget(
        user: String,
        in journal: LMDBJournal,
        _ path: String
    ) async throws(CommandFailure) -> UInt64 {
        let touches = try await reading(path) { () async throws(IncidentError) in
            try await TouchView(journal).touches(of: user, limit: 0)
        }
        let count = touches.rowCount
        guard count > 0 else {
            // Where nothing was forgotten either, the name may be a wrong one.
            guard touches.removedCount > 0 else {
                throw CommandFailure(
                    .notFound,
                    "the touch log of \(Terminal.printable(path)) has no row of user "
                        + Terminal.printable(user)
                )
            }
            return 0
        }
        try removal.confirm(
            "remove \(Wording.counted(count, "row")) of user \(Terminal.printable(user)) from the touch log of "
                + "\(Terminal.printable(path)), for good?"
        )
        _ = try await RemovalOptions.removing(path) { () async throws(EngineError<Never>) in
            try await TouchRemover(journal)
                .forget(user: user, by: removal.by, reason: removal.reason)
        }
        return UInt64(count)
    }

    private func forget(
        request: String,
        in journal: LMDBJournal,
        _ path: String
    ) async throws(CommandFailure) -> UInt64 {
        let count = try await reading(path) { () async throws(IncidentError) in
            do throws(IncidentError) {
                return try await PipelineView(journal).timeline(of: request).entries.count
            } catch .removedRequest {
                return 0
            } catch {
                throw error
            }
        }
        guard count > 0 else { return 0 }
        try removal.confirm(
            "remove request \(Terminal.printable(request)) with \(Wording.counted(count, "event")) from "
                + "\(Terminal.printable(path)), for good?"
        )
        return try await RemovalOptions.removing(path) { () async throws(EngineError<Never>) in
            try await PipelineRemover(journal)
                .forget(request: request, by: removal.by, reason: removal.reason)
        }
    }

    private func forget(
        session: PromptSessionID,
        in journal: LMDBJournal,
        _ path: String
    ) async throws(CommandFailure) -> UInt64 {
        let sight = try await reading(path) { () async throws(IncidentError) in
            try await PromptView(journal).session(session)
        }
        guard let sight else {
            throw CommandFailure(.notFound, "no session \(session) is in \(path)")
        }
        guard sight.isThere else { return 0 }
        try removal.confirm(
            "remove session \(Terminal.printable(session.name)) with \(Wording.counted(sight.events.count, "event")) "
                + "from \(Terminal.printable(path)), for good?"
        )
        return try await RemovalOptions.removing(path) { () async throws(EngineError<Never>) in
            try await PromptRemover(journal)
                .forget(session: session, by: removal.by, reason: removal.reason)
        }
    }
}
