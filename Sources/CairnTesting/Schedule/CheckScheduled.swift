internal import Dispatch
internal import Synchronization

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
/// - Throws: ``PropertyError``; a failure may be a ``ScheduleFailure``.
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
    guard settings.isolation == .none else { throw .notIsolated(name, .asynchronous) }
    let search = ScheduledSearch()
    let site = CallSite(fileID: fileID, filePath: filePath, line: line, function: function)
    let result = await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
            // A thread of its own may wait; the few that tasks share must not.
            DispatchQueue(label: "scheduled property").async {
                continuation.resume(
                    returning: Result { () throws(PropertyError) in
                        try search.run(name, schedule, tokens, settings, site, body)
                    }
                )
            }
        }
    } onCancel: {
        search.cancel()
    }
    return try result.get()
}

/// The search for an order that fails, which another thread may end.
private final class ScheduledSearch: Sendable {
    private let isCancelled = Atomic(false)
    // Both are known to the caller's task, and not to the thread of the search.
    private let regression = RegressionScope.current
    private let scope = PropertyScope.current

    func cancel() {
        isCancelled.store(true, ordering: .relaxed)
    }

    func run(
        _ name: String,
        _ schedule: Schedule,
        _ tokens: [String],
        _ settings: PropertySettings,
        _ site: CallSite,
        _ body: @escaping @Sendable (inout Draw) async throws -> Void
    ) throws(PropertyError) -> PropertySummary {
        var search = try PropertySearch(
            name,
            tokens: tokens,
            settings: settings,
            site: site,
            regression: regression,
            scope: scope
        )
        while let plan = search.next() {
            if isCancelled.load(ordering: .relaxed) { throw .cancelled(name) }
            search.take(CaseExecutor(schedule, tape: Tape(plan)).run(body))
        }
        return try search.summary()
    }
}
