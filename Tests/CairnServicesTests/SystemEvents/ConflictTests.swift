import Cairn
@testable import CairnServices
import CairnTestSupport
import CairnTesting
import Testing

/// A change of status that is refused is recorded in the batch that refuses it; one that is taken
/// records nothing beside itself.
struct ConflictTests {
    private static func payload(
        _ operation: String,
        _ expected: String?,
        _ actual: String?,
        _ new: String,
        _ stream: String,
        _ reason: String
    ) -> String {
        func quoted(_ text: String?) -> String { text.map { "\"\($0)\"" } ?? "null" }
        return #"{"operation":"\#(operation)","expected_status":\#(quoted(expected)),"#
            + #""actual_status":\#(quoted(actual)),"new_status":"\#(new)","#
            + #""stream":"\#(stream)","reason":"\#(reason)"}"#
    }
}

extension ConflictTests {
    @Test(arguments: ConflictSite.Kind.allCases)
    func `a retry that the request's state refuses`(kind: ConflictSite.Kind) async throws {
        let site = try ConflictSite(kind)
        let tracker = PipelineTracker(journal: site.journal)
        func retry() async throws {
            try await tracker.retryScheduled("R", tenant: "t", stage: "VALIDATION")
        }
        let notFailed = PipelineRejection.notFailed(stage: "VALIDATION")
        try await site.refused(PipelineTrackerError.refused(notFailed)) { try await retry() }
        try await site.taken(2) {
            try await tracker.started("R", tenant: "t", stage: "VALIDATION")
            try await tracker.failed("R", tenant: "t", stage: "VALIDATION", retryable: false)
        }
        let notRetryable = PipelineRejection.notRetryable(stage: "VALIDATION")
        try await site.refused(PipelineTrackerError.refused(notRetryable)) { try await retry() }
        let mismatch = PipelineRejection.tenantMismatch(known: "t", given: "u")
        try await site.refused(PipelineTrackerError.refused(mismatch)) {
            try await tracker.completed("R", tenant: "u", stage: "VALIDATION")
        }
        try await site.taken(1) {
            try await tracker.completed(
                "R",
                tenant: "t",
                stage: "ORCHESTRATION",
                eventType: "WORKFLOW_COMPLETE"
            )
        }
        try await site.taken(1) {
            try await tracker.failed("R", tenant: "t", stage: "VALIDATION", sequenceNumber: 2_000)
        }
        #expect(
            try await site.conflicts() == [
                Self.payload(
                    "scheduleRetry",
                    "FAILED",
                    nil,
                    "RETRY_SCHEDULED",
                    "pipeline/R",
                    "stage 'VALIDATION' has not failed"
                ),
                Self.payload(
                    "scheduleRetry",
                    "FAILED",
                    "FAILED",
                    "RETRY_SCHEDULED",
                    "pipeline/R",
                    "the failure of stage 'VALIDATION' is final"
                ),
                Self.payload(
                    "recordCompletion",
                    nil,
                    "FAILED",
                    "COMPLETED",
                    "pipeline/R",
                    "the request belongs to tenant 't', not 'u'"
                ),
            ]
        )
    }

    @Test(arguments: ConflictSite.Kind.allCases)
    func `a number that another row has, and an id that another request has`(
        kind: ConflictSite.Kind
    ) async throws {
        let site = try ConflictSite(kind)
        let tracker = PipelineTracker(journal: site.journal)
        let id = try EventID("delivery-1")
        let report = PipelineReport(tenant: "t", stage: "PARSING")
        try await site.taken(2) {
            try await tracker.started("R", tenant: "t", stage: "PARSING", sequenceNumber: 7)
            try await tracker.record(PipelineCommand(.recordSkip, report), of: "S", id: id)
        }
        // The same report once more is none.
        try await site.taken(0) {
            try await tracker.started("R", tenant: "t", stage: "PARSING", sequenceNumber: 7)
        }
        for _ in 0..<2 {
            let before = try await site.journal.head().lastPosition
            await #expect {
                try await tracker.completed("R", tenant: "t", stage: "PARSING", sequenceNumber: 7)
            } throws: { error in
                guard case PipelineTrackerError.journal(.eventIDConflict) = error else {
                    return false
                }
                return true
            }
            #expect(try await site.journal.head().lastPosition == before.next)
        }
        await #expect {
            try await tracker.record(PipelineCommand(.recordSkip, report), of: "R", id: id)
        } throws: { error in
            error is PipelineTrackerError
        }
        let conflicts = try await site.conflicts()
        #expect(conflicts.count == 3)
        #expect(conflicts[0] == conflicts[1])
        #expect(
            conflicts[0].hasPrefix(
                #"{"operation":"recordCompletion","expected_status":null,"#
                    + #""actual_status":"STARTED","new_status":"COMPLETED","stream":"pipeline/R","#
            )
        )
        #expect(conflicts[2].hasPrefix(#"{"operation":"recordSkip","expected_status":null,"#))
    }

    @Test(arguments: ConflictSite.Kind.allCases)
    func `a report under a lease that another worker has`(kind: ConflictSite.Kind) async throws {
        let site = try ConflictSite(kind)
        let boot = ManualClock(at: .unixEpoch)
        let clock = ServiceClock(
            now: { [clock = site.clock] in clock.now },
            boot: { BootInstant(boot: 1, nanoseconds: boot.now.nanoseconds) },
            sleep: { _ in }
        )
        let tracker = PipelineTracker(journal: site.journal)
        try await tracker.failed(
            "R",
            tenant: "t",
            stage: "VALIDATION",
            nextRetryAt: site.clock.now
        )
        let one = try await Worker.join(site.journal, clock: clock)
        let two = try await Worker.join(site.journal, clock: clock)
        let first = RetryWorker(journal: site.journal, worker: one, clock: clock)
        let second = RetryWorker(journal: site.journal, worker: two, clock: clock)
        let lost = try #require(try await first.nextDue().first)
        boot.advance(by: .seconds(301))
        let held = try #require(try await second.nextDue().first)
        let start = PipelineCommand(
            .recordStart,
            PipelineReport(tenant: "t", stage: "VALIDATION")
        )
        try await site.refused(PipelineTrackerError.leaseLost(stage: "VALIDATION")) {
            try await first.record(start, under: lost)
        }
        try await site.taken(1) { try await second.record(start, under: held) }
        #expect(
            try await site.conflicts() == [
                Self.payload(
                    "recordStart",
                    "FAILED",
                    "FAILED",
                    "STARTED",
                    "pipeline/R",
                    "the lease on stage 'VALIDATION' went to another worker"
                )
            ]
        )
    }

    @Test(arguments: ConflictSite.Kind.allCases)
    func `a report that is wrong in itself is no conflict`(kind: ConflictSite.Kind) async throws {
        let site = try ConflictSite(kind)
        let tracker = PipelineTracker(journal: site.journal)
        try await site.taken(0) {
            _ = try? await tracker.started("R", tenant: "", stage: "PARSING")
            _ = try? await tracker.started("R", tenant: "t", stage: "")
            _ = try? await tracker.started("R", tenant: "t", stage: "PARSING", metadata: "{")
        }
    }
}

