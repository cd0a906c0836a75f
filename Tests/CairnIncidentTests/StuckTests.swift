import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import CairnServices
import Testing

struct StuckTests {
    private func reasons(_ history: History, minutes: Int64) async throws -> [String: StuckReason] {
        let view = PipelineView(try await history.journal())
        let rows = try await view.stuck(now: History.time(minutes: minutes))
        return Dictionary(uniqueKeysWithValues: rows.map { ($0.requestID, $0.reason) })
    }

    @Test func `a request is stuck from just after fifteen minutes on`() async throws {
        var history = History()
        history.add("PAGW-1", "PARSE_START", .started, minutes: 0)
        let view = PipelineView(try await history.journal())
        #expect(try await view.stuck(now: History.time(minutes: 15)).isEmpty)
        let rows = try await view.stuck(now: History.time(minutes: 15, seconds: 1))
        #expect(rows.map(\.timeStuck) == [.seconds(901)])
        #expect(
            try await view.stuck(now: History.time(minutes: 2), olderThan: .seconds(60)).count == 1
        )
    }

    @Test func `a deadline of the stage replaces the fifteen minutes`() async throws {
        var history = History()
        history.add("PAGW-parsing", "PARSE_START", .started, minutes: 0, stage: "PARSER")
        history.add("PAGW-waiting", "ATTACH_START", .started, minutes: 0, stage: "ATTACHMENT")
        history.add("PAGW-unknown", "X_START", .started, minutes: 0, stage: "X")
        let view = PipelineView(try await history.journal())
        func stuck(minutes: Int64) async throws -> [String] {
            let now = History.time(minutes: minutes)
            return try await view.stuck(now: now, usesDeadlines: true).map(\.requestID)
        }
        #expect(try await stuck(minutes: 5) == [])
        #expect(try await stuck(minutes: 6) == ["PAGW-parsing"])
        #expect(try await stuck(minutes: 16) == ["PAGW-parsing", "PAGW-unknown"])
        #expect(try await stuck(minutes: 31) == ["PAGW-parsing", "PAGW-unknown", "PAGW-waiting"])
    }

    @Test func `the highest number is the latest event, whenever it was recorded`() async throws {
        var history = History()
        history.add("PAGW-1", "PARSE_OK", .completed, minutes: 1) { $0.sequenceNumber = 2 }
        history.add("PAGW-1", "PARSE_START", .started, minutes: 0) { $0.sequenceNumber = 1 }
        #expect(try await reasons(history, minutes: 60).isEmpty)
    }

    @Test func `failures are told apart by their retry`() async throws {
        var history = History()
        func fail(_ id: String, _ type: String = "PARSE_FAIL", retryMinutes: Int64?, _ again: Bool)
        {
            history.add(id, type, .failed, minutes: 0) { event in
                event.nextRetryAt = retryMinutes.map { History.time(minutes: $0) }
                event.isRetryable = again
            }
        }
        fail("scheduled", retryMinutes: 90, true)
        fail("overdue", retryMinutes: 60, true)
        fail("unplanned", retryMinutes: nil, true)
        fail("final", retryMinutes: nil, false)
        fail("final with a time", retryMinutes: 90, false)
        fail("timeout", "DOWNSTREAM_TIMEOUT", retryMinutes: nil, true)
        fail("timeout with a plan", "DOWNSTREAM_TIMEOUT", retryMinutes: 90, true)
        #expect(
            try await reasons(history, minutes: 60) == [
                "scheduled": .retryScheduled, "overdue": .retryOverdue, "unplanned": .waiting,
                "final": .failed, "final with a time": .failed, "timeout": .inDoubt,
                "timeout with a plan": .retryScheduled,
            ]
        )
    }

    @Test func `starts are told apart by their worker and by what they started`() async throws {
        var history = History()
        func start(_ id: String, _ type: String, worker: String?) {
            history.add(id, type, .started, minutes: 0) { $0.workerID = worker }
        }
        start("silent", "PARSE_START", worker: "pod-silent")
        start("silent outside", "DOWNSTREAM_START", worker: "pod-silent-2")
        start("alive", "PARSE_START", worker: "pod-alive")
        start("alive outside", "DOWNSTREAM_START", worker: "pod-alive")
        start("unnamed", "PARSE_START", worker: nil)
        start("unnamed outside", "NOTIFY_START", worker: nil)
        history.add("other", "PARSE_OK", .completed, minutes: 1, tenant: "bcbs") {
            $0.workerID = "pod-alive"
        }
        #expect(
            try await reasons(history, minutes: 60) == [
                "silent": .lostWorker, "silent outside": .inDoubt, "alive": .waiting,
                "alive outside": .waiting, "unnamed": .waiting, "unnamed outside": .inDoubt,
            ]
        )
    }

    @Test func `what begins an effect outside is for the definition to say`() async throws {
        var history = History()
        history.add("sent", "SEND", .started, minutes: 0)
        history.add("lost", "ANSWER_LOST", .failed, minutes: 0)
        history.add("other", "DOWNSTREAM_START", .started, minutes: 0)
        let definition = PipelineDefinition(
            name: "mail",
            stages: [.init("PARSING")],
            eventTypes: [
                .init("SEND", stage: "PARSING", status: .started, externalEffect: .begins),
                .init("ANSWER_LOST", stage: "PARSING", status: .failed, externalEffect: .unsettled),
            ]
        )
        let view = PipelineView(try await history.journal(), definition: definition)
        let rows = try await view.stuck(now: History.time(minutes: 60))
        #expect(
            rows.map { "\($0.requestID) \($0.reason)" } == [
                "lost inDoubt", "other waiting", "sent inDoubt",
            ]
        )
    }

    @Test func `workers are told apart by the bytes of their names`() async throws {
        var history = History()
        history.add("PAGW-1", "PARSE_START", .started, minutes: 0) { $0.workerID = "caf\u{E9}" }
        history.add("PAGW-2", "PARSE_OK", .completed, minutes: 1) { $0.workerID = "cafe\u{301}" }
        #expect(try await reasons(history, minutes: 60) == ["PAGW-1": .lostWorker])
    }

    @Test func `a later plan replaces the time of a failure`() async throws {
        var history = History()
        func add(_ id: String, _ status: PipelineStatus, at minutes: Int64, retryAt: Int64?) {
            history.add(id, "PARSE_\(status)", status, minutes: minutes) { event in
                event.nextRetryAt = retryAt.map { History.time(minutes: $0) }
                event.errorCode = status == .failed ? "E1" : nil
            }
        }
        add("postponed", .failed, at: 0, retryAt: 1)
        add("postponed", .retryScheduled, at: 2, retryAt: 780)
        add("planned", .failed, at: 0, retryAt: nil)
        add("planned", .retryScheduled, at: 1, retryAt: 2)
        add("planned twice", .failed, at: 0, retryAt: 1)
        add("planned twice", .retryScheduled, at: 1, retryAt: 700)
        add("planned twice", .retryScheduled, at: 2, retryAt: 3)
        add("never failed", .started, at: 0, retryAt: nil)
        add("never failed", .retryScheduled, at: 1, retryAt: 4)
        add("tried", .failed, at: 0, retryAt: nil)
        add("tried", .retryScheduled, at: 1, retryAt: 2)
        add("tried", .started, at: 3, retryAt: nil)
        add("failed again", .failed, at: 0, retryAt: nil)
        add("failed again", .retryScheduled, at: 1, retryAt: 2)
        add("failed again", .failed, at: 3, retryAt: nil)
        let view = PipelineView(try await history.journal())
        func open(minutes: Int64) async throws -> [String] {
            let now = History.time(minutes: minutes)
            return try await view.retries(now: now, openOnly: true).map { row in
                let minute = row.nextRetryAt.since(History.dayStart).nanoseconds / 60_000_000_000
                return "\(row.requestID) \(row.eventType) \(row.errorCode ?? "-") \(minute)"
            }
        }
        let due = [
            "planned PARSE_FAILED E1 2", "planned twice PARSE_FAILED E1 3",
            "never failed PARSE_RETRY_SCHEDULED - 4",
        ]
        #expect(try await open(minutes: 720) == due)
        #expect(try await open(minutes: 780) == due + ["postponed PARSE_FAILED E1 780"])
        // The seed's query knows only what stands in the failed rows themselves.
        let seed = try await view.retries(now: History.time(minutes: 720))
        #expect(seed.map(\.requestID) == ["planned twice", "postponed"])
    }

    @Test func `what a tracker schedules is due when it says`() async throws {
        let journal = MemoryJournal(clock: { History.dayStart })
        let tracker = PipelineTracker(journal: journal)
        try await tracker.failed("PAGW-1", tenant: "anthem", stage: "PARSING", errorCode: "E1")
        let retryAt = History.time(minutes: 1)
        try await tracker.retryScheduled(
            "PAGW-1",
            tenant: "anthem",
            stage: "PARSING",
            nextRetryAt: retryAt
        )
        let view = PipelineView(journal)
        #expect(try await view.retries(now: History.dayStart, openOnly: true).isEmpty)
        let rows = try await view.retries(now: retryAt, openOnly: true)
        #expect(rows.map(\.errorCode) == ["E1"])
        #expect(rows.map(\.nextRetryAt) == [retryAt])
    }

    @Test func `a failure with which its request ended is not open`() async throws {
        var history = History()
        history.add("PAGW-1", "GIVEN_UP", .failed, minutes: 0) { event in
            event.nextRetryAt = History.time(minutes: 1)
        }
        let definition = PipelineDefinition(
            name: "x",
            stages: [.init("PARSING")],
            eventTypes: [.init("GIVEN_UP", stage: "PARSING", status: .failed, isTerminal: true)]
        )
        let view = PipelineView(try await history.journal(), definition: definition)
        let now = History.time(minutes: 30)
        #expect(try await view.state(of: "PAGW-1").isTerminal)
        #expect(try await view.retries(now: now, openOnly: true).isEmpty)
        #expect(try await view.retries(now: now).count == 1)
    }

    @Test func `an open failure is one that its request still waits on`() async throws {
        var history = History()
        func fail(_ id: String, stage: String = "PARSING", attempt: Int64 = 1) {
            history.add(id, "PARSE_FAIL", .failed, minutes: attempt, stage: stage) { event in
                event.nextRetryAt = History.time(minutes: attempt + 1)
                event.attempt = attempt
            }
        }
        for id in ["open", "good", "skipped", "trying", "again", "planned", "ended", "elsewhere"] {
            fail(id)
        }
        history.add("good", "PARSE_OK", .completed, minutes: 3, stage: "PARSER")
        history.add("skipped", "PARSE_SKIP", .skipped, minutes: 3)
        history.add("trying", "PARSE_START", .started, minutes: 3)
        fail("again", attempt: 2)
        history.add("planned", "PARSE_RETRY", .retryScheduled, minutes: 3)
        history.add("ended", "NOTIFY_OK", .completed, minutes: 3, stage: "SUBSCRIPTION_HANDLER")
        history.add("elsewhere", "VAL_OK", .completed, minutes: 3, stage: "VALIDATION")
        let view = PipelineView(try await history.journal())
        let now = History.time(minutes: 30)
        let all = try await view.retries(now: now)
        #expect(all.count == 9)
        let open = try await view.retries(now: now, openOnly: true)
        #expect(
            open.map { "\($0.requestID) \($0.attempt)" } == [
                "elsewhere 1", "open 1", "planned 1", "again 2",
            ]
        )
        #expect(try await view.retries(now: now, openOnly: true, limit: 2).count == 2)
    }
}
