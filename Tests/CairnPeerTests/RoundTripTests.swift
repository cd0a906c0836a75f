import CairnCore
import CairnDomains
import CairnJournal
import CairnLMDB
import CairnServices
import CairnTestSupport
import CairnTesting
import Testing

/// What leaves a journal as rows comes back as the same events.
struct RoundTripTests {
    static let seeds: Range<UInt64> = 201..<221

    let scratch: ScratchFolder

    init() throws {
        scratch = try ScratchFolder()
    }

    /// A history with instants finer than a database keeps, and ids of its own.
    private func history(seed: UInt64, _ numbering: PeerHistory.Numbering) -> PeerHistory {
        var history = PeerHistory.random(seed: seed, numbering)
        var random = SeededGenerator(seed: seed)
        var tenants: [String: String] = [:]
        history.rows = history.rows.map { row in
            var event = row.event
            // An import refuses a request of two tenants.
            event.tenant = tenants[row.request, default: event.tenant]
            tenants[row.request] = event.tenant
            // Chosen by the number, so that a row that was sent twice stays one row.
            let nanoseconds = (event.sequenceNumber ?? random.draw(0...999)) & 511
            event.createdAt = event.createdAt.adding(TimeSpan(nanoseconds: nanoseconds))
            event.sourceID = event.sequenceNumber.map { $0 &* 3 }
            if let message = event.errorMessage { event.errorMessage = message + "\0\u{7F}" }
            return PeerHistory.Row(request: row.request, event: event)
        }
        return history
    }

    @Test(arguments: [ExportFormat.jsonl, .csv], seeds)
    func `an export imports as the same records`(format: ExportFormat, seed: UInt64) async throws {
        let numbering = PeerHistory.Numbering.allCases[Int(seed % 3)]
        let history = history(seed: seed, numbering)
        let journal = try await history.journal(in: scratch)
        defer { journal.close() }
        let bytes = try await JournalRows.exported(journal, format)
        let path = try scratch.file("export", bytes)
        let copy = try await JournalRows.imported(path)
        #expect(try await JournalRows.exported(copy, format) == bytes, "seed \(seed)")
        let records = try await JournalRows.records(of: journal)
        #expect(try await JournalRows.records(of: copy) == records, "seed \(seed)")
        let head = try await copy.head().lastPosition
        #expect(try journal.head().lastPosition == head, "seed \(seed)")
        // Doing it again adds nothing; nor does it where the rows came from, if they have ids.
        let importer = PipelineImporter(into: copy)
        try await importer.run([ImportInput(path: path)])
        #expect(importer.summary.events == 0, "seed \(seed)")
        guard numbering == .given else { return }
        let back = PipelineImporter(into: journal)
        try await back.run([ImportInput(path: path)])
        #expect(back.summary.events == 0, "seed \(seed)")
    }
}
