/// The search for a case in which a property does not hold.
///
/// It runs nothing itself: ``next()`` names a case, ``take(_:)`` hears what it did. First come the
/// cases of the past, then new ones; a failure is run again, made simpler, run again, and looked
/// at for values that do not matter.
struct PropertySearch {
    private enum Phase {
        case replaying(Int)
        case generating
        /// A failure that has to happen again before anything is built on it.
        case confirming(CaseRecord)
        case shrinking(Shrinker)
        /// A minimal case that has to happen again, now with its values as text.
        case describing(CaseRecord)
        case explaining(Explainer)
        case finished
    }

    private let name: String
    private let seed: UInt64
    private let tokens: [ReplayToken]
    /// The one case to run and nothing else, where there is one.
    private let regression: RegressionScope?
    private let site: CallSite
    /// Found when the first failure is described.
    private var caller: PropertyCaller?
    private let settings: PropertySettings
    private var seeds: SeededGenerator
    private var phase: Phase
    private var tally = SearchTally()
    var shrinkTime: ShrinkTime
    private var marks: [String: Bool] = [:]
    private var guide: SearchGuide?
    /// The simplest known case of each failure that was not made simpler yet.
    private var found: [CaseRecord] = []
    private var failures: [MinimalFailure] = []
    private var origins: Set<FailureOrigin> = []
    private var unrepeatable: UnrepeatableCase?
    /// Why the one case to run counts for nothing; nil where it counts.
    private var discarded: CaseStop?

    /// - Throws: ``PropertyError/token(_:_:)`` and ``PropertyError/corpus(_:_:)``.
    init(
        _ name: String,
        tokens: [String],
        settings: PropertySettings,
        site: CallSite,
        regression: RegressionScope? = RegressionScope.current,
        scope: PropertyScope? = PropertyScope.current
    ) throws(PropertyError) {
        let settings = scope?.settings(settings) ?? settings
        let given = scope?.tokens(of: name, and: tokens) ?? tokens
        self.name = name
        self.settings = settings
        shrinkTime = ShrinkTime(durationMax: settings.shrinkDurationMax)
        self.site = site
        self.regression = regression
        var decoded: [ReplayToken] = []
        for token in regression?.tokens(of: name) ?? given {
            do throws(ReplayTokenError) {
                decoded.append(try ReplayToken(token))
            } catch {
                // Also where the caller keeps it to itself.
                regression?.fail(.token(name, error))
                throw .token(name, error)
            }
        }
        if regression == nil, let corpus = settings.corpus {
            do throws(CorpusError) {
                decoded += try corpus.cases(of: name)
            } catch {
                throw .corpus(name, error)
            }
        }
        self.tokens = decoded
        var system = SystemRandomNumberGenerator()
        seed = settings.seed ?? system.next()
        seeds = SeededGenerator(seed: seed)
        if settings.isGuided { guide = SearchGuide(seed: seed) }
        phase = .replaying(0)
        if let regression, regression.property != name { phase = .finished }
        let (product, overflow) = settings.caseCountMax
            .multipliedReportingOverflow(by: Self.attemptFactor)
        tally.attemptCountMax = overflow ? .max : product
    }

    /// The next case to run; nil when the search is over.
    mutating func next() -> CasePlan? {
        while true {
            switch phase {
            case .replaying(let index):
                if index < tokens.count { return repeating(tokens[index].choices) }
                if index == 0, regression?.script != nil { return repeating([]) }
                phase = regression == nil ? .generating : .finished
            case .generating:
                if let plan = generated() { return plan }
                confirmNextFailure()
            case .confirming(let record): return repeating(record.choices)
            case .shrinking(var shrinker):
                // Taken out while it changes, so that it is never copied.
                phase = .finished
                if shrinkTime.isLeft(), let choices = shrinker.next() {
                    // A longer case could not be simpler.
                    let choiceCountMax = shrinker.target.choices.count
                    phase = .shrinking(shrinker)
                    return repeating(choices, choiceCountMax: choiceCountMax)
                }
                leave(shrinker)
            case .describing(let record):
                if caller == nil { caller = PropertyCaller(site) }
                return repeating(record.choices, isDescribed: true)
            case .explaining(var explainer):
                phase = .finished
                if shrinkTime.isLeft(), let plan = explainer.next() {
                    phase = .explaining(explainer)
                    return plan
                }
                add(explainer.failure)
                confirmNextFailure()
            case .finished: return nil
            }
        }
    }

