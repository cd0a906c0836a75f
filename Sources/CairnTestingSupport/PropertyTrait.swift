internal import CairnTesting
public import Testing

/// What all properties of a test, or of a suite's tests, are looked at with.
///
/// Traits reach whatever is checked in the test, by `expectHolds`, by `check` or by `Laws`, in the
/// task of the test and its child tasks. They are stronger than the settings of a call; a test's
/// trait is stronger than its suite's, and of two in one list the later one.
///
/// With any of them, what `check` throws out of the test is recorded as `expectHolds` does,
/// with attachments, and cases may use `#expect`.
///
/// ```swift
/// @Suite(.corpus(), .runs(2_000)) struct LightTests {
///     @Test func `never red and green`() throws {
///         try check("a light is never red and green", machine: Light(), commands: .allCases())
///     }
/// }
/// ```
public struct PropertyTrait: TestTrait, SuiteTrait, TestScoping {
    private let change: @Sendable (inout PropertyScope) -> Void

    init(_ change: @escaping @Sendable (inout PropertyScope) -> Void) {
        self.change = change
    }

    public var isRecursive: Bool { true }

    /// Runs a test with what the trait says.
    ///
    /// - Throws: What the test throws and is no report of a property.
    public func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        var scope = PropertyScope.current ?? PropertyScope()
        change(&scope)
        try await GatheringScope(scope).run {
            do {
                try await function()
            } catch let error as PropertyError {
                let issue = PropertyIssue(error)
                let own = test.sourceLocation
                issue.record(at: issue.location(in: own.moduleName) ?? own)
            }
        }
    }
}

extension Trait where Self == PropertyTrait {
    /// Changes nothing of how properties are looked at, but lets the cases of a plain `check` use
    /// `#expect`.
    public static var properties: Self {
        PropertyTrait { _ in }
    }

    /// Looks at a number of cases that pass.
    ///
    /// - Precondition: The number is positive.
    public static func runs(_ count: Int) -> Self {
        precondition(count > 0, "a property that is not run says nothing")
        return PropertyTrait { $0.caseCountMax = count }
    }

    /// Makes the same random choices every time.
    public static func seed(_ seed: UInt64) -> Self {
        PropertyTrait { $0.seed = seed }
    }

    /// Runs one case before any other.
    ///
    /// - Parameters:
    ///   - token: The case, as a report prints it.
    ///   - property: The only property that it is for, by its name; nil for all of them.
    /// - Returns: The trait.
    public static func replay(_ token: String, of property: String? = nil) -> Self {
        PropertyTrait { $0.replay(token, of: property) }
    }

    /// Keeps what failed in files, and runs it before anything else the next time.
    ///
    /// - Parameters:
    ///   - folder: Where the files are: a path, which begins at the folder of the test's file
    ///     unless it begins with a slash.
    ///   - isReadOnly: Whether nothing is ever written; nil for what suits a build server, where
    ///     the environment's `CI` is set, and for no one else.
    ///   - filePath: The test's file.
    /// - Returns: The trait.
    public static func corpus(
        _ folder: String = "Corpus",
        isReadOnly: Bool? = nil,
        filePath: String = #filePath
    ) -> Self {
        let parent = filePath.lastIndex(of: "/").map { filePath[...$0] } ?? ""
        let path = folder.hasPrefix("/") ? folder : parent + folder
        let corpus = Corpus(folder: path, isReadOnly: isReadOnly)
        return PropertyTrait { $0.corpus = corpus }
    }
}