extension ConflictTests {
    private static let acceptance = ItemAcceptance(provider: "twilio", providerReference: "SM1")

    /// Gives a command to an item as its services do.
    private func give(
        _ command: ItemCommand,
        to stream: StreamID,
        under fence: UInt64,
        _ site: ConflictSite
    ) async throws {
        _ = try await ItemTurn(stream: stream, command: command, fence: fence).run(in: site.journal)
    }

    @Test(arguments: ConflictSite.Kind.allCases)
    func `a holder that lost its item, and doubts that are decided twice`(
        kind: ConflictSite.Kind
    ) async throws {
        let site = try ConflictSite(kind)
        let stream = try await ItemDesk(site.journal).begin("k", worker: 7)
        try await site.taken(1) { try await give(.noteLoss, to: stream, under: 1, site) }
        try await site.taken(1) {
            try await give(
                .resume(ItemDesk.hold(8), .dedup, .standard),
                to: stream,
                under: 1,
                site
            )
        }
        // The first holder lives after all, and comes too late.
        let fenced = ItemRefusal.fenced(holds: SequenceNumber(rawValue: 3), given: 1)
        let late: [ItemCommand] = [
            .accept(Self.acceptance),
            .reject(.provider, isFinal: true, reason: "no", .standard),
            .reject(.provider, isFinal: false, reason: "no", .standard),
            .doubt(ItemDoubt(.timeout)), .noteLoss, .release,
            .resume(ItemDesk.hold(7), .dedup, .standard),
            .settle(ItemSettlement(.failed, source: .person, by: "ada")),
            .beginStep(ItemStepMark(number: 1, name: "s")),
        ]
        for command in late {
            try await site.refused(EngineError<ItemRefusal>.refused(fenced)) {
                try await give(command, to: stream, under: 1, site)
            }
        }
        // The link of the provider's name is an event, too.
        try await site.taken(2) {
            try await give(.accept(Self.acceptance), to: stream, under: 3, site)
        }
        let done = KeyVerdict.done(Self.acceptance)
        try await site.refused(EngineError<ItemRefusal>.refused(.notInDoubt(done))) {
            let settlement = ItemSettlement(.failedFinal, source: .person, by: "ada")
            try await give(.settle(settlement), to: stream, under: 3, site)
        }
        let reason = "the right to write went on: the holder has fence 3, this is 1"
        func fencedPayload(_ operation: String, _ from: String, _ to: String) -> String {
            Self.payload(operation, from, "in_flight", to, "key/k", reason)
        }
        #expect(
            try await site.conflicts() == [
                fencedPayload("accept", "in_flight", "done"),
                fencedPayload("reject", "in_flight", "failed_final"),
                fencedPayload("reject", "in_flight", "failed_retryable"),
                fencedPayload("doubt", "in_flight", "in_doubt"),
                fencedPayload("noteLoss", "in_flight", "in_doubt"),
                fencedPayload("release", "in_flight", "failed_retryable"),
                fencedPayload("resume", "in_doubt", "in_flight"),
                fencedPayload("settle", "in_doubt", "failed_retryable"),
                fencedPayload("beginStep", "in_flight", "in_flight"),
                Self.payload(
                    "settle",
                    "in_doubt",
                    "done",
                    "failed_final",
                    "key/k",
                    "the item is not in doubt; the key is done"
                ),
            ]
        )
    }

    @Test(arguments: ConflictSite.Kind.allCases)
    func `what the skip rule answers is no conflict, and what is unknown has none`(
        kind: ConflictSite.Kind
    ) async throws {
        let site = try ConflictSite(kind)
        let desk = ItemDesk(site.journal)
        let stream = try await desk.begin("k", worker: 7)
        try await desk.give(.accept(Self.acceptance), to: stream)
        let request = ItemRequest(
            key: try ItemKey("k"),
            content: ContentDigest(type: "content", content: Array("k".utf8).span.bytes)
        )
        try await site.taken(0) {
            for command: ItemCommand in [
                .begin(request, ItemDesk.hold(8), .standard),
                .begin(request, ItemDesk.hold(8), .unlessFailed),
            ] {
                await #expect(throws: EngineError<ItemRefusal>.self) {
                    try await give(command, to: stream, under: 0, site)
                }
            }
            await #expect(throws: EngineError<ItemRefusal>.refused(.unknown)) {
                try await give(.noteLoss, to: try ItemKey("other").stream, under: 0, site)
            }
        }
    }

    @Test(arguments: ConflictSite.Kind.allCases)
    func `a job that was cancelled`(kind: ConflictSite.Kind) async throws {
        let site = try ConflictSite(kind)
        let worker = try await Worker.join(site.journal)
        let runner = JobRunner(journal: site.journal, worker: worker)
        _ = try await runner.run(job: "j", items: [String](), key: { $0 }) { _, _ in
            .accepted(provider: "p", reference: "r")
        }
        try await site.taken(2) {
            try await runner.pause(job: "j", by: "ada", reason: "wrong template")
            try await runner.cancel(job: "j", by: "ada", reason: "no longer wanted")
        }
        let decision = JobDecision(by: "ada", reason: "no longer wanted")
        try await site.refused(JobError.refused(.cancelled(decision))) {
            try await runner.resume(job: "j", by: "ben", reason: "now")
        }
        #expect(
            try await site.conflicts() == [
                Self.payload(
                    "resume",
                    "paused",
                    "cancelled",
                    "running",
                    "job/j",
                    "the job was cancelled by ada: no longer wanted"
                )
            ]
        )
    }
}

