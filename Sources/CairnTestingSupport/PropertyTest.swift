internal import CairnTesting
internal import Synchronization
internal import Testing

/// One property in a test: it is checked, and what is wrong with it is recorded.
struct PropertyTest {
    private let location: SourceLocation

    init(at location: SourceLocation) {
        self.location = location
    }

    /// Checks a property that does not wait.
    func run<Summary: Sendable>(
        _ check: @Sendable () throws -> Summary
    ) async -> Summary? {
        // Where a closure may wait, `check` would be the one that does.
        await runWaiting { try check() }
    }

    /// Checks a property.
    ///
    /// - Returns: What was looked at; nil where the property does not hold.
    func runWaiting<Summary: Sendable>(
        _ check: @Sendable () async throws -> Summary
    ) async -> Summary? {
        let summary = Mutex<Summary?>(nil)
        do {
            try await GatheringScope().run {
                let found = try await check()
                summary.withLock { $0 = found }
            }
        } catch {
            PropertyIssue(error).record(at: location)
        }
        return summary.withLock { $0 }
    }
}

/// What a property threw, on its way to whoever reads the results of a test.
struct PropertyIssue {
    private let error: any Error

    init(_ error: any Error) {
        self.error = error
    }

    /// Where in a module the property is checked; nil where that is elsewhere, as with laws.
    func location(in module: String) -> SourceLocation? {
        guard case .falsified(let report) = error as? PropertyError,
            report.site.module == module
        else { return nil }
        let site = report.site
        return SourceLocation(
            fileID: site.fileID,
            filePath: site.filePath,
            line: site.line,
            column: 1
        )
    }

    /// Records one issue, with the failures as attachments.
    func record(at location: SourceLocation) {
        // Whoever runs a known case hears of its failure from the case itself.
        if error is PropertyError, Regression.isRunning { return }
        if case .falsified(let report) = error as? PropertyError {
            for file in PropertyFile.all(of: report) {
                Attachment.record(file.text, named: file.name, sourceLocation: location)
            }
        }
        Issue.record(error, sourceLocation: location)
    }
}
