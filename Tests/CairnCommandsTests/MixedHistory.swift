import Cairn
import CairnTestSupport
import CairnTesting

/// Events of all sources whose projections are kept, a few of each at a time.
struct MixedHistory {
    private var generator: SeededGenerator
    private var round = 0
    private var requests: [Int64] = [0, 0, 0, 0, 0]
    private var begun: [StreamID] = []

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func append(to journal: any Journal) async throws {
        round += 1
        try await appendRows(journal)
        try await appendActs(journal)
        try await appendItems(journal)
        try await appendTouches(journal)
        let log = SystemEvents(journal: journal)
        for _ in 0..<8 + generator.below(20) {
            let lead = LeadID(rawValue: Int64(generator.below(4)))
            if generator.isHit(1, outOf: 3) {
                try await log.error("round.number_\(round)", leadID: lead)
            } else {
                try await log.info("round.any", leadID: lead)
            }
        }
    }

    private mutating func appendRows(_ journal: any Journal) async throws {
        for _ in 0..<10 + generator.below(20) {
            let request = generator.below(requests.count)
            requests[request] += 1
            let isEnd = generator.isHit(1, outOf: 3)
            var event = PipelineEvent(
                tenant: "tenant-\(request % 2)",
                stage: ["PARSING", "VALIDATION", "ENRICHMENT"][generator.below(3)],
                eventType: isEnd ? "NOTIFY_OK" : "PARSE_OK",
                status: generator.isHit(1, outOf: 2) ? .completed : .failed,
                createdAt: Timestamp(nanoseconds: generator.draw(0...9) * 3_600_000_000_000)
            )
            event.sequenceNumber = requests[request]
            event.durationMilliseconds = generator.draw(0...5_000)
            event.metadata = Array(#"{"round":\#(round)}"#.utf8)
            try await journal.append(
                try event.newEvent(id: nil),
                to: try PipelineEvent.streamID(request: "R-\(request)")
            )
        }
    }

    private mutating func appendTouches(_ journal: any Journal) async throws {
        for number in 0..<3 + generator.below(4) {
            let user = "u-\(generator.below(3))"
            let attempt = TouchAttempt(queuedAt: 1, channel: .sms, event: "daily_reminder")
            let touch = try Touch(
                uid: try TouchUID("utbl_\(round)_\(number)"),
                user: user,
                fact: number == 0
                    ? .sendAttempt(attempt)
                    : .sendSuccess(parent: "utbl_\(round)_0", destination: "+1555010\(number)"),
                createdAt: Double(round * 100 + number)
            )
            try await journal.append(
                try touch.newEvent(),
                to: try TouchMachine.stream(of: user)
            )
        }
    }

    private mutating func appendActs(_ journal: any Journal) async throws {
        let sessions = PromptSessions(journal: journal)
        let session = try PromptSessionID("s-\(round)")
        let start = generator.draw(-5...5)
        try await sessions.join(
            session,
            of: try PromptSessionOwner(prompt: "p-\(round % 2)", user: "u-\(round % 3)"),
            at: try PromptTime(Double(start))
        )
        for _ in 0..<5 + generator.below(10) {
            let time = try PromptTime(Double(generator.draw(start * 10...600)) / 10)
            if generator.isHit(1, outOf: 2) {
                try await sessions.like(session, at: time)
            } else {
                try await sessions.numericResponse(
                    session,
                    rating: generator.draw(-3...9),
                    at: time
                )
            }
        }
    }

    /// Keys that begin in one round may be decided in a later one.
    private mutating func appendItems(_ journal: any Journal) async throws {
        let desk = ItemDesk(journal)
        if round == 1 {
            let worker = WorkerNumber(rawValue: 1)
            try await desk.give(.beginRun(job: "batch", worker), to: "batch")
        }
        for number in 0..<4 {
            let message = InteractionMessage(
                uuid: "i-\(round)-\(number)",
                customer: "c-\(number)",
                channel: .email
            )
            begun.append(
                try await desk.begin(
                    "key-\(round)-\(number)",
                    number < 2 ? message : nil,
                    job: "batch"
                )
            )
        }
        begun.shuffle(using: &generator)
        for _ in 0..<generator.below(begun.count) {
            let stream = begun.removeLast()
            if generator.isHit(1, outOf: 3) {
                try await desk.give(
                    .reject(.provider, isFinal: true, reason: "no", .standard),
                    to: stream
                )
            } else {
                try await desk.give(.accept(ItemAcceptance()), to: stream)
            }
        }
    }
}
