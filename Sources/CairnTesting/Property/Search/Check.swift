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
/// - Parameters:
///   - name: The property, as a sentence that should be true.
///   - tokens: Cases to run before any other, as reports print them: failures of the past.
///   - settings: How long to look.
///   - body: One case. It must depend on nothing but what it draws.
/// - Returns: How much was looked at.
/// - Throws: ``PropertyError``.
@discardableResult
public func check(
    _ name: String,
    replaying tokens: [String] = [],
    settings: PropertySettings = PropertySettings(),
    _ body: (inout Draw) throws -> Void
) throws(PropertyError) -> PropertySummary {
    var search = try PropertySearch(name: name, tokens: tokens, settings: settings)
    while let plan = search.next() {
        let tape = Tape(plan)
        var draw = Draw(tape)
        do {
            try body(&draw)
            search.take(tape.finish(nil))
        } catch {
            search.take(tape.finish(error))
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
///   - body: One case. It must depend on nothing but what it draws.
/// - Returns: How much was looked at.
/// - Throws: ``PropertyError``.
@discardableResult
public func check(
    _ name: String,
    replaying tokens: [String] = [],
    settings: PropertySettings = PropertySettings(),
    _ body: (inout Draw) async throws -> Void
) async throws(PropertyError) -> PropertySummary {
    var search = try PropertySearch(name: name, tokens: tokens, settings: settings)
    while let plan = search.next() {
        let tape = Tape(plan)
        var draw = Draw(tape)
        do {
            try await body(&draw)
            search.take(tape.finish(nil))
        } catch {
            // What a task throws because it was given up says nothing about the property.
            if Task.isCancelled { throw .cancelled(name) }
            search.take(tape.finish(error))
        }
        if Task.isCancelled { throw .cancelled(name) }
    }
    return try search.summary()
}
