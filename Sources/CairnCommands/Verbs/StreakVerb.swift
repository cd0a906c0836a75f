internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB
internal import CairnServices

/// The days on which a user joined prompts.
struct StreakVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "streak",
        abstract: "Shows on how many days in a row a user joined a prompt.",
        discussion: """
            A day is one of the time zone, with as many hours as it has there. The current streak \
            ends today or, because today is not over, yesterday; today is the day of --now. Joins \
            after that are not counted.
            """
    )

    @Argument(help: "The user.", transform: { try Arguments.name($0) })
    var user: String

    @Option(
        help: ArgumentHelp("Whose days, such as Europe/Berlin; UTC by default.", valueName: "name"),
        transform: { try Arguments.timeZone($0) }
    )
    var timeZone: PromptTimeZone = .utc

    @OptionGroup var read: ReadOptions
    @OptionGroup var clock: ClockOptions

    func run() async throws {
        let open = try await read.open()
        let view = PromptView(open.journal, asOf: open.bound)
        let removedCount = try await reading(open.path) { () async throws(IncidentError) in
            try await view.removedSessionCount(ofUser: user)
        }
        let removed = Wording.counted(removedCount, "session")
        let found = try await reading(open.path) { () async throws(IncidentError) in
            guard try await !view.sessions(ofUser: user).isEmpty else {
                return nil as PromptUserStreak?
            }
            return try await view.streak(
                user: user,
                timeZone: timeZone,
                asOf: clock.now ?? open.now
            )
        }
        guard let found else {
            let name = Terminal.printable(user)
            throw CommandFailure(
                .notFound,
                removedCount > 0
                    ? "all sessions of user \(name) were removed: \(removed)"
                    : "no session of a user \(name) is in \(open.path) at that moment"
            )
        }
        var details = Details()
        details.add("user", .text(user))
        details.add("time_zone", .text(found.timeZone))
        details.add("today", .text(Self.date(found.today)))
        details.add("current_streak", .integer(Int64(found.current)))
        details.add("longest_streak", .integer(Int64(found.longest)))
        details.add("day_count", .integer(Int64(found.streak.days.count)))
        details.add("days", .list(found.streak.days.map(Self.date)))
        try details.print(as: read.format)
        if removedCount > 0 { Terminal.note("cairn: streak: removed: \(removed)") }
    }

    /// A day as `2025-12-25`.
    private static func date(_ day: Int64) -> String {
        let (start, overflow) = day.multipliedReportingOverflow(by: 86_400_000_000_000)
        let instant = Timestamp(nanoseconds: overflow ? (day < 0 ? .min : .max) : start)
        return String(instant.description.prefix(10))
    }
}

extension Arguments {
    /// Reads the name of a time zone.
    static func timeZone(_ text: String) throws(ValidationError) -> PromptTimeZone {
        do throws(PromptTimeZoneError) { return try PromptTimeZone(text) } catch {
            throw ValidationError(error.description)
        }
    }
}
