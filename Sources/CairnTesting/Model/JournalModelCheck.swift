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
    /// - Returns: How often each thing happened, so that a test can tell when one never does.
    /// - Throws: ``ContractFailure``, with the line that repeats it and the last steps.
    @discardableResult
    public static func run(
        seed: UInt64,
        stepCount: Int,
        on contract: JournalContract
    ) async throws(ContractFailure) -> ModelCoverage {
        var steps: [String] = []
        var coverage = ModelCoverage()
        do {
            try await contract.withCase { testCase in
                coverage = try await run(
                    testCase,
                    seed: seed,
                    stepCount: stepCount,
                    steps: &steps
                )
            }
            return coverage
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
    ) async throws -> ModelCoverage {
        var coverage = ModelCoverage()
        var generator = try JournalCommandGenerator(seed: seed, epoch: testCase.clock.now)
        var model = JournalModel()
        for step in 1...max(stepCount, 1) {
            let command = try generator.next()
            steps.append("\(step): \(command)")
            let comparison = ModelComparison(test: testCase, before: model)
            switch command {
            case .turn(let appends, let goesOn, let throwsAtEnd):
                let answer = try await comparison.turn(appends, goesOn, throwsAtEnd, &model)
                coverage.count(answer)
            case .moveClock(let span): testCase.clock.advance(by: span)
            case .page(let page):
                try await comparison.page(page)
                coverage.pages += 1
            case .lookUp(let stream, let id, let instant, let number):
                try await comparison.lookUp(stream, id, instant, number)
            case .reopen:
                try await testCase.reopen()
                coverage.reopenings += 1
            }
            let isWhole = step % wholeComparisonInterval == 0 || step == stepCount
            try await comparison.everything(
                model,
                from: isWhole ? 0 : comparison.before.lastPosition
            )
        }
        return coverage
    }
}

/// How often each thing happened in a random run: what never happened was not tested.
public struct ModelCoverage: Hashable, Sendable {
    public var appendedEvents = 0
    public var duplicateEvents = 0
    public var sequenceConflicts = 0
    public var eventIDConflicts = 0
    public var eventIDsInOtherStreams = 0
    /// Turns that threw an error of their own after their appends.
    public var abandonedTurns = 0
    public var pages = 0
    public var reopenings = 0

    public init() {}

    /// The counts with their names.
    public var counts: [(name: String, count: Int)] {
        [
            ("appended events", appendedEvents), ("duplicate events", duplicateEvents),
            ("sequence conflicts", sequenceConflicts), ("event id conflicts", eventIDConflicts),
            ("event ids in other streams", eventIDsInOtherStreams),
            ("abandoned turns", abandonedTurns), ("pages", pages), ("reopenings", reopenings),
        ]
    }

    /// Adds the counts of another run.
    public mutating func add(_ other: ModelCoverage) {
        appendedEvents += other.appendedEvents
        duplicateEvents += other.duplicateEvents
        sequenceConflicts += other.sequenceConflicts
        eventIDConflicts += other.eventIDConflicts
        eventIDsInOtherStreams += other.eventIDsInOtherStreams
        abandonedTurns += other.abandonedTurns
        pages += other.pages
        reopenings += other.reopenings
    }

    mutating func count(_ answer: Result<[[Receipt]], JournalError>) {
        switch answer {
        case .success(let receipts):
            let duplicates = receipts.joined().count { $0.isDuplicate }
            duplicateEvents += duplicates
            appendedEvents += receipts.joined().count - duplicates
        case .failure(.sequenceConflict): sequenceConflicts += 1
        case .failure(.eventIDConflict): eventIDConflicts += 1
        case .failure(.eventIDInOtherStream): eventIDsInOtherStreams += 1
        case .failure: abandonedTurns += 1
        }
    }
}
