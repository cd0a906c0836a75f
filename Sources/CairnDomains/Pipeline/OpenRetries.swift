package import CairnCore

/// A try that is due: plain data.
package struct DueTry: Hashable, Sendable {
    /// The row that is shown for it.
    package let position: Position
    package let nextRetryAt: Timestamp

    package init(position: Position, nextRetryAt: Timestamp) {
        self.position = position
        self.nextRetryAt = nextRetryAt
    }

    /// The try that a row asks for; nil where it is no failure that may be tried again at a time.
    package init?(failure step: PipelineStep, at position: Position) {
        guard step.status == .failed, step.isRetryable, let nextRetryAt = step.nextRetryAt else {
            return nil
        }
        self.init(position: position, nextRetryAt: nextRetryAt)
    }
}

/// The order of a request's events: by `sequence_no`, and by position where that repeats.
package struct EventOrder: Comparable, Sendable {
    package let number: Int64
    package let position: Position

    package init(_ scanned: ScannedStep) {
        number = scanned.order
        position = scanned.header.position
    }

    package init(number: Int64, position: Position) {
        self.number = number
        self.position = position
    }

    package static func < (left: EventOrder, right: EventOrder) -> Bool {
        (left.number, left.position) < (right.number, right.position)
    }
}

/// For each stage of each request, what its rows leave to be tried again.
///
/// Rows may come in any order; each is compared by its place in the order of the source.
package struct OpenRetries: Sendable {
    /// The rows of one stage that decide, and where the request's next stage is noted.
    private struct Stage {
        let stage: UInt32
        let next: Int32
        /// The last row that began, completed or skipped the stage.
        var closing: EventOrder?
        var failure: Attempt?
        /// The last `RETRY_SCHEDULED` that names a time.
        var plan: Attempt?
    }

    /// A row that may lead to another try, and when; nil for one that does not.
    private struct Attempt {
        let order: EventOrder
        let nextRetryAt: Timestamp?
    }

    private var stages: [Stage] = []
    /// The first stage of each request, counted from 1, and where the request ended last.
    private var requests = StreamMap<(head: Int32, end: EventOrder?)>()

    package init() {}

    package mutating func take(_ scanned: ScannedStep, stage: UInt32, isEnd: Bool) {
        let order = EventOrder(scanned)
        let step = scanned.step
        let stream = scanned.header.streamNumber
        if isEnd {
            let known = requests[stream, default: (0, nil)].end
            requests[stream, default: (0, nil)].end = max(known ?? order, order)
        }
        switch step.status {
        case .started, .completed, .skipped:
            let index = index(of: stage, in: stream)
            stages[index].closing = max(stages[index].closing ?? order, order)
        case .failed:
            let nextRetryAt = step.isRetryable ? step.nextRetryAt : nil
            let index = index(of: stage, in: stream)
            if let known = stages[index].failure, order < known.order { return }
            stages[index].failure = Attempt(order: order, nextRetryAt: nextRetryAt)
        case .retryScheduled where step.nextRetryAt != nil:
            let index = index(of: stage, in: stream)
            if let known = stages[index].plan, order < known.order { return }
            stages[index].plan = Attempt(order: order, nextRetryAt: step.nextRetryAt)
        // A plan without a time and a word that says nothing leave a stage as it was.
        case .retryScheduled, .other: break
        }
    }

    /// Forgets a request: nothing of it is to be tried again.
    package mutating func remove(_ stream: StreamNumber) {
        if requests.index(of: stream) != nil { requests[stream, default: (0, nil)] = (0, nil) }
    }

    private mutating func index(of stage: UInt32, in stream: StreamNumber) -> Int {
        let head = requests[stream, default: (0, nil)].head
        var index = Int(head)
        while index > 0 {
            if stages[index - 1].stage == stage { return index - 1 }
            index = Int(stages[index - 1].next)
        }
        stages.append(Stage(stage: stage, next: head))
        requests[stream, default: (0, nil)].head = Int32(truncatingIfNeeded: stages.count)
        return stages.count - 1
    }

    /// The tries that are due at an instant.
    package func due(at now: Timestamp) -> [DueTry] {
        var due: [DueTry] = []
        for request in requests.values { addDue(of: request, at: now, to: &due) }
        return due
    }

    /// The tries of a request that are due at an instant.
    package func due(of stream: StreamNumber, at now: Timestamp) -> [DueTry] {
        var due: [DueTry] = []
        if requests.index(of: stream) != nil {
            addDue(of: requests[stream, default: (0, nil)], at: now, to: &due)
        }
        return due
    }

    private func addDue(
        of request: (head: Int32, end: EventOrder?),
        at now: Timestamp,
        to due: inout [DueTry]
    ) {
        var index = Int(request.head)
        while index > 0 {
            let stage = stages[index - 1]
            if let next = Self.next(stage, end: request.end), next.nextRetryAt <= now {
                due.append(next)
            }
            index = Int(stage.next)
        }
    }

    /// The try that a stage waits for: when its last plan says, or else its open failure.
    private static func next(_ stage: Stage, end: EventOrder?) -> DueTry? {
        func isOpen(_ attempt: Attempt) -> Bool {
            if let end, attempt.order <= end { return false }
            return stage.closing.map { $0 < attempt.order } ?? true
        }
        let failure = stage.failure.flatMap { isOpen($0) ? $0 : nil }
        if let plan = stage.plan, isOpen(plan), failure.map({ $0.order < plan.order }) ?? true,
            let nextRetryAt = plan.nextRetryAt
        {
            // The failure says what went wrong; a plan without one stands for itself.
            return DueTry(
                position: (failure ?? plan).order.position,
                nextRetryAt: nextRetryAt
            )
        }
        guard let failure, let nextRetryAt = failure.nextRetryAt else { return nil }
        return DueTry(position: failure.order.position, nextRetryAt: nextRetryAt)
    }
}
