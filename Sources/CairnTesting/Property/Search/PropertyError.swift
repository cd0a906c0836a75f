/// Why a property is not taken to hold.
public enum PropertyError: Error, Sendable {
    /// A case was found in which it does not hold.
    case falsified(PropertyReport)
    /// More than nine of ten cases were discarded, so too little was looked at.
    ///
    /// Draw values that satisfy what ``Draw/assume(_:)`` and filters ask for.
    case tooManyDiscarded(String, PropertySummary)
    /// A condition that was to be true sometimes never was, or a rule was never used.
    ///
    /// Nothing failed, and nothing was tested there either: look at more cases, or draw values
    /// that lead there.
    case neverTrue(String, [String], PropertySummary)
    /// A case failed, and did something else when it was repeated.
    ///
    /// It depends on something beside what it draws: a clock, chance, the order of a set, other
    /// threads, or what an earlier case left behind.
    case notRepeatable(UnrepeatableCase)
    /// A token is not one that a report printed.
    case token(String, ReplayTokenError)
    /// The failures of the past cannot be read.
    case corpus(String, CorpusError)
    /// The task was cancelled before the search was over.
    case cancelled(String)
    /// The property cannot be looked at in a child process.
    case notIsolated(String, IsolationError)
    /// A ``Regression`` was run in which the property is not checked.
    case notChecked(String)
    /// The case of a ``Regression`` counts for nothing, so it shows nothing any more.
    case discarded(String, CaseStop)
}

/// What was found wrong with a property.
public struct PropertyReport: Sendable {
    /// Where it was checked.
    package let site: CallSite
    /// The property, as a sentence that should be true.
    public let property: String
    public let seed: UInt64
    /// The failures, each as simple as it could be made; the first one found comes first.
    public let failures: [MinimalFailure]
    /// How many cases passed before the first failure.
    public let passedCount: Int
    /// How often the property ran in all.
    public let executionCount: Int
    /// How often it ran to make the failures simpler.
    public let shrinkExecutionCount: Int
    /// How long it was allowed to make the failures simpler, where that was too short; they may not
    /// be as simple as they could, and another run may come to others.
    public let shrinkDurationMax: Duration?
    /// What became of each failure that was to be kept; nothing where there is no ``Corpus``.
    public let corpusNews: [CorpusNews]
}

extension PropertyError {
    /// The first failure as a diagram; see ``MinimalFailure/mermaid``.
    public var mermaid: String? {
        guard case .falsified(let report) = self else { return nil }
        return report.failures.first?.mermaid
    }

    /// The first failure as the source of a test; see ``MinimalFailure/regressionSource(_:)``.
    public var regressionSource: String? {
        guard case .falsified(let report) = self else { return nil }
        return report.failures.first?.regressionSource
    }
}

/// One failure of a property, as simple as it could be made.
public struct MinimalFailure: Sendable {
    /// What the property threw.
    public let error: any Error
    /// What it drew, in order.
    public internal(set) var values: [DrawnValue]
    /// What was done, where the property is made of steps.
    public let steps: [String]
    /// The states that a machine went through: the first one, and one after each step.
    ///
    /// Empty for what is no machine.
    public let states: [String]
    /// What it noted.
    public let notes: [String]
    /// Repeats the case, as one of the tokens that `check` replays.
    public let token: String
    /// How many choices the case makes.
    public let choiceCount: Int
    /// Whether the case still failed when all arbitrary values were others at once.
    public internal(set) var isArbitraryTogether = true
    /// How the property is reached again; nil until it is known.
    var caller: PropertyCaller?
    /// The property, as it is called.
    var property = ""
    /// Whether the values and the steps decide everything, so that a script can tell the case.
    let isScriptable: Bool

    init(_ record: CaseRecord, token: String? = nil) {
        error = record.error ?? CaseStop(.assumption)
        values = record.values.map {
            DrawnValue(name: $0.name, text: $0.text, step: $0.step, literal: $0.literal)
        }
        isScriptable = record.isToldByValues
        steps = record.steps
        notes = record.notes
        states = record.states
        // The choices of a script's case are not those of generators.
        self.token = token ?? ReplayToken(record.choices).text
        choiceCount = record.choices.count
    }
}

/// A value that a property drew.
public struct DrawnValue: Hashable, Sendable {
    public let name: String?
    public let text: String
    /// The place of the step for which it was drawn.
    public let step: Int?
    /// The value in a source; nil where none is known to make it.
    let literal: SwiftLiteral?
    /// Whether the case failed with every other value that was tried in its place.
    public internal(set) var isArbitrary = false
}

/// A case that did two different things.
public struct UnrepeatableCase: Hashable, Sendable {
    public let property: String
    public let seed: UInt64
    /// What it did first.
    public let first: String
    /// What it did when it was repeated.
    public let second: String
    /// Whether it did not even draw the same values.
    public let differsInDraws: Bool
}
