internal import CairnCore
internal import CairnDomains
internal import CairnJournal

extension PipelineComparison {
    /// What the lists of stuck requests and of due retries say differently.
    func listAnswers(
        upTo bound: Position,
        now: Timestamp
    ) async throws(IncidentError) -> [(request: String, answer: PipelineAnswer)] {
        let before = PipelineView(journal, asOf: bound, definition: old)
        let after = PipelineView(journal, asOf: bound, definition: new)
        // One pass for what both lists say by both definitions.
        var latest = StreamMap<LatestStep>()
        var (oldTries, newTries) = (StageTries(old), StageTries(new))
        try await before.scan(tenant: nil, upTo: bound) { scanned, frame in
            let step = LatestStep(scanned)
            latest[scanned.header.streamNumber, default: step].take(step)
            oldTries.take(scanned, frame)
            newTries.take(scanned, frame)
            return .proceed
        }
        func stuck(_ view: PipelineView) async throws(IncidentError) -> [ExactText: String] {
            let rest = Rest(view.definition, now: now, usesDeadlines: true)
            let positions = rest.positions(of: latest.values)
            return Self.reasons(try await view.stuckRows(at: positions, rest, bound))
        }
        func retries(
            _ view: PipelineView,
            _ tries: StageTries
        ) async throws(IncidentError) -> [ExactText: String] {
            Self.counts(try await view.retryRows(of: tries.open.due(at: now), limit: .max))
        }
        return Self.changes(.stuck, from: try await stuck(before), to: try await stuck(after))
            + Self.changes(
                .retry,
                from: try await retries(before, oldTries),
                to: try await retries(after, newTries)
            )
    }

    /// The requests with other answers, by the bytes of their names; no answer is "no".
    private static func changes(
        _ kind: PipelineAnswer.Kind,
        from before: [ExactText: String],
        to after: [ExactText: String]
    ) -> [(request: String, answer: PipelineAnswer)] {
        let requests = Set(before.keys).union(after.keys).map(\.text)
        return requests.sorted { $0.hasBytes(before: $1) }.compactMap { request in
            let (old, new) = (before[ExactText(request)], after[ExactText(request)])
            guard old != new else { return nil }
            return (
                request, PipelineAnswer(kind: kind, before: old ?? "no", after: new ?? "no")
            )
        }
    }

    private static func reasons(_ rows: [StuckRow]) -> [ExactText: String] {
        Dictionary(
            rows.map { (ExactText($0.requestID), $0.reason.rawValue) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    private static func counts(_ rows: [RetryRow]) -> [ExactText: String] {
        let counts = Dictionary(grouping: rows) { ExactText($0.requestID) }.mapValues(\.count)
        return counts.mapValues { $0 == 1 ? "yes" : "yes, \($0)" }
    }
}

/// What becomes of requests in flight, counted as they come.
struct ComparisonConsequences {
    private struct Count {
        var count = 0
        /// The one with the least number, which began first.
        var first: StreamNumber

        mutating func take(_ stream: StreamNumber) {
            count += 1
            first = min(first, stream)
        }
    }

    private var inFlight: Set<StreamNumber> = []
    private var breaks: [PipelineBreak: Count] = [:]
    private var answers: [PipelineAnswer: Count] = [:]

    mutating func take(
        _ stream: StreamNumber,
        _ old: PipelineState,
        _ new: PipelineState,
        by rules: DefinitionPair
    ) {
        inFlight.insert(stream)
        for broken in PipelineBreak.all(old, new, by: rules) {
            breaks[broken, default: Count(first: stream)].take(stream)
        }
        for answer in PipelineAnswer.all(old, new, by: rules) { take(answer, of: stream) }
    }

    /// Takes an answer; of requests that are not in flight, or not selected, none is taken.
    mutating func take(_ answer: PipelineAnswer, of stream: StreamNumber) {
        guard inFlight.contains(stream) else { return }
        answers[answer, default: Count(first: stream)].take(stream)
    }

    /// What was counted, in the order of kinds, then the most frequent first.
    func counts(
        _ name: (StreamNumber) async throws(IncidentError) -> String
    ) async throws(IncidentError) -> ([CountedBreak], [CountedAnswer]) {
        var countedBreaks: [CountedBreak] = []
        for kind in PipelineBreak.Kind.allCases {
            for (value, count) in Self.sorted(breaks.filter { $0.key.kind == kind }) {
                let example = try await name(count.first)
                countedBreaks.append(
                    CountedBreak(value: value, requestCount: count.count, example: example)
                )
            }
        }
        var countedAnswers: [CountedAnswer] = []
        for kind in PipelineAnswer.Kind.allCases {
            for (value, count) in Self.sorted(answers.filter { $0.key.kind == kind }) {
                let example = try await name(count.first)
                countedAnswers.append(
                    CountedAnswer(value: value, requestCount: count.count, example: example)
                )
            }
        }
        return (countedBreaks, countedAnswers)
    }

    /// No order may come from hashing: what is counted as often, and began with the same request,
    /// is told apart by its words.
    private static func sorted<Key: Worded>(_ counts: [Key: Count]) -> [(Key, Count)] {
        counts.map { ($0.key, $0.value) }.sorted { left, right in
            if left.1.count != right.1.count { return left.1.count > right.1.count }
            if left.1.first != right.1.first { return left.1.first < right.1.first }
            return left.0.words.hasBytes(before: right.0.words)
        }
    }
}

private protocol Worded: Hashable {
    var words: String { get }
}

extension PipelineBreak: Worded {
    fileprivate var words: String { word }
}

extension PipelineAnswer: Worded {
    fileprivate var words: String { "\(before)\n\(after)" }
}
