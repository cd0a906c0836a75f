import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import CairnLMDB
import CairnServices
import CairnTestSupport
import CairnTesting
import Foundation
import Testing

/// The queries of seed 002, answered by Cairn and by PostgreSQL over the same rows.
@Suite(.enabled(if: PostgreSQL.connection != nil, "\(PostgreSQL.absence)"))
struct PostgreSQLTests {
    static let seeds: Range<UInt64> = 1..<41

    let scratch: ScratchFolder

    init() throws {
        scratch = try ScratchFolder()
    }

    /// Loads what a view sees into PostgreSQL, and compares the answers there with the view's.
    private func compare(
        _ view: PipelineView,
        _ answers: [PeerAnswer],
        schema: String,
        extraLines: [String] = []
    ) async throws {
        let bytes = try await JournalRows.exported(view.journal, .sql, upTo: view.asOf)
        let found = try await PostgreSQL.answers(
            loading: try scratch.file("export.sql", bytes),
            schema: schema,
            answers.map(\.query.sql),
            extraLines: extraLines
        )
        try #require(found.count == answers.count)
        for (answer, found) in zip(answers, found) { try answer.expect(found, schema) }
    }

    @Test(arguments: seeds)
    func `answers over a random history are those of PostgreSQL`(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed &* 31)
        let numbering = PeerHistory.Numbering.allCases[Int(seed % 3)]
        let history = PeerHistory.random(seed: seed, numbering)
        let journal = try await history.journal(in: scratch)
        defer { journal.close() }
        let last = try journal.head().lastPosition.rawValue
        let bound = random.isHit(1, outOf: 3) ? Position(rawValue: 1 + last / 2) : nil
        let view = PipelineView(journal, asOf: bound)
        var answers: [PeerAnswer] = []
        for tenant in PeerHistory.tenants {
            let limit = random.pick([0, 1, 3, 20, 100])
            let question = PeerQuestion(view: view, tenant: tenant, now: history.now, limit: limit)
            answers += try await question.all()
        }
        let question = PeerQuestion(view: view, tenant: "", now: history.now, limit: 0)
        let rows = try await JournalRows.all(of: journal, upTo: bound)
        for request in Set(rows.map(\.request)).sorted() {
            answers.append(try await question.timeline(of: request))
        }
        let copy = scratch.path + "/copy.csv"
        try await compare(
            view,
            answers,
            schema: "cairn_peer_seed_\(seed)",
            extraLines: [
                "\\copy (SELECT * FROM event_tracker ORDER BY id) TO '\(copy)' CSV HEADER"
            ]
        )
        if numbering != .mixed { try await expectCopy(at: copy, of: rows, "seed \(seed)") }
    }

    /// Expects that what PostgreSQL's `COPY` writes imports as the rows that were loaded.
    private func expectCopy(
        at path: String,
        of rows: [ExportRow],
        _ context: Comment
    ) async throws {
        let copies = try await JournalRows.all(of: JournalRows.imported(path))
        try #require(copies.count == rows.count, context)
        for (copy, row) in zip(copies, rows) {
            var event = row.event
            // What the statements put in place of the source's own.
            event.sourceID = Int64(clamping: row.position.rawValue)
            event.sequenceNumber = row.tableNumber
            #expect(copy.request == row.request, context)
            #expect(try copy.event.canonicalContent() == event.canonicalContent(), context)
        }
    }

    /// Means that are equal as fractions are not always equal as `AVG` rounds them, and groups of
    /// many thousand are not sorted to find their percentile.
    @Test func `answers over large groups are those of PostgreSQL`() async throws {
        var history = PeerHistory(numbering: .places)
        var random = SeededGenerator(seed: 7)
        func add(_ stage: String, _ duration: Int64) {
            var event = PipelineEvent(
                tenant: "anthem",
                stage: stage,
                eventType: "X_OK",
                status: .completed,
                createdAt: history.now
            )
            event.durationMilliseconds = duration
            history.rows.append(PeerHistory.Row(request: "PAGW-\(stage)", event: event))
        }
        // 4/3 both times, printed with 16 and with 20 decimals.
        for duration in [1, 1, 2] as [Int64] { add("A", duration) }
        for index in 0..<10_002 { add("B", index % 3 == 0 ? 2 : 1) }
        for _ in 0..<4_200 { add("C", random.draw(-(1 << 60)...1 << 60)) }
        let journal = try await history.journal(in: scratch)
        defer { journal.close() }
        let view = PipelineView(journal)
        let question = PeerQuestion(view: view, tenant: "anthem", now: history.now, limit: 20)
        try await compare(
            view,
            [try await question.slowest(), try await question.stats()],
            schema: "cairn_peer_large"
        )
    }

    @Test(.enabled(if: RealData.folder != nil, "no folder shared/data beside the package"))
    func `answers over a real incident log are those of PostgreSQL`() async throws {
        let path = try #require(RealData.folder) + "/process-logs/07_bpic2013_incidents.xes.gz"
        let journal = try LMDBJournal(path: scratch.path + "/journal")
        defer { journal.close() }
        let importer = PipelineImporter(into: journal)
        try await importer.run([ImportInput(path: path)])
        #expect(importer.summary.events == 65_533)
        let view = PipelineView(journal)
        let last = try #require(try await view.find(FindQuery(limit: 1)).first).event
        var answers: [PeerAnswer] = []
        // The log's last minute, and a day when it was busy.
        for day in [0, 14] as [Int64] {
            let now = last.createdAt.adding(.seconds(-86_400 * day))
            let question = PeerQuestion(view: view, tenant: last.tenant, now: now, limit: 20)
            answers += [try await question.stuck(), try await question.stats()]
        }
        #expect(answers.allSatisfy { !$0.rows.isEmpty })
        try await compare(view, answers, schema: "cairn_peer_incidents")
    }
}
