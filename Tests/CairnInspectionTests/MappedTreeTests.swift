import CairnCore
import CairnJournal
import CairnTestSupport
import Testing

@testable import CairnLMDB

/// Reading a table's pages without LMDB gives what LMDB gives, and an error where it would not end.
struct MappedTreeTests {
    private struct Entry: Equatable {
        let key: [UInt8]
        let value: [UInt8]

        init(_ key: RawSpan, _ value: RawSpan) {
            self.key = key.array()
            self.value = value.array()
        }

        init(_ key: [UInt8], _ value: [UInt8]) {
            self.key = key
            self.value = value
        }
    }

    private static let tables: [Table] = [.journal, .stream, .streamEvents, .eventID]

    /// All that a cursor answers: both ways through the table, and from each of some keys on.
    private func answers(
        _ transaction: Transaction,
        _ table: Table,
        _ keys: [[UInt8]]
    ) throws(JournalError) -> [Entry?] {
        var answers: [Entry?] = []
        let moves: [(Cursor.Move, Cursor.Move)] = [(.first, .next), (.last, .previous)]
        for (first, step) in moves {
            let cursor = try Cursor(transaction, table)
            var entry = try cursor.move(first) { Entry($0, $1) }
            while let found = entry {
                answers.append(found)
                entry = try cursor.move(step) { Entry($0, $1) }
            }
        }
        let cursor = try Cursor(transaction, table)
        for key in keys {
            answers.append(try cursor.seek(key.span.bytes) { Entry($0, $1) })
            answers.append(try cursor.move(.next) { Entry($0, $1) })
            answers.append(try cursor.seek(key.span.bytes) { Entry($0, $1) })
            if answers.last != .some(nil) {
                answers.append(try cursor.move(.previous) { Entry($0, $1) })
            }
            let found = try transaction.get(table, key.span.bytes) { $0.array() }
            answers.append(found.map { Entry(key, $0) })
        }
        return answers
    }

    /// A journal whose tables have branches, and long values.
    private func journal(at path: String) async throws -> [[UInt8]] {
        let journal = try LMDBJournal(path: path)
        var generator = SampleJournal.Generator(state: 3)
        for turn in 0..<120 {
            let appends = try (0..<10).map { part in
                let number = 10 * turn + part
                let stream = try StreamID("pipeline/REQ-\(generator.next(900))")
                let byteCount = number % 70 == 0 ? 9_000 : generator.next(300)
                let event = try NewEvent(
                    type: "noted",
                    id: try EventID("group-\(generator.next(300))/\(number)"),
                    occurredAt: .unixEpoch,
                    payload: [UInt8](repeating: UInt8(part), count: byteCount)
                )
                return StreamAppend([event], to: stream)
            }
            try await journal.append(appends)
        }
        journal.close()
        var keys: [[UInt8]] = [[0], [255], Array("pipeline/REQ-5".utf8)]
        for number in stride(from: 0, to: 1_300, by: 7) {
            keys.append((0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * (7 - $0))) })
            keys.append(Array("pipeline/REQ-\(number)".utf8))
            keys.append(Array("group-\(number)".utf8))
        }
        return keys
    }

    @Test func `every table answers as it does through LMDB`() async throws {
        let folder = try ScratchFolder()
        let keys = try await journal(at: folder.path("j"))
        let environment = try Environment(path: folder.path("j"), isReadOnly: false)
        defer { environment.close() }
        var depths: [Int] = []
        for table in Self.tables {
            let mapped = try environment.read { transaction throws(JournalError) in
                depths.append(try transaction.tree(table)?.depth ?? 0)
                return try answers(transaction, table, keys)
            }
            // What a transaction has written to is read by LMDB.
            let transaction = try Transaction(environment, isReadOnly: false)
            let first: Entry? = try Cursor(transaction, table).move(.first) { Entry($0, $1) }
            let entry = try #require(first)
            try transaction.put(table, entry.key.span.bytes, entry.value.span.bytes)
            let isMapped = try transaction.tree(table) != nil
            #expect(!isMapped)
            let byLMDB = try answers(transaction, table, keys)
            #expect(byLMDB.count > 1_000 && mapped == byLMDB, "\(table)")
        }
        // None of them is a single page, and none was left to LMDB.
        #expect(depths.allSatisfy { $0 >= 2 }, "\(depths)")
    }

    @Test func `the map is found again after it has grown`() async throws {
        let folder = try ScratchFolder()
        let keys = try await journal(at: folder.path("j"))
        let environment = try Environment(path: folder.path("j"), isReadOnly: false)
        defer { environment.close() }
        func read() throws(JournalError) -> (isMapped: Bool, answers: [Entry?]) {
            try environment.read { transaction throws(JournalError) in
                let tree = try transaction.tree(.journal)
                return (tree != nil, try answers(transaction, .journal, keys))
            }
        }
        let before = try read()
        try environment.grow()
        let after = try read()
        #expect(before.isMapped && after.isMapped)
        #expect(after.answers == before.answers)
    }
}
