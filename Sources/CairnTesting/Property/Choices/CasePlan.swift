/// Where the choices of one run come from.
struct CasePlan: Sendable {
    /// What is chosen where the given choices end.
    enum Tail: Sendable {
        case simplest
        case random(seed: UInt64)
    }

    /// Values of the case that are drawn anew, in the middle of what is otherwise repeated.
    struct Variation: Sendable {
        /// The place of the value among those drawn.
        let value: Int
        /// Where to go on in the given choices after it.
        let resumption: Int
    }

    /// Repeated first; each is made to fit the place where it is drawn.
    var choices: [Choice] = []
    var tail = Tail.simplest
    /// Ordered by value.
    var variations: [Variation] = []
    /// Whether to keep what is needed to make the case simpler, which takes time.
    var isRecorded = true
    /// Whether to keep what the case comes to, and after how many choices.
    var isWatched = false
    /// What the turns of the search led to, which those of this case are added to.
    var map: TurnMap?
    /// Whether random turns go where the search was least.
    var isSteered = false
    /// Whether to keep the values as text, for a report.
    var isDescribed = false
    /// How values are written into a source.
    var style = SwiftLiteralStyle()
    /// Tells values that are not made by generators, and steps.
    var script: (@Sendable (inout CaseScript) throws -> Void)?
    /// Where a copy of the process says how far it is.
    var progress: CaseProgress?
    /// Where the case ended a copy of the process, and is stopped.
    var crash: CrashPoint?
    var choiceCountMax = CasePlan.choiceCountMaxDefault

    /// A case that needs more is discarded.
    static let choiceCountMaxDefault = 8_192
}

/// Thrown by a draw when its case is over before its end.
///
/// Let it pass. A property that catches it gains nothing: every further draw throws it again, and
/// what becomes of the case is decided.
public struct CaseStop: Error, Hashable, Sendable {
    enum Reason: Hashable, Sendable {
        /// The case broke an assumption.
        case assumption
        /// A generator found no value that its filter lets through.
        case filter
        /// The case made more choices than a case may.
        case overrun
        /// A script's step uses a rule whose condition does not hold then.
        case unusable(rule: String)
        /// A generator threw an error of its own, which fails the case.
        case failure
    }

    let reason: Reason

    init(_ reason: Reason) {
        self.reason = reason
    }
}

extension CaseStop: CustomStringConvertible {
    public var description: String {
        switch reason {
        case .assumption: "an assumption does not hold"
        case .filter: "a filter lets nothing through"
        case .overrun: "it makes more choices than a case may"
        case .unusable(let rule): "the rule \(rule) may not be used when its step comes"
        case .failure: "a generator failed"
        }
    }
}