    /// Takes what the case that ``next()`` named did.
    mutating func take(_ record: CaseRecord) {
        tally.executionCount += 1
        switch phase {
        case .replaying(let index):
            if case .discarded(let reason) = record.status { discarded = CaseStop(reason) }
            phase = record.origin == nil ? .replaying(index + 1) : .confirming(record)
        case .generating: takeGenerated(record)
        case .confirming(let first):
            guard record.isRepeated(by: first), let origin = record.origin else {
                return give(up: first, record)
            }
            origins.insert(origin)
            guard regression == nil else {
                phase = .describing(record)
                return
            }
            shrinkTime.begin()
            phase = .shrinking(
                Shrinker(
                    record,
                    origin: origin,
                    executionCountMax: settings.shrinkExecutionCountMax
                )
            )
        case .shrinking(var shrinker):
            phase = .finished
            shrinker.take(record)
            phase = .shrinking(shrinker)
            keep(record)
        case .describing(let minimal):
            guard record.isRepeated(by: minimal) else { return give(up: minimal, record) }
            guard regression == nil else {
                failures.append(MinimalFailure(record, token: tokens.isEmpty ? "" : nil))
                phase = .finished
                return
            }
            let seed = seeds.next()
            phase = .explaining(Explainer(record, seed: seed, settings.choiceCountMax))
        case .explaining(var explainer):
            phase = .finished
            explainer.take(record)
            phase = .explaining(explainer)
            keep(record)
        case .finished: break
        }
    }

    /// Whether no case is left.
    var isFinished: Bool {
        var search = self
        return search.next() == nil
    }

    /// Leaves a failure as it is, because every further case would cost too much.
    mutating func settle() {
        switch phase {
        case .generating: tally.isExhausted = true
        case .shrinking(let shrinker): leave(shrinker)
        case .explaining(let explainer):
            add(explainer.failure)
            found = []
            phase = .finished
        default: break
        }
    }

    private mutating func leave(_ shrinker: Shrinker) {
        tally.shrinkExecutionCount += shrinker.executionCount
        phase = .describing(shrinker.target)
    }

    private func repeating(
        _ choices: [Choice],
        isDescribed: Bool = false,
        choiceCountMax: Int? = nil
    ) -> CasePlan {
        CasePlan(
            choices: choices,
            isDescribed: isDescribed,
            style: caller?.literals ?? SwiftLiteralStyle(),
            script: regression?.script,
            choiceCountMax: choiceCountMax ?? settings.choiceCountMax
        )
    }
}

extension PropertySearch {
    /// How many cases are tried for one that passes, before the search is given up.
    private static let attemptFactor = 10
    /// How many more cases are tried after a failure, for others and for shorter ones.
    private static let furtherAttemptCount = 50

    /// A new case: first the simplest of all, then random ones.
    private mutating func generated() -> CasePlan? {
        let isEnough =
            tally.passedCount >= settings.caseCountMax
            || tally.attemptCount >= tally.attemptCountMax
        // A property that draws nothing has one case.
        guard !isEnough, !tally.isExhausted else { return nil }
        tally.attemptCount += 1
        let isFirst = tally.attemptCount == 1
        var plan = CasePlan(
            tail: isFirst ? .simplest : .random(seed: seeds.next()),
            isRecorded: false,
            choiceCountMax: settings.choiceCountMax
        )
        guide?.lead(&plan, isFirst: isFirst)
        return plan
    }

    private mutating func takeGenerated(_ record: CaseRecord) {
        // What a discarded case came to was not looked at to its end.
        for (name, isTrue) in record.marks {
            marks[name] = (marks[name] ?? false) || (isTrue && !record.isDiscarded)
        }
        switch record.status {
        case .passed:
            guide?.take(record)
            tally.passedCount += 1
            tally.isExhausted = record.choices.isEmpty
        case .discarded:
            tally.discardedCount += 1
            tally.isExhausted = record.choices.isEmpty
        case .failed:
            // What comes now is to find other failures and shorter cases, which chance does well.
            guide = nil
            tally.passedCountBefore = tally.passedCountBefore ?? tally.passedCount
            keep(record)
            tally.isExhausted = record.choices.isEmpty || settings.failureCountMax < 2
            tally.attemptCountMax = min(
                tally.attemptCountMax,
                tally.attemptCount + Self.furtherAttemptCount
            )
        }
    }

