/// The laws of event-sourced programs, as questions to a user's own machine, projection or
/// journal.
///
/// Each call looks for a case in which one law does not hold, with all that `check` has: a report
/// of the simplest case that names the law, a token that repeats it, and a ``Corpus``.
///
/// ```swift
/// try Laws.replayEqualsLive(Door(), commands: .allCases())
/// try Laws.incrementalEqualsWhole(Door(), commands: .allCases())
/// try await Laws.acknowledgedIsKept(on: JournalContract(make: { MyJournal(clock: $0) }))
/// ```
///
/// All of them throw ``PropertyError``, whose report holds a ``LawFailure``. A machine that traps
/// ends the process, unless the settings isolate its cases: with ``Isolation/fork(timeout:)`` the
/// report of a law that does not wait holds a ``Crash``. `Specs/Laws.md` has each law's statement
/// and source.
public enum Laws {}

extension Laws {
    /// The orders of a race, with patience for a journal that has a thread of its own.
    static var races: Schedule {
        var schedule = Schedule.any
        schedule.patience = .seconds(10)
        return schedule
    }

    /// The place of a question whose answer draws nothing, so that there is no case to keep.
    private static var here: CallSite {
        CallSite(fileID: #fileID, filePath: #filePath, line: #line, function: #function)
    }

    /// Looks for a case in which a law does not hold.
    ///
    /// - Throws: ``PropertyError``.
    static func examine(
        _ law: Law,
        of subject: String,
        _ tokens: [String],
        _ settings: PropertySettings,
        _ site: CallSite = here,
        _ body: (inout Draw) throws -> Void
    ) throws(PropertyError) -> PropertySummary {
        try check(
            "\(law) of \(subject)",
            replaying: tokens,
            settings: settings,
            fileID: site.fileID,
            filePath: site.filePath,
            line: site.line,
            function: site.function,
            body
        )
    }

    /// Looks for a case in which a law that takes waiting does not hold.
    ///
    /// - Throws: ``PropertyError``.
    static func examine(
        _ law: Law,
        of subject: String,
        _ tokens: [String],
        _ settings: PropertySettings,
        _ site: CallSite = here,
        _ body: (inout Draw) async throws -> Void
    ) async throws(PropertyError) -> PropertySummary {
        try await check(
            "\(law) of \(subject)",
            replaying: tokens,
            settings: settings,
            fileID: site.fileID,
            filePath: site.filePath,
            line: site.line,
            function: site.function,
            body
        )
    }
}
