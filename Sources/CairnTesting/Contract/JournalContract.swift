internal import CairnCore
public import CairnJournal

/// What every implementation of `Journal` must do, as checks that need no test framework.
///
/// Each check gets a journal of its own. Run them one by one, as the cases of one parameterised
/// test, so that each failure has a name:
///
/// ```swift
/// @Test(arguments: contract.checks)
/// func `my journal keeps its contract`(check: ContractCheck) async throws {
///     try await contract.run(check)
/// }
/// ```
public struct JournalContract: Sendable {
    let makeJournal: @Sendable (ManualClock) async throws -> any Journal
    let reopenJournal: (@Sendable (any Journal, ManualClock) async throws -> any Journal)?
    let disposeOfJournal: @Sendable (any Journal) async -> Void
    let keepsProjections: Bool

    /// Describes the journal under test.
    ///
    /// - Parameters:
    ///   - make: Makes an empty journal whose clock is the one given.
    ///   - reopen: Closes a journal and opens it again; nil if it cannot be.
    ///   - keepsProjections: Whether projections' tables are still there when it is opened again.
    ///     Otherwise they may be gone, as caches may, but not be there in part.
    ///   - dispose: Closes a journal and removes what it left.
    public init(
        make: @escaping @Sendable (ManualClock) async throws -> any Journal,
        reopen: (@Sendable (any Journal, ManualClock) async throws -> any Journal)? = nil,
        keepsProjections: Bool = false,
        dispose: @escaping @Sendable (any Journal) async -> Void = { _ in }
    ) {
        makeJournal = make
        reopenJournal = reopen
        disposeOfJournal = dispose
        self.keepsProjections = keepsProjections
    }

    /// The checks that apply: all of them, or those that do without reopening.
    public var checks: [ContractCheck] {
        Self.allChecks.filter { reopenJournal != nil || !$0.needsReopening }
    }

    /// Every check, whether or not a journal can be reopened.
    public static let allChecks: [ContractCheck] =
        appendChecks + turnChecks + dedupeChecks + limitChecks + timeChecks + pageChecks
        + streamPageChecks + nameChecks + followChecks + concurrencyChecks + lifeChecks
        + projectionStoreChecks

    /// Runs every check that applies; the first that fails ends the run.
    ///
    /// - Throws: ``ContractFailure``.
    public func run() async throws(ContractFailure) {
        for check in checks { try await run(check) }
    }

    /// Runs one check on a new journal.
    ///
    /// - Throws: ``ContractFailure``.
    public func run(_ check: ContractCheck) async throws(ContractFailure) {
        do {
            try await withCase { testCase in try await check.body(testCase) }
        } catch var failure as ContractFailure {
            failure.check = check.name
            throw failure
        } catch {
            throw ContractFailure(
                check: check.name,
                message: "the check met an error that it does not expect",
                expected: "no error",
                actual: "\(error)",
                location: "JournalContract"
            )
        }
    }

    /// Makes a journal, uses it and disposes of it whatever happens.
    func withCase(_ body: (JournalCase) async throws -> Void) async throws {
        let clock = ManualClock()
        let testCase = JournalCase(
            journal: try await makeJournal(clock),
            clock: clock,
            keepsProjections: keepsProjections,
            reopenJournal: reopenJournal
        )
        do {
            try await body(testCase)
        } catch {
            await disposeOfJournal(testCase.journal)
            throw error
        }
        await disposeOfJournal(testCase.journal)
    }
}

/// One property of a journal: a sentence, and what finds out whether it is true.
public struct ContractCheck: Sendable {
    /// The property as a sentence.
    public let name: String
    /// Whether the check closes the journal and opens it again.
    public let needsReopening: Bool
    let body: @Sendable (JournalCase) async throws -> Void

    init(
        _ name: String,
        needsReopening: Bool = false,
        _ body: @escaping @Sendable (JournalCase) async throws -> Void
    ) {
        self.name = name
        self.needsReopening = needsReopening
        self.body = body
    }
}

extension ContractCheck: CustomStringConvertible {
    public var description: String { name }
}
