internal import CairnCore
internal import CairnDomains

/// The way of one request, in the order of the source, and where it left its path.
struct JudgedPath {
    /// The steps by `sequence_no`, and by position where that repeats, as a timeline has them.
    let steps: [PathStep]
    /// For each of them, whether nothing declared allows what it does.
    let undeclared: [Bool]
    /// Whether the request has ended and was not reopened since.
    let isTerminal: Bool
    /// Whether it should have ended: the definition says how, and lists some name of the request.
    let hasDeclaredEnd: Bool
    /// All departures, by kind and then in the order of the steps.
    private(set) var found: [Found] = []

    struct Found {
        let kind: DepartureKind
        /// Which step shows it.
        let step: Int
        let at: Timestamp
        /// The stage that was skipped, by its place in the definition.
        var stage: Int?
    }

    /// Judges a request.
    ///
    /// - Parameters:
    ///   - history: Its steps in the order in which they came; at least one.
    ///   - path: The rules.
    ///   - now: The instant up to which the last step counts as resting.
    /// - Complexity: A fold of the steps by the machine, and sorting them.
    init(_ history: [PathStep], by path: DeclaredPath, now: Timestamp) {
        var state = path.machine.initial
        var judged: [(step: PathStep, kinds: PipelineAnomaly.Kinds)] = []
        judged.reserveCapacity(history.count)
        for step in history {
            let event = path.event(of: step)
            judged.append((step, path.machine.anomalies(of: event, in: state)))
            path.machine.evolve(&state, by: event)
        }
        judged.sort { $0.step.order < $1.step.order }
        steps = judged.map(\.step)
        undeclared = judged.map(\.kinds.areOfPath)
        isTerminal = state.isTerminal
        hasDeclaredEnd =
            path.namesEnds
            && history.contains { step in
                path.words[Int(step.stage)].stage != nil
                    || path.words[Int(step.eventType)].type != nil
            }
        for (index, (step, kinds)) in judged.enumerated() where !kinds.isEmpty {
            for kind in kinds.all {
                found.append(Found(kind: .anomaly(kind), step: index, at: step.createdAt))
            }
        }
        findSkippedStages(path)
        findOverruns(path, now: now)
        findMissingEnd(path, now: now)
    }

    /// Judges a stream of a machine.
    ///
    /// - Parameters:
    ///   - history: Its steps in the order in which they came.
    ///   - path: What the machine declares; nil for nothing, from which nothing departs.
    ///   - words: The names of events, by their numbers.
    init(_ history: [PathStep], along path: EventPath?, words: [String]) {
        var walk = PathWalk(path)
        var undeclared: [Bool] = []
        for (index, step) in history.enumerated() {
            let kind = walk.take(words[Int(step.eventType)])
            undeclared.append(kind != nil)
            if let kind { found.append(Found(kind: kind, step: index, at: step.createdAt)) }
        }
        steps = history
        self.undeclared = undeclared
        isTerminal = walk.hasEnded
        hasDeclaredEnd = path.map { !$0.ends.isEmpty } ?? false
    }

    private mutating func findSkippedStages(_ path: DeclaredPath) {
        var seen: Set<Int> = []
        for step in steps {
            if let stage = path.words[Int(step.stage)].stage { seen.insert(stage) }
        }
        var entered: Set<Int> = []
        var told: Set<Int> = []
        for (index, step) in steps.enumerated() {
            guard let stage = path.words[Int(step.stage)].stage,
                path.words[Int(step.eventType)].type?.mayComeAnytime != true,
                entered.insert(stage).inserted
            else { continue }
            for gate in path.gates(of: stage).reversed()
            where !seen.contains(gate) && told.insert(gate).inserted {
                found.append(
                    Found(kind: .skippedStage, step: index, at: step.createdAt, stage: gate)
                )
            }
        }
    }

    private mutating func findOverruns(_ path: DeclaredPath, now: Timestamp) {
        for (index, step) in steps.enumerated() {
            guard let deadline = path.words[Int(step.stage)].deadline else { continue }
            let isLast = index == steps.count - 1
            switch path.status(of: step) {
            case .started: break
            // What failed for good waits for nothing.
            case .failed where !isLast || step.isRetryable: break
            case .failed, .completed, .skipped, .retryScheduled, .other: continue
            }
            let next = isLast ? now : steps[index + 1].createdAt
            let due = step.createdAt.adding(deadline)
            guard due < next else { continue }
            found.append(Found(kind: .deadlineOverrun, step: index, at: due))
        }
    }

    private mutating func findMissingEnd(_ path: DeclaredPath, now: Timestamp) {
        guard hasDeclaredEnd, !isTerminal, let step = steps.last else { return }
        switch path.status(of: step) {
        case .completed, .skipped: break
        case .failed where !step.isRetryable: break
        case .failed, .started, .retryScheduled, .other: return
        }
        let rest = path.words[Int(step.stage)].deadline ?? DeclaredPath.restMax
        let due = step.createdAt.adding(rest)
        guard due < now else { return }
        found.append(Found(kind: .noTerminalEvent, step: steps.count - 1, at: due))
    }
}

extension JudgedPath {
    /// From the earliest `created_at` to the latest one.
    var duration: TimeSpan {
        let times = steps.map(\.createdAt)
        guard let first = times.min(), let last = times.max() else { return .zero }
        return last.since(first)
    }

    /// The runs of steps that count as one: each step by itself, or those in a row under one name.
    func visits(by level: PathLevel, foldingRepeats: Bool) -> [PathVisit] {
        var visits: [PathVisit] = []
        for (index, step) in steps.enumerated() {
            let word = level == .stage ? step.stage : step.eventType
            if foldingRepeats, let last = visits.last, last.word == word {
                visits[visits.count - 1].last = index
            } else {
                visits.append(PathVisit(word: word, first: index, last: index))
            }
        }
        return visits
    }
}

/// A run of steps under one name.
struct PathVisit {
    /// The number of the name.
    let word: UInt32
    let first: Int
    var last: Int
}
