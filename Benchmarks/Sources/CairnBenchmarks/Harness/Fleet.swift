/// Requests on their way through the pipeline, some thousand at a time, most of which end.
struct Fleet: Sendable {
    /// Which request an event is of, and which of its steps.
    struct Event: Sendable {
        let request: UInt32
        let step: UInt8
    }

    struct Step: Sendable {
        let stage: String
        let eventType: String
        /// 1 for started, 2 for completed, 3 for failed.
        let status: UInt8
        let attempt: Int64
    }

    static let openCount = 1_000
    /// Of so many requests two stay in the middle of their way for ever.
    private static let abandonedEach: UInt32 = 1_000

    /// Whether nothing follows an event.
    ///
    /// One request stays where it began a stage, one where it failed in one; both are of the
    /// tenant that is asked about.
    private static func isAbandoned(_ event: Event) -> Bool {
        switch event.request % abandonedEach {
        case 7: event.step == 13
        case 27: event.step == 10
        default: false
        }
    }
    static let spacing: Int64 = 10_000_000

    let events: [Event]
    /// How many requests there are.
    let requestCount: Int

    init(count: Int, seed: UInt64) {
        var state = seed | 1
        func next() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }
        var events: [Event] = []
        events.reserveCapacity(count)
        var requestCount: UInt32 = 0
        let openCount = min(Self.openCount, max(count / 400, 1))
        var open: [Event] = []
        while events.count < count {
            if open.count < openCount {
                open.append(Event(request: requestCount, step: 0))
                requestCount += 1
            }
            let slot = Int(next() >> 8) % open.count
            let event = open[slot]
            events.append(event)
            if Self.isAbandoned(event) || Int(event.step) + 1 == Self.steps.count {
                open.remove(at: slot)
            } else {
                open[slot] = Event(request: event.request, step: event.step + 1)
            }
        }
        self.events = events
        self.requestCount = Int(requestCount)
    }

    /// The 40 steps of a request: four of its stages fail at first, and some follow its end.
    static let steps: [Step] = {
        var steps = [
            Step(stage: "ORCHESTRATION", eventType: "WORKFLOW_START", status: 1, attempt: 1)
        ]
        func add(_ stage: String, _ prefix: String, failures: Int64 = 0) {
            for attempt in 1...failures + 1 {
                let isLast = attempt == failures + 1
                steps.append(
                    Step(
                        stage: stage,
                        eventType: "\(prefix)_START",
                        status: 1,
                        attempt: attempt
                    )
                )
                steps.append(
                    Step(
                        stage: stage,
                        eventType: isLast ? "\(prefix)_OK" : "\(prefix)_FAIL",
                        status: isLast ? 2 : 3,
                        attempt: attempt
                    )
                )
            }
        }
        add("PARSING", "PARSE", failures: 1)
        add("VALIDATION", "VAL")
        add("ENRICHMENT", "ENRICH", failures: 2)
        add("ATTACHMENT", "ATTACH")
        add("ATTACHMENT", "CDEX_PULL", failures: 2)
        add("CONVERSION", "CONVERT")
        add("API_CONNECTOR", "DOWNSTREAM", failures: 3)
        add("RESPONSE_BUILDER", "RESPONSE")
        add("CALLBACK_HANDLER", "CALLBACK")
        add("SUBSCRIPTION_HANDLER", "NOTIFY")
        add("OUTBOX_PUBLISHER", "PUBLISH")
        steps.append(
            Step(
                stage: "ORCHESTRATION",
                eventType: "WORKFLOW_COMPLETE",
                status: 2,
                attempt: 1
            )
        )
        return steps
    }()

    /// Positions to ask about, spread over the events.
    func moments(count: Int) -> [UInt64] {
        (0..<count).map { index in
            let spread = UInt64(index &* 2_654_435_761 &+ 97_531) & 0xFFFF_FFFF
            return 1 + (spread &* UInt64(events.count - 1)) >> 32
        }
    }

    /// Hashes of the requests that have begun or failed something last, as of each moment, and of
    /// all requests with how many events each has.
    func hashes(at moments: [UInt64]) -> (open: UInt64, all: UInt64) {
        var last = [UInt64](repeating: 0, count: requestCount)
        var taken = 0
        var open: [UInt64: UInt64] = [:]
        var all: [UInt64: UInt64] = [:]
        for moment in moments.sorted() where open[moment] == nil {
            while taken < Int(moment) {
                last[Int(events[taken].request)] = UInt64(taken + 1)
                taken += 1
            }
            var sums: (UInt64, UInt64) = (0, 0)
            for position in last where position > 0 {
                let step = Int(events[Int(position) - 1].step)
                if Self.steps[step].status != 2 { sums.0 &+= Self.mix(position) }
                sums.1 &+= Self.mix(UInt64(step + 1))
            }
            (open[moment], all[moment]) = sums
        }
        return moments.reduce((0, 0)) { sums, moment in
            (sums.0 &* 31 &+ (open[moment] ?? 0), sums.1 &* 31 &+ (all[moment] ?? 0))
        }
    }

    static func mix(_ value: UInt64) -> UInt64 {
        let product = (value &+ 1) &* 0x9E37_79B9_7F4A_7C15
        return product ^ product >> 29
    }
}
