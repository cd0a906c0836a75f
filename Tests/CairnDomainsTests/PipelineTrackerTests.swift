import CairnCore
import CairnDomains
import CairnJournal
import CairnServices
import Synchronization
import Testing

struct PipelineTrackerTests {
    let journal: MemoryJournal
    let tracker: PipelineTracker
    let request = "PAGW-20251225-00001-ABC123"

    init() {
        // A clock that moves a second at every look, so that a repetition comes at another time.
        let clock = ManualClock()
        journal = MemoryJournal(clock: { clock.tick() })
        tracker = PipelineTracker(journal: journal, seed: { 7 })
    }

    final class ManualClock: Sendable {
        private let second = Mutex<Int64>(1_766_620_800)

        func tick() -> Timestamp {
            Timestamp.unixEpoch.adding(
                .seconds(
                    second.withLock {
                        $0 += 1
                        return $0
                    }
                )
            )
        }
    }

    private func rows(of request: String? = nil) async throws -> [PipelineEvent] {
        let stream = try PipelineEvent.streamID(request: request ?? self.request)
        return try await journal.records(of: stream).map { record in
            try PipelineEvent(record.payload.span.bytes, occurredAt: record.occurredAt)
        }
    }

    @Test func `a request is recorded as its source would`() async throws {
        try await tracker.started(request, tenant: "anthem", stage: "PARSER", workerID: "pod-1")
        try await tracker.failed(
            request,
            tenant: "anthem",
            stage: "PARSER",
            errorCode: "API_TIMEOUT",
            errorMessage: "no answer",
            durationMilliseconds: 40
        )
        let scheduled = try await tracker.retryScheduled(request, tenant: "anthem", stage: "PARSER")
        let again = try await tracker.retryScheduled(request, tenant: "anthem", stage: "PARSER")
        #expect(again.receipt == nil)
        #expect(again.state == scheduled.state)
        try await tracker.started(request, tenant: "anthem", stage: "PARSER")
        try await tracker.skipped(request, tenant: "anthem", stage: "ATTACHMENT")
        let metadata = #"{ "diagnosisCount" : 3, "procedureCount" : 5 }"#
        let done = try await tracker.completed(
            request,
            tenant: "anthem",
            stage: "PARSER",
            durationMilliseconds: 245,
            metadata: metadata
        ) { $0.externalReference = "ref-1" }

        let rows = try await rows()
        #expect(
            rows.map(\.eventType) == [
                "PARSE_START", "PARSE_FAIL", "RETRY_SCHEDULED", "PARSE_START", "SKIPPED",
                "PARSE_OK",
            ]
        )
        #expect(rows.map(\.sequenceNumber) == [1, 2, 3, 4, 5, 6])
        #expect(rows.map(\.attempt) == [1, 1, 1, 2, 1, 2])
        #expect(rows.last?.metadata == Array(metadata.utf8))
        #expect(rows.last?.externalReference == "ref-1")
        #expect(rows[0].stage == "PARSER")
        #expect(rows[2].nextRetryAt == scheduled.state[stage: "PARSING"]?.nextRetryAt)
        #expect(done.state == PipelineMachine().replay(rows))
        #expect(try await tracker.state(of: request) == done.state)
        let other = PipelineTracker(journal: journal)
        #expect(try await other.state(of: request).digest == done.state.digest)
        let id = try PipelineEvent.eventID(request: request, sequenceNumber: 6)
        #expect(try await journal.receipt(of: id)?.position == done.receipt?.position)
    }

    @Test func `a repeated report under its number is taken once`() async throws {
        try await tracker.started(request, tenant: "anthem", stage: "PARSING", sequenceNumber: 1)
        let first = try await tracker.failed(
            request,
            tenant: "anthem",
            stage: "PARSING",
            metadata: #"{"a":1}"#,
            sequenceNumber: 2
        )
        let retry = try await tracker.retryScheduled(
            request,
            tenant: "anthem",
            stage: "PARSING",
            sequenceNumber: 3
        )
        // Another process with another seed repeats all of it, later.
        let other = PipelineTracker(journal: journal, seed: { 99 })
        let again = try await other.failed(
            request,
            tenant: "anthem",
            stage: "PARSING",
            metadata: #"{ "a": 1.0 }"#,
            sequenceNumber: 2
        )
        #expect(again.receipt?.isDuplicate == true)
        #expect(again.receipt?.position == first.receipt?.position)
        #expect(again.state == retry.state)
        let retryAgain = try await other.retryScheduled(
            request,
            tenant: "anthem",
            stage: "PARSING",
            sequenceNumber: 3
        )
        #expect(retryAgain.receipt?.isDuplicate == true)
        #expect(try await rows().count == 3)
    }

    @Test func `another report under a known number is a conflict`() async throws {
        try await tracker.started(request, tenant: "anthem", stage: "PARSING", sequenceNumber: 1)
        await #expect {
            try await tracker.started(
                request,
                tenant: "anthem",
                stage: "PARSING",
                workerID: "pod-2",
                sequenceNumber: 1
            )
        } throws: { error in
            guard
                case .journal(.eventIDConflict(_, let position, _, _))? = error
                    as? PipelineTrackerError
            else { return false }
            return position == .first
        }
        #expect(try await rows().count == 1)
    }

    @Test func `a report with an id of its own is taken once without a number`() async throws {
        let id = try EventID("delivery-77")
        let report = PipelineReport(tenant: "anthem", stage: "PARSING")
        let command = PipelineCommand(.recordStart, report)
        let first = try await tracker.record(command, of: request, id: id)
        try await tracker.completed(request, tenant: "anthem", stage: "PARSING")
        let again = try await tracker.record(command, of: request, id: id)
        #expect(again.receipt?.position == first.receipt?.position)
        await #expect {
            try await tracker.record(command, of: "another", id: id)
        } throws: { error in
            guard case .journal(.eventIDConflict)? = error as? PipelineTrackerError else {
                return false
            }
            return true
        }
        #expect(try await rows().count == 2)
        #expect(try await rows(of: "another").isEmpty)
    }

    @Test func `a request known under another tenant is refused`() async throws {
        try await tracker.started(request, tenant: "anthem", stage: "PARSING")
        let rejection = PipelineRejection.tenantMismatch(known: "anthem", given: "other")
        await #expect(throws: PipelineTrackerError.refused(rejection)) {
            try await tracker.completed(request, tenant: "other", stage: "PARSING")
        }
        #expect(try await rows().count == 1)
    }

    @Test func `metadata that is not JSON is refused`() async throws {
        let reason = PipelineEventError.metadata(JSONError(.unexpectedEnd, at: 1))
        await #expect(throws: PipelineTrackerError.invalid(reason)) {
            try await tracker.started(request, tenant: "anthem", stage: "PARSING", metadata: "{")
        }
        #expect(try await rows().isEmpty)
    }

    @Test func `reports of many tasks and trackers get one number each`() async throws {
        let trackers = [tracker, PipelineTracker(journal: journal)]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<60 {
                group.addTask {
                    try await trackers[index % 2].started(
                        request,
                        tenant: "anthem",
                        stage: "PARSING",
                        workerID: "pod-\(index)"
                    )
                }
            }
            try await group.waitForAll()
        }
        let rows = try await rows()
        #expect(rows.map(\.sequenceNumber) == (1...60).map { Int64($0) })
        #expect(Set(rows.map(\.workerID)).count == 60)
        let state = try await tracker.state(of: request)
        #expect(state == PipelineMachine().replay(rows))
    }

    @Test func `a tracker keeps requests apart by the bytes of their ids`() async throws {
        let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
        try await tracker.started(composed, tenant: "anthem", stage: "PARSING")
        let other = try await tracker.started(decomposed, tenant: "bcbs", stage: "PARSING")
        #expect(other.state.eventCount == 1)
        #expect(try await tracker.state(of: composed).tenant == "anthem")
        #expect(try await tracker.state(of: decomposed).tenant == "bcbs")
    }

    @Test func `an event that may be passed over is, and another stops the tracker`() async throws {
        let stream = try PipelineEvent.streamID(request: request)
        try await tracker.started(request, tenant: "anthem", stage: "PARSING")
        let note = try NewEvent(
            type: "note",
            occurredAt: .unixEpoch,
            mayBeIgnored: true,
            payload: []
        )
        try await journal.append(note, to: stream)
        let done = try await tracker.completed(request, tenant: "anthem", stage: "PARSING")
        #expect(done.receipt?.sequence.rawValue == 3)
        #expect(done.state.eventCount == 2)
        let rule = try NewEvent(type: "rule", occurredAt: .unixEpoch, payload: [])
        try await journal.append(rule, to: stream)
        let error = PipelineTrackerError.unreadable(
            position: Position(rawValue: 4),
            error: .unknownType("rule")
        )
        await #expect(throws: error) {
            try await tracker.started(request, tenant: "anthem", stage: "PARSING")
        }
    }
}
