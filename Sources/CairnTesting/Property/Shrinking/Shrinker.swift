/// Makes a failing case simpler until none of its passes can.
///
/// It runs nothing itself: ``next()`` names a case to run and ``take(_:)`` hears what it did, so
/// that one implementation serves properties that wait and those that do not.
struct Shrinker {
    /// The simplest case that is known to fail.
    private(set) var target: CaseRecord
    private(set) var executionCount = 0
    /// How many cases had run when the target last changed.
    private var progressCount = 0
    private let origin: FailureOrigin
    private let executionCountMax: Int
    private var passes: [PassState]
    private var passIndex = 0
    /// Steps of the current visit of a pass that changed nothing, in a row, and all of them.
    private var failureCount = 0
    private var visitCount = 0
    private var stepTarget: CaseRecord
    private var answers: [ShrinkAnswer] = []
    private var known: [[Choice]: CaseRecord] = [:]
    private var knownNodeCount = 0
    private var pending: (candidate: [Choice], against: CaseRecord)?

    private struct PassState {
        let pass: ShrinkPass
        var position = 0
        /// How many steps have changed nothing since something last did.
        var unchangedCount = 0
    }

    /// A pass that does not get on makes room for the next before it has tried everything.
    private static let failureCountMax = 30
    /// How many cases without any progress are enough, beside as many as there were before.
    private static let stallCountMax = 1_000
    /// Bounds what the cases kept for later hold in memory.
    private static let knownNodeCountMax = 1 << 18

    /// Starts from a failure, which has to be a recorded one.
    init(
        _ failure: CaseRecord,
        origin: FailureOrigin,
        executionCountMax: Int,
        passes: [ShrinkPass] = ShrinkPass.all
    ) {
        target = failure
        stepTarget = failure
        self.origin = origin
        self.executionCountMax = executionCountMax
        self.passes = passes.map { PassState(pass: $0) }
    }

    /// The choices of the next case to run; nil once there is nothing left to try.
    mutating func next() -> [Choice]? {
        while executionCount < executionCountMax, !isStalled, let index = currentPass() {
            let state = passes[index]
            var step = ShrinkStep(target: stepTarget, answers: answers)
            do throws(Undecided) {
                try state.pass.run(&step, state.position)
                finishStep(index)
            } catch {
                if let answer = answer(to: error.candidate, target: step.target) {
                    take(answer)
                    continue
                }
                pending = (error.candidate, step.target)
                executionCount += 1
                return error.candidate
            }
        }
        return nil
    }

    /// Takes what the case that ``next()`` named did.
    mutating func take(_ record: CaseRecord) {
        guard let (candidate, against) = pending else { return }
        pending = nil
        remember(record, as: candidate)
        take(judge(record, against: against))
    }

    private mutating func take(_ answer: ShrinkAnswer) {
        answers.append(answer)
        guard answer.isAccepted, let record = answer.record else { return }
        target = record
        progressCount = executionCount
    }

    /// Whether a large case has been tried in so many ways that the rest is unlikely to help.
    private var isStalled: Bool {
        executionCount - progressCount >= Self.stallCountMax + progressCount
    }

    /// The pass whose turn it is; nil once every pass has tried everything on the target.
    private mutating func currentPass() -> Int? {
        guard answers.isEmpty else { return passIndex }
        for _ in 0...passes.count {
            let positionCount = passes[passIndex].pass.positionCount(target)
            let isExhausted = passes[passIndex].unchangedCount >= positionCount
            if !isExhausted, failureCount < Self.failureCountMax, visitCount <= positionCount {
                if passes[passIndex].position >= positionCount { passes[passIndex].position = 0 }
                return passIndex
            }
            passIndex = (passIndex + 1) % passes.count
            failureCount = 0
            visitCount = 0
        }
        return nil
    }

    private mutating func finishStep(_ index: Int) {
        visitCount += 1
        if target === stepTarget {
            passes[index].position += 1
            passes[index].unchangedCount += 1
            failureCount += 1
        } else {
            // Stays where it is: what stands here now has not been tried.
            for place in passes.indices { passes[place].unchangedCount = 0 }
            failureCount = 0
        }
        stepTarget = target
        answers = []
    }

    /// What is known about a candidate without running it.
    private func answer(to candidate: [Choice], target: CaseRecord) -> ShrinkAnswer? {
        // Neither the same nor a longer case can be simpler.
        if candidate.count > target.choices.count || candidate == target.choices {
            return ShrinkAnswer(record: nil, isAccepted: false)
        }
        return known[candidate].map { judge($0, against: target) }
    }

    private func judge(_ record: CaseRecord, against target: CaseRecord) -> ShrinkAnswer {
        let isAccepted =
            record.origin == origin && record.nodes.isSimpler(than: target.nodes)
        return ShrinkAnswer(record: record, isAccepted: isAccepted)
    }

    private mutating func remember(_ record: CaseRecord, as candidate: [Choice]) {
        knownNodeCount += record.nodes.count + candidate.count
        if knownNodeCount > Self.knownNodeCountMax {
            known = [:]
            knownNodeCount = 0
        }
        known[candidate] = record
        known[record.choices] = record
    }
}

/// One way to make cases simpler.
struct ShrinkPass: Sendable {
    let name: String
    /// How many places of a case it can be tried at.
    let positionCount: @Sendable (CaseRecord) -> Int
    /// Tries it at one place, which may be too large by now.
    let run: @Sendable (inout ShrinkStep, Int) throws(Undecided) -> Void

    /// Every pass, those that shorten a case first.
    static let all: [ShrinkPass] =
        [.removeDiscarded, .deleteSpans, .simplestSpans]
        + (1...5).reversed().map { .deleteChoices($0) }
        + [
            .deleteReferred, .passToDescendant, .reorderSpans, .lowerDuplicates, .lowerEach,
            .redistribute, .lowerTogether, .exchangeValues, .joinSpans,
            .deleteWithRest, .lowerToAny,
        ]
}
