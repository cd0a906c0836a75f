import CairnTesting
import Testing

/// How long the laws look in these tests, always at the same cases.
let lawSettings = PropertySettings(caseCountMax: 300, seed: 1)

/// What a law's call found: the report, and the failure in it.
struct Finding {
    let report: PropertyReport
    let failure: LawFailure
    var text: String { "\(report)" }
    var values: [String] { report.failures[0].values.map(\.text) }
}

/// The failure that a law's call reports; nil, and an issue, where it finds nothing or no law.
func finding(
    _ law: String,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws(PropertyError) -> Void
) -> Finding? {
    do {
        try body()
        Issue.record("law \(law) is found to hold", sourceLocation: sourceLocation)
        return nil
    } catch {
        return finding(law, in: error, sourceLocation)
    }
}

/// The failure that a waiting law's call reports.
func finding(
    _ law: String,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws(PropertyError) -> Void
) async -> Finding? {
    do {
        try await body()
        Issue.record("law \(law) is found to hold", sourceLocation: sourceLocation)
        return nil
    } catch {
        return finding(law, in: error, sourceLocation)
    }
}

private func finding(
    _ law: String,
    in error: PropertyError,
    _ sourceLocation: SourceLocation
) -> Finding? {
    guard case .falsified(let report) = error,
        let failure = report.failures[0].error as? LawFailure
    else {
        Issue.record("no law's failure: \(error)", sourceLocation: sourceLocation)
        return nil
    }
    let text = "\(report)"
    #expect(failure.law.description.hasPrefix("law \(law) "), sourceLocation: sourceLocation)
    #expect(text.hasPrefix("not true: \(failure.law) of "), sourceLocation: sourceLocation)
    #expect(
        text.contains("LawFailure: \(failure.law) does not hold: "),
        sourceLocation: sourceLocation
    )
    return Finding(report: report, failure: failure)
}
