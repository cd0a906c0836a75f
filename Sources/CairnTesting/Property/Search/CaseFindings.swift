internal import Synchronization

/// What a test framework found wrong while a case ran, as opposed to what the case threw.
///
/// Frameworks record what they find and go on. Where the surroundings ask for it, the first
/// finding fails the case as an error would, so that it is made simpler and reported once.
package final class CaseFindings: Sendable {
    @TaskLocal private static var current: CaseFindings?

    private let first = Mutex<(any Error)?>(nil)

    private init() {}

    /// Takes a finding for the failure of the case that runs in this task.
    ///
    /// - Returns: Whether a case runs in it.
    package static func take(_ finding: @autoclosure () -> any Error) -> Bool {
        guard let current else { return false }
        let error = finding()
        current.first.withLock { $0 = $0 ?? error }
        return true
    }

    /// Starts what runs a case, and lets it know where its findings are to go.
    ///
    /// - Returns: What was started, and how to ask for the first finding.
    static func gather<Started>(
        starting start: () -> Started
    ) -> (started: Started, first: () -> (any Error)?) {
        guard PropertyScope.current?.isGathering == true else { return (start(), { nil }) }
        let findings = CaseFindings()
        let started = $current.withValue(findings) { start() }
        return (started, { findings.first.withLock { $0 } })
    }

    /// Runs a case.
    ///
    /// - Returns: What is wrong: the first finding, or what the case threw.
    static func gather(_ body: () throws -> Void) -> (any Error)? {
        guard PropertyScope.current?.isGathering == true else { return failure(of: body) }
        let findings = CaseFindings()
        let error = $current.withValue(findings) { failure(of: body) }
        return findings.first.withLock { $0 } ?? error
    }

    /// Runs a case that waits.
    ///
    /// - Returns: What is wrong: the first finding, or what the case threw.
    static func gather(_ body: () async throws -> Void) async -> (any Error)? {
        guard PropertyScope.current?.isGathering == true else { return await failure(of: body) }
        let findings = CaseFindings()
        let error = await $current.withValue(findings) { await failure(of: body) }
        return findings.first.withLock { $0 } ?? error
    }

    private static func failure(of body: () throws -> Void) -> (any Error)? {
        do {
            try body()
            return nil
        } catch {
            return error
        }
    }

    private static func failure(of body: () async throws -> Void) async -> (any Error)? {
        do {
            try await body()
            return nil
        } catch {
            return error
        }
    }
}
