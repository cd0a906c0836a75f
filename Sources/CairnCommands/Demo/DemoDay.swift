internal import CairnCore
internal import CairnDomains

/// A day of prior-authorization requests, the same on every machine and in every run.
struct DemoDay {
    static let requestCount = 200
    private static let seed: UInt64 = 20_251_225
    /// 2025-12-25T06:00:00Z.
    private static let begin = Timestamp(nanoseconds: 1_766_642_400_000_000_000)
    /// 2025-12-25T18:00:00Z: what would happen later has not happened yet.
    static let end = begin.adding(.seconds(43_200))

    /// One event and the request it belongs to.
    struct Row {
        let request: String
        let event: PipelineEvent
    }

    /// All events in the order in which they were recorded.
    let rows: [Row]
    let stuckRequest: String
    let retriedRequest: String
    let reopenedRequest: String
    /// An instant at which the reopened request had ended and was not reopened yet.
    let endOfFirstPart: Timestamp

    init() {
        var random = DemoRandom(seed: Self.seed)
        var rows: [Row] = []
        var special: [Int: String] = [:]
        for (index, start) in Self.arrivals(&random).enumerated() {
            let number = String(100_000 + index + 1).dropFirst()
            let code = index == 0 ? "ABC123" : random.code(characterCount: 6)
            var request = DemoRequest(
                id: "PAGW-20251225-\(number)-\(code)",
                tenant: random.happens(percent: 75) ? "anthem" : "bluepeak",
                at: start,
                random: DemoRandom(seed: random.next())
            )
            if Self.special[index] != nil { special[index] = request.id }
            request.tell(Self.special[index] ?? Self.story(&random))
            rows += request.events.filter { $0.createdAt <= Self.end }
                .map { Row(request: request.id, event: $0) }
        }
        // Numbers break ties, so that a request's events keep their order.
        self.rows = rows.enumerated().sorted { left, right in
            let (a, b) = (left.element.event.createdAt, right.element.event.createdAt)
            return a == b ? left.offset < right.offset : a < b
        }.map(\.element)
        retriedRequest = special[Self.retriedIndex] ?? ""
        reopenedRequest = special[Self.reopenedIndex] ?? ""
        stuckRequest = special[Self.stuckIndex] ?? ""
        let reopened = reopenedRequest
        let firstEnd = self.rows.first {
            $0.request == reopened && $0.event.eventType == "WORKFLOW_COMPLETE"
        }
        let hour = TimeSpan.seconds(3_600)
        endOfFirstPart = firstEnd?.event.createdAt.wholeSeconds.adding(hour) ?? Self.end
    }

    private static let retriedIndex = 0
    private static let reopenedIndex = 41
    private static let stuckIndex = 143
    private static let special: [Int: DemoRequest.Story] = [
        retriedIndex: .retried(failureCount: 2),
        reopenedIndex: .reopened,
        stuckIndex: .stuck,
        requestCount - 1: .waiting,
    ]

    /// When requests come: most of them around noon, the last one minutes before the end.
    private static func arrivals(_ random: inout DemoRandom) -> [Timestamp] {
        let starts = (1..<requestCount).map { _ in
            begin.adding(.milliseconds(random.below(20_900_000) + random.below(20_900_000)))
        }
        return starts.sorted() + [end.adding(.seconds(-480))]
    }

    private static func story(_ random: inout DemoRandom) -> DemoRequest.Story {
        switch random.below(100) {
        case ..<9: .retried(failureCount: 1)
        case ..<12: .retried(failureCount: 2)
        case ..<17: .invalid
        default: .plain
        }
    }
}

extension Timestamp {
    /// The second that has begun, so that it reads well.
    fileprivate var wholeSeconds: Timestamp {
        Timestamp(nanoseconds: nanoseconds / 1_000_000_000 * 1_000_000_000)
    }
}
