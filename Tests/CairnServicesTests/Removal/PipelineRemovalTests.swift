import Cairn
import CairnTestSupport
import CairnTesting
import Synchronization
import Testing

/// A journal from which requests were removed answers as one that never had what was removed.
struct PipelineRemovalTests {
    enum Kind: CaseIterable { case memory, lmdb }

    private static let start = Timestamp(nanoseconds: 1_766_620_800_000_000_000)

    private func journal(_ kind: Kind, _ scratch: ScratchFolder, _ name: String) throws
        -> any Journal
    {
        kind == .memory ? MemoryJournal() : try LMDBJournal(path: scratch.path(name))
    }

    /// What is done to a journal, in order.
    enum Act {
        case row(String, PipelineEvent)
        case removal(String)
    }

    private static func acts(seed: UInt64) -> [Act] {
        var random = SeededGenerator(seed: seed)
        let stages = [
            ("PARSING", "PARSE"), ("VALIDATION", "VAL"), ("SUBSCRIPTION_HANDLER", "NOTIFY"),
        ]
        var number: Int64 = 0
        return (0..<(20 + random.below(80))).map { _ in
            let request = random.below(7)
            if random.isHit(1, outOf: 12) { return .removal("R-\(request)") }
            number += 1
            let (stage, prefix) = random.pick(stages)
            let status: PipelineStatus = random.pick([.started, .completed, .failed, .skipped])
            let suffix = status == .completed ? "OK" : status == .failed ? "FAIL" : "START"
            var event = PipelineEvent(
                tenant: request % 2 == 0 ? "a" : "b",
                stage: stage,
                eventType: "\(prefix)_\(suffix)",
                status: status,
                createdAt: start.adding(.seconds(random.draw(0...5_400)))
            )
            event.sequenceNumber = number
            event.workerID = "pod-\(random.below(3))"
            if random.isHit(2, outOf: 3) { event.durationMilliseconds = random.draw(0...900) }
            if random.isHit(1, outOf: 2) {
                event.nextRetryAt = start.adding(.seconds(random.draw(0...5_400)))
            }
            if random.isHit(1, outOf: 2) {
                event.metadata = Array(#"{"n":\#(random.below(9))}"#.utf8)
            }
            return .row("R-\(request)", event)
        }
    }

    private static func append(_ act: Act, to journal: any Journal) async throws {
        switch act {
        case .removal(let request):
            let count = try await PipelineRemover(journal).forget(request: request)
            // What is gone is not removed again.
            let head = try await journal.head().lastPosition
            #expect(try await PipelineRemover(journal).forget(request: request, by: "ada") == 0)
            #expect(try await journal.head().lastPosition == head)
            #expect(count < 100)
        case .row(let request, let event):
            let id = try PipelineEvent.eventID(
                request: request,
                sequenceNumber: event.sequenceNumber ?? 0
            )
            try await journal.append(
                try event.newEvent(id: id),
                to: try PipelineEvent.streamID(request: request)
            )
        }
    }

    /// The acts that are left where what was removed never was.
    private static func without(_ acts: [Act]) -> [Act] {
        acts.enumerated().filter { index, act in
            guard case .row(let request, _) = act else { return false }
            return !acts[index...].contains {
                if case .removal(request) = $0 { true } else { false }
            }
        }.map(\.element)
    }

    /// All answers about requests, without positions.
    private static func answers(
        _ journal: any Journal,
        _ board: SummaryBoard,
        upTo bound: Position? = nil
    ) async throws -> [String] {
        let view = PipelineView(journal, asOf: bound)
        let now = start.adding(.seconds(3_600))
        var answers: [String] = []
        for row in try await view.requests(now: now) {
            answers.append("request \(row.requestID) \(row.state) \(row.timeInState as Any)")
            let timeline = try await view.timeline(of: row.requestID)
            for entry in timeline.entries {
                answers.append("entry \(entry.row.event) \(entry.anomalies)")
            }
            #expect(timeline.state == row.state)
            #expect(try await view.state(of: row.requestID) == row.state)
        }
        for tenant in [nil, "a"] {
            for row in try await view.stuck(tenant: tenant, now: now) {
                answers.append("stuck \(row.requestID) \(row.stage) \(row.createdAt) \(row.reason)")
            }
            for open in [false, true] {
                for row in try await view.retries(tenant: tenant, now: now, openOnly: open) {
                    answers.append(
                        "retry \(row.requestID) \(row.nextRetryAt) \(row.sequenceNumber)"
                    )
                }
            }
            for row in try await view.stats(tenant: tenant, since: start) {
                let mean = row.averageDurationMilliseconds?.description ?? "-"
                answers.append("stats \(row.eventType) \(row.status) \(row.eventCount) \(mean)")
            }
            for row in try await view.slowest(tenant: tenant, since: start) {
                answers.append("slowest \(row.stage) \(row.eventType) \(row.millisecondsMax)")
            }
        }
        let query = FindQuery(predicate: try Predicate("pagw_id != \"R-1\" and metadata.n >= 0"))
        for row in try await view.find(query) {
            answers.append("find \(row.requestID) \(row.event)")
        }
        let summary = try await view.summary()
        for row in summary { answers.append("summary \(row)") }
        if bound == nil { #expect(try await board.rows() == summary) }
        var export = PipelineExport(of: journal, upTo: bound)
        try await export.forEachRow { row throws(ExportError) in
            answers.append("row \(row.request) \(row.event)")
        }
        return answers
    }

    @Test(arguments: Kind.allCases, UInt64(1)...12)
    func `answers are those of a journal without what was removed`(
        kind: Kind,
        seed: UInt64
    ) async throws {
        let scratch = try ScratchFolder()
        let acts = Self.acts(seed: seed)
        let journal = try journal(kind, scratch, "j")
        let board = SummaryBoard(journal)
        var bounds: [(count: Int, position: Position)] = []
        for (index, act) in acts.enumerated() {
            try await Self.append(act, to: journal)
            guard index % 17 == 16 else { continue }
            bounds.append((index + 1, try await journal.head().lastPosition))
            // Tables that were stored before a removal are not taken for those after it.
            if seed % 2 == 0, kind == .lmdb { try await KeptProjections(journal).catchUp() }
            _ = try await board.rows()
        }
        let plain = MemoryJournal()
        for act in Self.without(acts) { try await Self.append(act, to: plain) }
        let expected = try await Self.answers(plain, SummaryBoard(plain))
        #expect(try await Self.answers(journal, board) == expected, "followed")
        #expect(try await Self.answers(journal, SummaryBoard(journal)) == expected, "fresh")
        for bound in bounds {
            let then = MemoryJournal()
            for act in Self.without(Array(acts[..<bound.count])) {
                try await Self.append(act, to: then)
            }
            let answers = try await Self.answers(journal, board, upTo: bound.position)
            #expect(answers == (try await Self.answers(then, SummaryBoard(then))), "\(bound)")
        }
    }

    @Test(arguments: Kind.allCases)
    func `a request that was removed says so and takes nothing any more`(kind: Kind) async throws {
        let scratch = try ScratchFolder()
        let journal = try journal(kind, scratch, "j")
        let tracker = PipelineTracker(journal: journal)
        let first = try await tracker.started("R", tenant: "t", stage: "PARSING", sequenceNumber: 1)
        try await tracker.failed(
            "R",
            tenant: "t",
            stage: "PARSING",
            nextRetryAt: Timestamp(nanoseconds: 1),
            sequenceNumber: 2
        )
        let before = try await journal.head().lastPosition
        let worker = try await Worker.join(journal, clock: .system)
        let retries = RetryWorker(journal: journal, worker: worker)
        let lease = try #require(try await retries.nextDue().first)
        let remover = PipelineRemover(journal)
        #expect(try await remover.forget(request: "R", by: "ada", reason: "asked for") == 2)
        let end = try await journal.head().lastPosition
        #expect(try await remover.forget(request: "R") == 0)
        #expect(try await remover.forget(request: "nobody's") == 0)
        #expect(try await journal.head().lastPosition == end)
        let view = PipelineView(journal)
        let removals = try await view.removals()
        #expect(removals.streamCount == 1 && removals.eventCount == 2)
        await #expect {
            _ = try await view.timeline(of: "R")
        } throws: { error in
            guard case IncidentError.removedRequest("R", _, 2) = error else { return false }
            return true
        }
        #expect(try await view.requests(now: .now()).isEmpty)
        // As of the moment before, it is as it was; of that between the two events, too.
        for bound in [before, end.previous] {
            let then = try await PipelineView(journal, asOf: bound).timeline(of: "R")
            #expect(then.entries.count == 2 && then.removedCount == 0)
            #expect(try await PipelineView(journal, asOf: bound).requests(now: .now()).count == 1)
        }
        // The same report again is no new one, and every other one is refused.
        let again = try await tracker.started("R", tenant: "t", stage: "PARSING", sequenceNumber: 1)
        #expect(again.receipt?.position == first.receipt?.position)
        await #expect(throws: PipelineTrackerError.self) {
            try await tracker.completed("R", tenant: "t", stage: "PARSING")
        }
        await #expect(throws: PipelineTrackerError.self) {
            try await PipelineTracker(journal: journal).completed(
                "R",
                tenant: "t",
                stage: "PARSING"
            )
        }
        let report = PipelineReport(tenant: "t", stage: "PARSING")
        await #expect(throws: PipelineTrackerError.self) {
            try await retries.record(PipelineCommand(.recordStart, report), under: lease)
        }
        #expect(try await journal.head().lastPosition == end)
        // A row that is imported later is there, and nothing is worked on.
        var late = PipelineEvent(
            tenant: "t",
            stage: "PARSING",
            eventType: "PARSE_FAIL",
            status: .failed,
            createdAt: Timestamp(nanoseconds: 5)
        )
        late.sequenceNumber = 3
        late.nextRetryAt = Timestamp(nanoseconds: 6)
        try await journal.append(
            try late.newEvent(id: try PipelineEvent.eventID(request: "R", sequenceNumber: 3)),
            to: try PipelineEvent.streamID(request: "R")
        )
        let timeline = try await view.timeline(of: "R")
        #expect(timeline.entries.map(\.row.event.sequenceNumber) == [3])
        #expect(timeline.removedCount == 2)
        #expect(timeline.removal?.by == "ada" && timeline.removal?.reason == "asked for")
        #expect(try await retries.nextDue().isEmpty)
        let other = RetryWorker(
            journal: journal,
            worker: try await Worker.join(journal, clock: .system)
        )
        #expect(try await other.nextDue().isEmpty)
        #expect(try await remover.forget(request: "R") == 1)
        #expect(try await view.removals().eventCount == 3)
        #expect(try await view.removals().streamCount == 1)
    }

    @Test func `importing again brings nothing back`() async throws {
        let scratch = try ScratchFolder()
        let path = try scratch.file(
            "rows.csv",
            """
            tenant,pagw_id,stage,event_type,status,sequence_no,created_at
            t,R-1,PARSING,PARSE_START,STARTED,1,2025-12-25 10:00:00+00
            t,R-1,PARSING,PARSE_OK,COMPLETED,2,2025-12-25 10:00:01+00
            t,R-2,PARSING,PARSE_START,STARTED,1,2025-12-25 10:00:02+00

            """
        )
        let journal = try LMDBJournal(path: scratch.path("j"))
        try await PipelineImporter(into: journal).run([ImportInput(path: path)])
        try await PipelineRemover(journal).forget(request: "R-1")
        let head = try journal.head()
        try await PipelineImporter(into: journal).run([ImportInput(path: path)])
        #expect(try journal.head() == head)
        let rows = try await PipelineView(journal).requests(now: .now())
        #expect(rows.map(\.requestID) == ["R-2"])
        var export = PipelineExport(of: journal)
        try await export.forEachRow { _ throws(ExportError) in }
        #expect(export.rowCount == 1 && export.removedCount == 2)
        journal.close()
    }

    private static let otherTenant = """
        tenant,pagw_id,stage,event_type,status,sequence_no,created_at
        t,R-1,PARSING,PARSE_START,STARTED,1,2025-12-25 10:00:00+00
        t,R-2,PARSING,PARSE_START,STARTED,1,2025-12-25 10:00:02+00
        u,R-1,PARSING,PARSE_START,STARTED,2,2025-12-25 10:00:03+00

        """

    @Test func `a removed request is nobody's, also where its entry cannot be read`() async throws {
        let scratch = try ScratchFolder()
        let path = try scratch.file("rows.csv", Self.otherTenant)
        let journal = try LMDBJournal(path: scratch.path("j"))
        let input = [ImportInput(path: path)]
        await #expect {
            try await PipelineImporter(into: journal).run(input)
        } throws: { error in
            (error as? ImportError)?.reason
                == .otherTenant(request: "R-1", known: "t", given: "u")
        }
        // An entry from a newer version, and the removal it speaks of.
        let now = Timestamp.now()
        try await journal.append(
            try NewEvent(type: "removal.listed", typeVersion: 9, occurredAt: now, payload: [1]),
            to: try Removal.truncations(of: PipelineEvent.streamKind)
        )
        try await journal.append(
            try Removal(.stream, at: now).newEvent(),
            to: try PipelineEvent.streamID(request: "R-1")
        )
        let importer = PipelineImporter(into: journal)
        try await importer.run(input)
        #expect(importer.summary.events == 1 && importer.summary.duplicates == 2)
        journal.close()
    }

    @Test func `what another process removes during an import is nobody's from then on`()
        async throws
    {
        let scratch = try ScratchFolder()
        let path = try scratch.file("rows.csv", Self.otherTenant)
        let base = MemoryJournal()
        let journal = RemovingJournal(base: base, request: "R-1", beforeTurn: 3)
        var options = ImportOptions()
        options.batchEventCount = 1
        let importer = PipelineImporter(into: journal, options: options)
        try await importer.run([ImportInput(path: path)])
        #expect(importer.summary.events == 3)
        let rows = try await PipelineView(base).timeline(of: "R-1").entries.map(\.row)
        #expect(rows.map(\.event.tenant) == ["u"])
    }
}

/// A journal from which somebody else removes a request right before one of its turns.
private final class RemovingJournal: ForwardingJournal {
    let base: any Journal
    private let request: String
    private let number: Int
    private let turnCount = Mutex(0)

    init(base: any Journal, request: String, beforeTurn number: Int) {
        self.base = base
        self.request = request
        self.number = number
    }

    func turn<Value: Sendable>(
        _ body: @escaping @Sendable (any TurnScope) throws(JournalError) -> Value
    ) async throws(JournalError) -> Value {
        let isDue = turnCount.withLock { count in
            count += 1
            return count == number
        }
        if isDue {
            do throws(EngineError<Never>) {
                try await PipelineRemover(base).forget(request: request)
            } catch {
                Issue.record("\(error)")
            }
        }
        return try await base.turn(body)
    }
}
