import CairnCore
import CairnJournal
import CairnTestSupport
import Testing

@testable import CairnLMDB

/// Index records with a bit flipped: an append or a read that needs one refuses it.
struct IndexDamageTests {
    private struct Record {
        let table: Table
        let key: [UInt8]
    }

    /// A journal of one stream with five events, all in the index tables.
    private func make(_ path: String) async throws -> [Record] {
        let journal = try LMDBJournal(path: path)
        defer { journal.close() }
        let events = try (1...5).map { number in
            try NewEvent(
                type: "t",
                id: EventID("r/\(number)"),
                occurredAt: Timestamp(nanoseconds: 0),
                payload: [1]
            )
        }
        try await journal.append([StreamAppend(events, to: try StreamID("s/1"))])
        return [
            Record(table: .stream, key: Array("s/1".utf8)),
            Record(
                table: .streamEvents,
                key: IndexRecords.streamSliceKey(
                    StreamNumber(rawValue: 1),
                    SequenceNumber(rawValue: 1)
                )
            ),
            Record(
                table: .eventID,
                key: IndexRecords.idSliceKey(Array("r/".utf8)[...], first: .first)
            ),
        ]
    }

    /// Flips a bit of a record's value; nil if the value has no such bit.
    private func flip(_ record: Record, bit: Int, in path: String) throws -> Bool {
        let environment = try Environment(path: path, isReadOnly: false)
        defer { environment.close() }
        let transaction = try Transaction(environment, isReadOnly: false)
        var value = try #require(
            try transaction.get(record.table, record.key.span.bytes) { $0.array() }
        )
        guard bit < value.count * 8 else { return false }
        value[bit / 8] ^= 1 << (bit % 8)
        try transaction.put(record.table, record.key.span.bytes, value.span.bytes)
        var head = try transaction.head()
        head.transactionID = transaction.id
        try transaction.putHead(head)
        try transaction.commit()
        return true
    }

    @Test(arguments: 0..<3)
    func `no append is based on a record that lies`(index: Int) async throws {
        let folder = try ScratchFolder()
        let path = folder.path("j")
        let record = try await make(path)[index]
        var bit = 0
        while try flip(record, bit: bit, in: path) {
            let journal = try LMDBJournal(path: path)
            let stream = try StreamID("s/1")
            let known = try NewEvent(
                type: "t",
                id: EventID("r/3"),
                occurredAt: Timestamp(nanoseconds: 0),
                payload: [1]
            )
            // Looks all three tables up: the stream, its last sequence and the id.
            await #expect(throws: JournalError.self, "bit \(bit)") {
                try await journal.append([StreamAppend([known], to: stream)])
            }
            #expect(throws: JournalError.self, "bit \(bit)") {
                _ = try journal.receipt(of: EventID("r/3"))
                _ = try journal.page(
                    of: stream,
                    from: SequenceNumber(rawValue: 1),
                    .forwards,
                    upTo: nil,
                    limit: .standard
                ) { _, _ in .proceed }
            }
            #expect(try journal.head().lastPosition.rawValue == 5)
            journal.close()
            _ = try flip(record, bit: bit, in: path)
            bit += 1
        }
        #expect(bit >= 40)
    }
}
