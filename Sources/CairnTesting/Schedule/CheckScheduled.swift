internal import Dispatch

/// Checks that a concurrent property holds whatever order its jobs take, by trying to find an
/// order in which it does not.
///
/// The body and its child tasks (task groups, `async let`), and the actors that these call, run on
/// one thread of their own, one job at a time. A report has the departures from the order of
/// arrival that it takes to fail, and its token repeats them.
///
/// ```swift
/// try await check("no deposit is lost", scheduled: .any) { draw in
///     let account = Account()
///     async let first: Void = account.deposit(1)
///     async let second: Void = account.deposit(1)
///     _ = await (first, second)
///     try draw.expect(await account.balance, equals: 2)
/// }
/// ```
///
/// A task that the body starts with `Task` inherits no executor and runs elsewhere, and so does
/// what belongs to the main actor. What waits in one actor's queue runs in that queue's order.
///
/// With ``Isolation/fork(timeout:)`` a trap in any of the tasks is found and made simpler like an
/// error. `#expect` fails a case as in other properties: where a trait of `CairnTestingSupport` is
/// on the test, or its `expectHolds` is called around this.
///
/// - Parameters:
///   - name: The property, as a sentence that should be true.
///   - schedule: Which orders to try.
///   - tokens: Cases to run before any other, as reports print them: failures of the past.
///   - settings: How long to look.
///   - fileID: The file of the call, which a report's regression test goes by.
///   - filePath: Its path.
///   - line: The line of the call.
///   - function: The function of the call.
///   - body: One case. It must depend on nothing but what it draws and the order of its jobs.
/// - Returns: How much was looked at.
/// - Throws: ``PropertyError``; a failure may be a ``ScheduleFailure`` or a ``Crash``.
@discardableResult
public func check(
    _ name: String,
    scheduled schedule: Schedule,
    replaying tokens: [String] = [],
    settings: PropertySettings = PropertySettings(),
    fileID: String = #fileID,
    filePath: String = #filePath,
    line: Int = #line,
    function: String = #function,
    _ body: @escaping @Sendable (inout Draw) async throws -> Void
) async throws(PropertyError) -> PropertySummary {
    let site = CallSite(fileID: fileID, filePath: filePath, line: line, function: function)
    let search = ScheduledSearch(name, schedule, tokens, settings, site, body)
    // A thread of its own may wait; the few that tasks share must not.
    return try await withTaskExecutorPreference(SearchThread()) { () throws(PropertyError) in
        try await search.run()
    }
}

/// Runs the search for an order, and in it all cases, which know what the caller's task knows.
private final class SearchThread: TaskExecutor {
    private let queue = DispatchQueue(label: "scheduled property")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

/// The search for an order that fails.
private struct ScheduledSearch: Sendable {
    private let name: String
    private let schedule: Schedule
    private let tokens: [String]
    private let settings: PropertySettings
    private let site: CallSite
    private let body: @Sendable (inout Draw) async throws -> Void

    init(
        _ name: String,
        _ schedule: Schedule,
        _ tokens: [String],
        _ settings: PropertySettings,
        _ site: CallSite,
        _ body: @escaping @Sendable (inout Draw) async throws -> Void
    ) {
        self.name = name
        self.schedule = schedule
        self.tokens = tokens
        self.settings = settings
        self.site = site
        self.body = body
    }

    /// Runs where the task prefers to, whoever calls.
    @concurrent
    func run() async throws(PropertyError) -> PropertySummary {
        var search = try PropertySearch(name, tokens: tokens, settings: settings, site: site)
        let perform = { plan in CaseExecutor(schedule, tape: Tape(plan)).run(body) }
        switch settings.isolation {
        case .none:
            while let plan = search.next() {
                if Task.isCancelled { throw .cancelled(name) }
                search.take(perform(plan))
            }
        case .fork(let timeout):
            do throws(IsolationError) {
                try search.runForked(timeout: timeout, perform)
            } catch {
                throw .notIsolated(name, error)
            }
        }
        return try search.summary()
    }
}
