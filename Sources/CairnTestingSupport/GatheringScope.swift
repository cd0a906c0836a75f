internal import CairnTesting
internal import Testing

/// Surroundings in which what `#expect` and its like find in a case of a property fails that case.
///
/// Without them each of the many cases that fail while one is made simpler would be an issue of
/// its own.
struct GatheringScope {
    var scope: PropertyScope

    init(_ scope: PropertyScope? = nil) {
        self.scope = scope ?? PropertyScope.current ?? PropertyScope()
    }

    func run(_ body: @Sendable () async throws -> Void) async throws {
        guard !scope.isGathering, let test = Test.current else {
            return try await PropertyScope.$current.withValue(scope) { try await body() }
        }
        var scope = scope
        scope.isGathering = true
        let surroundings = scope
        let trait: IssueHandlingTrait = .filterIssues { issue in
            guard issue.severity == .error else { return true }
            return !CaseFindings.take(CaseIssue(issue))
        }
        try await trait.provideScope(for: test, testCase: Test.Case.current) {
            try await PropertyScope.$current.withValue(surroundings) { try await body() }
        }
    }
}

/// What `#expect` and its like found in a case of a property.
struct CaseIssue: LocatedError, CustomStringConvertible {
    private let issue: Issue

    init(_ issue: Issue) {
        self.issue = issue
    }

    var location: String {
        issue.sourceLocation.map { "\($0.fileID):\($0.line)" } ?? "\(issue.kind)"
    }

    var description: String {
        let words = (["\(issue.kind)"] + issue.comments.map(\.rawValue)).joined(separator: ": ")
        return issue.sourceLocation == nil ? words : "\(words)\n  at \(location)"
    }
}
