internal import CairnCore
internal import CairnDomains
internal import CairnJournal
internal import CairnLMDB

extension DemoDay {
    /// How many events are appended in one turn.
    private static let turnEventCount = 500

    /// Appends the day to a journal, with recorded times as if each event had come then.
    ///
    /// Appending it again adds nothing, because every event has its own id.
    ///
    /// - Returns: How many events were not there before.
    func append(to journal: LMDBJournal) async throws(CommandFailure) -> Int {
        var newCount = 0
        for start in stride(from: 0, to: rows.count, by: Self.turnEventCount) {
            let rows = rows[start..<min(start + Self.turnEventCount, rows.count)]
            var appends: [StreamAppend] = []
            for row in rows { appends.append(try Self.append(row, path: journal.path)) }
            let batch = appends
            let receipts = try await journaling(journal.path, isWriting: true) {
                () async throws(JournalError) in
                try await journal.append(batch)
            }
            newCount += receipts.joined().count { !$0.isDuplicate }
        }
        return newCount
    }

    private static func append(
        _ row: Row,
        path: String
    ) throws(CommandFailure) -> StreamAppend {
        do {
            let number = row.event.sequenceNumber ?? 0
            let event = try row.event.newEvent(
                id: try PipelineEvent.eventID(request: row.request, sequenceNumber: number),
                recordedAt: row.event.createdAt
            )
            return StreamAppend([event], to: try PipelineEvent.streamID(request: row.request))
        } catch {
            throw CommandFailure(.badInput, "\(path): the demo cannot be written: \(error)")
        }
    }
}
