internal import CairnCore
internal import CairnJournal

/// Does the same random steps to a journal and to a plain model, and compares them after each.
public enum JournalModelCheck {
    /// How many steps are compared between two comparisons of everything.
    static let wholeComparisonInterval = 25

    /// Runs random steps on a new journal.
    ///
    /// - Parameters:
    ///   - seed: Decides every step; a failure names it.
    ///   - stepCount: How many steps to do.
    ///   - contract: Makes the journal.
    /// - Throws: ``ContractFailure``, with the line that repeats it and the last steps.
    public static func run(
        seed: UInt64,
        stepCount: Int,
        on contract: JournalContract
    ) async throws(ContractFailure) {
        var steps: [String] = []
        do {
            try await contract.withCase { testCase in
                try await run(testCase, seed: seed, stepCount: stepCount, steps: &steps)
            }
        } catch let failure as ContractFailure {
            throw ContractFailure(
                check: advice(seed, steps),
                message: failure.message,
                expected: failure.expected,
                actual: failure.actual,
                location: failure.location
            )
        } catch {
            throw ContractFailure(
                check: advice(seed, steps),
                message: "the last step met an error that it does not expect",
                expected: "no error",
                actual: "\(error)",
                location: "JournalModelCheck"
            )
        }
    }

    private static func advice(_ seed: UInt64, _ steps: [String]) -> String {
        let repetition =
            "JournalModelCheck.run(seed: \(seed), stepCount: \(steps.count), on: contract)"
        return
            "the journal answers as the model does\n  repeat with: \(repetition)\n  last steps:\n"
            + steps.suffix(5).map { "    \($0)\n" }.joined()
    }

    private static func run(
        _ testCase: JournalCase,
        seed: UInt64,
        stepCount: Int,
        steps: inout [String]
    ) async throws {
        var generator = try JournalCommandGenerator(seed: seed, epoch: testCase.clock.now)
        var model = JournalModel()
        for step in 1...max(stepCount, 1) {
            let command = try generator.next()
            steps.append("\(step): \(command)")
            let comparison = ModelComparison(test: testCase, before: model)
            switch command {
            case .turn(let appends, let goesOn, let throwsAtEnd):
                try await comparison.turn(appends, goesOn, throwsAtEnd, &model)
            case .moveClock(let span): testCase.clock.advance(by: span)
            case .page(let page): try await comparison.page(page)
            case .lookUp(let stream, let id, let instant, let number):
                try await comparison.lookUp(stream, id, instant, number)
            case .reopen: try await testCase.reopen()
            }
            let isWhole = step % wholeComparisonInterval == 0 || step == stepCount
            try await comparison.everything(
                model,
                from: isWhole ? 0 : comparison.before.lastPosition
            )
        }
    }
}