extension ConflictTests {
    @Test(arguments: ConflictSite.Kind.allCases)
    func `a provider's word that nobody listed is told once, early or not`(
        kind: ConflictSite.Kind
    ) async throws {
        let site = try ConflictSite(kind)
        let worker = try await Worker.join(site.journal)
        let interactions = Interactions(journal: site.journal, worker: worker)
        func report(_ word: String, eventID: String) -> ProviderReport {
            ProviderReport(
                provider: "sendgrid",
                reference: "r-1",
                word: word,
                eventID: eventID
            )
        }
        let early = report("vanished", eventID: "e-1")
        #expect(try await interactions.receive(early) == .kept)
        // The report and what is told of it are one commit.
        #expect(kind == .memory || site.lastCommitEventCount == 2)
        #expect(try await interactions.receive(early) == .repeated)
        _ = try await interactions.dispatch(
            customer: "anna",
            channel: .email,
            template: "welcome",
            key: "k"
        ) { _ in .accepted(provider: "sendgrid", reference: "r-1") }
        #expect(try await interactions.receive(early) == .repeated)
        let late = report("vaporised", eventID: "e-2")
        for _ in 0..<2 { _ = try await interactions.receive(late) }
        _ = try await interactions.receive(report("delivered", eventID: "e-3"))
        let rows = try await site.rows()
        #expect(rows.map(\.event.type) == [.providerUnknownStatus, .providerUnknownStatus])
        #expect(rows.allSatisfy { $0.event.level == .warn })
        #expect(
            rows.map { $0.event.payload?.description } == [
                #"{"provider":"sendgrid","word":"vanished","detail":null,"#
                    + #""provider_reference":"r-1","event_id":"e-1"}"#,
                #"{"provider":"sendgrid","word":"vaporised","detail":null,"#
                    + #""provider_reference":"r-1","event_id":"e-2"}"#,
            ]
        )
    }
}