    /// Keeps a failure that is not the one at hand, for later.
    private mutating func keep(_ record: CaseRecord) {
        guard let origin = record.origin, !origins.contains(origin) else { return }
        if let place = found.firstIndex(where: { $0.origin == origin }) {
            if record.choices.count < found[place].choices.count { found[place] = record }
        } else {
            found.append(record)
        }
    }

    private mutating func add(_ failure: MinimalFailure) {
        var failure = failure
        failure.property = name
        failure.caller = caller
        failures.append(failure)
    }

    private mutating func confirmNextFailure() {
        let isNext = failures.count < settings.failureCountMax && !found.isEmpty
        phase = isNext ? .confirming(found.removeFirst()) : .finished
    }

    private mutating func give(up first: CaseRecord, _ second: CaseRecord) {
        // Beside a failure that can be repeated, it is not worth a word.
        guard failures.isEmpty else { return confirmNextFailure() }
        unrepeatable = UnrepeatableCase(
            property: name,
            seed: seed,
            first: FailureText.outcome(of: first),
            second: FailureText.outcome(of: second),
            differsInDraws: first.choices != second.choices
        )
        phase = .finished
    }

    /// What came out; failures are kept for the next time.
    ///
    /// - Throws: ``PropertyError``.
    func summary() throws(PropertyError) -> PropertySummary {
        if let regression { return try summary(of: regression) }
        return try newSummary()
    }

    /// What came out of the one case that was to be run.
    private func summary(
        of regression: RegressionScope
    ) throws(PropertyError) -> PropertySummary {
        let isChecked = regression.property == name
        do throws(PropertyError) {
            if !failures.isEmpty || unrepeatable != nil { _ = try newSummary() }
            if let discarded { throw .discarded(name, discarded) }
        } catch {
            regression.fail(error)
            throw error
        }
        if isChecked { regression.pass() }
        return PropertySummary(
            seed: seed,
            passedCount: isChecked ? 1 : 0,
            discardedCount: 0
        )
    }

    /// Keeps the failures; those of a regression are kept already.
    private var news: [CorpusNews] {
        guard regression == nil else { return [] }
        return failures.compactMap { settings.corpus?.news(of: $0, in: name) }
    }

    private func newSummary() throws(PropertyError) -> PropertySummary {
        if !failures.isEmpty {
            throw .falsified(
                PropertyReport(
                    site: site,
                    property: name,
                    seed: seed,
                    failures: failures,
                    passedCount: tally.passedCountBefore ?? tally.passedCount,
                    executionCount: tally.executionCount,
                    shrinkExecutionCount: tally.shrinkExecutionCount,
                    shrinkDurationMax: shrinkTime.isOver ? settings.shrinkDurationMax : nil,
                    corpusNews: news
                )
            )
        }
        if let unrepeatable { throw .notRepeatable(unrepeatable) }
        let summary = PropertySummary(
            seed: seed,
            passedCount: tally.passedCount,
            discardedCount: tally.discardedCount
        )
        if tally.passedCount < settings.caseCountMax, tally.discardedCount > 0,
            tally.discardedCount > 9 * tally.passedCount
        {
            throw .tooManyDiscarded(name, summary)
        }
        let never = marks.filter { !$0.value }.keys.sorted()
        if !never.isEmpty { throw .neverTrue(name, never, summary) }
        return summary
    }
}

/// What a search has counted.
private struct SearchTally {
    var attemptCount = 0
    var attemptCountMax = 0
    var passedCount = 0
    /// How many of them came before the first failure.
    var passedCountBefore: Int?
    var discardedCount = 0
    /// Every run of the property.
    var executionCount = 0
    var shrinkExecutionCount = 0
    /// Whether there is only one case, because nothing is drawn.
    var isExhausted = false
}
