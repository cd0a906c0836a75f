internal import CairnCore
internal import CairnDomains

/// A stretch of time in a request: work, a wait for the next try, or a gap.
struct ReportSpan: Hashable, Sendable {
    enum Kind: Int64, Sendable {
        /// Something was at work in a stage.
        case work = 0
        /// A stage waited for its next try.
        case wait = 1
        /// Nothing was at work and no try was planned.
        case gap = 2
    }

    var kind: Kind
    /// The stage; nil for a gap.
    var lane: Int64?
    /// In microseconds since 1970.
    var start: Int64
    /// Where nothing ended it, the last instant that is known of the request.
    var end: Int64
    /// The place of the event that began it among the request's; nil where none did.
    var first: Int?
    /// The place of the event that ended it; nil where none did.
    var last: Int?
}

/// Finds out from a request's events what was at work when.
///
/// An event that starts something belongs to the one that ends it: by the definition where that
/// says which type another one starts, and else by their stage.
struct ReportSpans {
    private let definition: PipelineDefinition
    private let types: [ExactText: PipelineDefinition.EventType]
    /// The types that begin what another one ends; true where that may come at any time, as the
    /// end of the whole workflow does.
    private let starts: [ExactText: Bool]

    /// The least part of its request's time that a gap takes.
    static let gapFraction: Int64 = 20

    init(_ definition: PipelineDefinition) {
        self.definition = definition
        types = Dictionary(
            definition.eventTypes.map { (ExactText($0.name), $0) },
            uniquingKeysWith: { first, _ in first }
        )
        starts = Dictionary(
            definition.eventTypes.compactMap { type in
                type.startedBy.map { (ExactText($0), type.mayComeAnytime) }
            },
            uniquingKeysWith: { $0 && $1 }
        )
    }

    /// What was at work, in the order of the events that began it, and then the gaps.
    ///
    /// - Parameters:
    ///   - rows: A request's events, in the order in which they were recorded.
    ///   - lanes: The lane of each of them.
    /// - Returns: The spans.
    func spans(of rows: [EventRow], lanes: [Int64]) -> [ReportSpan] {
        var pairing = Pairing()
        let order = rows.indices.sorted { left, right in
            (rows[left].sequenceNumber, left) < (rows[right].sequenceNumber, right)
        }
        for index in order { take(rows[index], index, lanes[index], &pairing) }
        let times = rows.map(\.event.createdAt.microseconds)
        guard let first = times.min(), let last = times.max() else { return [] }
        pairing.close(at: last)
        return pairing.spans + gaps(in: pairing, times: times.sorted(), from: first, to: last)
    }

    private func take(_ row: EventRow, _ index: Int, _ lane: Int64, _ pairing: inout Pairing) {
        let event = row.event
        let word = ExactText(event.eventType)
        let time = event.createdAt.microseconds
        switch event.status {
        case .started:
            pairing.endWait(in: lane, at: time, by: index)
            let key = starts[word] == nil ? WorkKey(lane: lane) : WorkKey(lane: lane, type: word)
            pairing.begin(key, at: time, by: index, isAlongside: starts[word] ?? false)
        case .completed, .failed, .skipped:
            pairing.endWait(in: lane, at: time, by: index)
            let start = types[word]?.startedBy.map { ExactText($0) }
            let began = Self.begin(of: event)
            pairing.end(WorkKey(lane: lane, type: start), at: time, by: index, began: began)
            if event.status == .failed, event.isRetryable, let retryAt = event.nextRetryAt {
                pairing.wait(in: lane, from: time, by: index, until: retryAt.microseconds)
            }
        case .retryScheduled:
            pairing.wait(in: lane, from: time, by: index, until: event.nextRetryAt?.microseconds)
        case .other: break
        }
    }

    /// When what an event ends began, as far as the event alone tells.
    private static func begin(of event: PipelineEvent) -> Int64? {
        if let startedAt = event.startedAt { return startedAt.microseconds }
        return event.durationMilliseconds.map { duration in
            event.createdAt.adding(TimeSpan.milliseconds(duration).negated).microseconds
        }
    }

    /// The times in which nothing was at work, no try was planned and no event came.
    private func gaps(
        in pairing: Pairing,
        times: [Int64],
        from first: Int64,
        to last: Int64
    ) -> [ReportSpan] {
        let least = max((last - first) / Self.gapFraction, 1)
        let busy = zip(pairing.spans, pairing.isAlongside).filter { !$1 }.map(\.0)
        let covers = (busy.map { ($0.start, $0.end) } + times.map { ($0, $0) })
            .sorted { $0.0 < $1.0 }
        var gaps: [ReportSpan] = []
        var covered = first
        for (start, end) in covers {
            if start - covered >= least {
                gaps.append(ReportSpan(kind: .gap, start: covered, end: start))
            }
            covered = max(covered, end)
        }
        return gaps
    }
}

/// What a start and its end share.
private struct WorkKey: Hashable {
    let lane: Int64
    var type: ExactText?
}

/// The spans of a request so far, and those that have not ended.
private struct Pairing {
    private(set) var spans: [ReportSpan] = []
    /// For each span, whether it goes on beside the others.
    private(set) var isAlongside: [Bool] = []
    private var works: [WorkKey: Int] = [:]
    /// For each lane, its open wait and the planned end of that.
    private var waits: [Int64: (span: Int, until: Int64?)] = [:]

    mutating func begin(_ key: WorkKey, at time: Int64, by event: Int, isAlongside: Bool) {
        // What starts again without an end is two starts, the first one open until the second.
        if let open = works[key] { spans[open].end = max(spans[open].start, time) }
        works[key] = spans.count
        add(ReportSpan(kind: .work, lane: key.lane, start: time, end: time, first: event))
        self.isAlongside[spans.count - 1] = isAlongside
    }

    mutating func end(_ key: WorkKey, at time: Int64, by event: Int, began: Int64?) {
        if let open = works.removeValue(forKey: key) {
            spans[open].end = max(spans[open].start, time)
            spans[open].last = event
        } else if let began, began < time {
            add(ReportSpan(kind: .work, lane: key.lane, start: began, end: time, last: event))
        }
    }

    mutating func wait(in lane: Int64, from time: Int64, by event: Int, until: Int64?) {
        if let open = waits[lane] {
            waits[lane] = (open.span, until ?? open.until)
            return
        }
        waits[lane] = (spans.count, until)
        add(ReportSpan(kind: .wait, lane: lane, start: time, end: time, first: event))
    }

    mutating func endWait(in lane: Int64, at time: Int64, by event: Int) {
        guard let open = waits.removeValue(forKey: lane) else { return }
        spans[open.span].end = max(spans[open.span].start, time)
        spans[open.span].last = event
    }

    /// Ends what is open: work at the last known instant, a wait when it is planned to end.
    mutating func close(at last: Int64) {
        for open in works.values { spans[open].end = max(spans[open].start, last) }
        for open in waits.values {
            spans[open.span].end = max(spans[open.span].start, open.until ?? last)
        }
    }

    private mutating func add(_ span: ReportSpan) {
        spans.append(span)
        isAlongside.append(false)
    }
}
