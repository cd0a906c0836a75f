/// Checks that a property holds, by trying to find a case in which it does not.
///
/// The property draws its values and throws whatever error it likes where it does not hold. What
/// fails is made as simple as possible and thrown as one report, with the line that repeats it.
///
/// ```swift
/// try check("reversing twice changes nothing") { draw in
///     let list = try draw(.array(of: .int()), "list")
///     try draw.expect(list.reversed().reversed(), equals: list)
/// }
/// ```
///
/// Only what is thrown fails a case, unless a trait of `CairnTestingSupport` is on the test. What
/// `#expect` records is an issue of the test and nothing to the search, which goes on; `#require`
/// throws, but the same error wherever it stands, so that failures of two lines are taken for one.
/// ``Draw/expect(_:_:fileID:line:)`` throws and names its line.
///
/// - Parameters:
///   - name: The property, as a sentence that should be true.
///   - tokens: Cases to run before any other, as reports print them: failures of the past.
///   - settings: How long to look.
///   - fileID: The file of the call, which a report's regression test goes by.
///   - filePath: Its path.
///   - line: The line of the call.
///   - function: The function of the call.
///   - body: One case. It must depend on nothing but what it draws.
/// - Returns: How much was looked at.
/// - Throws: ``PropertyError``.
@discardableResult
public func check(
    _ name: String,
    replaying tokens: [String] = [],
    settings: PropertySettings = PropertySettings(),
    fileID: String = #fileID,
    filePath: String = #filePath,
    line: Int = #line,
    function: String = #function,
    _ body: (inout Draw) throws -> Void
) throws(PropertyError) -> PropertySummary {
    let site = CallSite(fileID: fileID, filePath: filePath, line: line, function: function)
    var search = try PropertySearch(name, tokens: tokens, settings: settings, site: site)
    switch settings.isolation {
    case .none: while let plan = search.next() { search.take(plan.run(body)) }
    case .fork(let timeout):
        do throws(IsolationError) {
            try search.runForked(timeout: timeout) { $0.run(body) }
        } catch {
            throw .notIsolated(name, error)
        }
    }
    return try search.summary()
}

/// Checks that a property which waits holds, by trying to find a case in which it does not.
///
/// Cases run one after another, where the caller runs.
///
/// - Parameters:
///   - name: The property, as a sentence that should be true.
///   - tokens: Cases to run before any other, as reports print them: failures of the past.
///   - settings: How long to look.
///   - fileID: The file of the call, which a report's regression test goes by.
///   - filePath: Its path.
///   - line: The line of the call.
///   - function: The function of the call.
///   - body: One case. It must depend on nothing but what it draws.
/// - Returns: How much was looked at.
/// - Throws: ``PropertyError``.
@discardableResult
public func check(
    _ name: String,
    replaying tokens: [String] = [],
    settings: PropertySettings = PropertySettings(),
    fileID: String = #fileID,
    filePath: String = #filePath,
    line: Int = #line,
    function: String = #function,
    _ body: (inout Draw) async throws -> Void
) async throws(PropertyError) -> PropertySummary {
    let site = CallSite(fileID: fileID, filePath: filePath, line: line, function: function)
    var search = try PropertySearch(name, tokens: tokens, settings: settings, site: site)
    guard settings.isolation == .none else { throw .notIsolated(name, .asynchronous) }
    while let plan = search.next() {
        let tape = Tape(plan)
        var draw = Draw(tape)
        let error = await CaseFindings.gather { try await body(&draw) }
        // What a task throws because it was given up says nothing about the property.
        if Task.isCancelled { throw .cancelled(name) }
        search.take(tape.finish(error))
    }
    return try search.summary()
}
