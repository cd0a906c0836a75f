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

    /// A tree of the journal's packs.
    enum Packs: CaseIterable {
        /// A leaf and nothing else.
        case few
        /// Long values at an uneven pace, whose leaves stand between others.
        case long
        /// Values that stand in their leaves, below two levels of branches.
        case single

        var count: Int {
            switch self {
            case .few: 3
            case .long: 200
            case .single: 4_000
            }
        }

        var depth: Int {
            switch self {
            case .few: 1
            case .long: 2
            case .single: 3
            }
        }
    }

    private func journal(of packs: Packs, at path: String) async throws -> UInt64 {
        let journal = try LMDBJournal(path: path)
        var generator = SampleJournal.Generator(state: 4)
        var count = 0
        for _ in 0..<packs.count {
            let events = try (0..<(packs == .long ? 12 + generator.next(20) : 1)).map { part in
                try NewEvent(
                    type: "noted",
                    id: try EventID("event/\(count + part)"),
                    occurredAt: .unixEpoch,
                    payload: [UInt8](repeating: UInt8(part), count: 170)
                )
            }
            count += events.count
            try await journal.append([StreamAppend(events, to: StreamID("pipeline/REQ"))])
        }
        journal.close()
        return UInt64(count)
    }

    @Test(arguments: Packs.allCases)
    func `numbers that are looked up together lead to where each leads alone`(
        _ packs: Packs
    ) async throws {
        let folder = try ScratchFolder()
        let last = try await journal(of: packs, at: folder.path("j"))
        let environment = try Environment(path: folder.path("j"), isReadOnly: false)
        defer { environment.close() }
        var generator = SampleJournal.Generator(state: 5)
        let orders: [[UInt64]] = [
            Array(0...last + 3), (0...last).reversed().filter { $0 % 7 == 0 },
            (0..<2_000).map { _ in UInt64(generator.next(Int(last) + 2)) }, [.max, 1, .max], [],
        ]
        for numbers in orders {
            var (depth, missedCount, wrong) = (0, 0, [UInt64]())
            try environment.read { transaction throws(JournalError) in
                guard let tree = try transaction.tree(.journal) else { return }
                depth = tree.depth
                let cursor = try Cursor(transaction, .journal)
                for (number, ahead) in zip(numbers, tree.lookAhead(for: numbers)) {
                    let alone = try withKey(number) { key throws(JournalError) in
                        try cursor.seek(key) { _, value in value.withUnsafeBytes { $0 } }
                    }
                    guard let value = tree.value(ahead) else {
                        if alone != nil { missedCount += 1 }
                        continue
                    }
                    // The very bytes in the map.
                    if alone?.baseAddress != value.baseAddress || alone?.count != value.count {
                        wrong.append(number)
                    }
                }
            }
            #expect(depth == packs.depth)
            #expect(wrong.isEmpty)
            // Only what is behind the last key of one of several branches.
            #expect(missedCount <= (packs == .single ? numbers.count / 100 : 0))
        }
    }

    @Test func `a page whose bounds change between two looks is no trap`() throws {
        let page = UnsafeMutableRawBufferPointer.allocate(byteCount: 4_096, alignment: 8)
        defer { page.deallocate() }
        for lower in stride(from: UInt16(0), through: .max, by: 37) {
            page.initializeMemory(as: UInt8.self, repeating: 0)
            page.storeBytes(of: 7, as: UInt64.self)
            page.storeBytes(of: PageFormat.leafFlag, toByteOffset: 10, as: UInt16.self)
            page.storeBytes(of: 100, toByteOffset: 12, as: UInt16.self)
            page.storeBytes(of: 4_000, toByteOffset: 14, as: UInt16.self)
            let start = try #require(page.baseAddress)
            let leaf = try MappedPage(start, number: 7, isLeaf: true)
            page.storeBytes(of: lower, toByteOffset: 12, as: UInt16.self)
            withUnsafeBytes(of: UInt64(5).bigEndian) { bytes in
                let key = SoughtKey(bytes)
                for share in [nil, 0, 0.5, 1] {
                    for first in [0, 1] {
                        let found = try? leaf.search(key, from: first, near: share)
                        // All nodes lead to the page's beginning, where none may be.
                        #expect(found == nil || found?.isEqual == false)
                    }
                }
            }
        }
    }

    @Test func `a view reads LMDB's own table itself as long as no commit has followed`()
        async throws
    {
        let folder = try ScratchFolder()
        _ = try await journal(of: .few, at: folder.path("j"))
        let environment = try Environment(path: folder.path("j"), isReadOnly: false)
        defer { environment.close() }
        let key = HeadRecord.key
        func head(_ transaction: Transaction) throws(JournalError) -> [UInt8]? {
            try transaction.get(.main, key.span.bytes) { $0.array() }
        }
        let first = try environment.read { transaction throws(JournalError) in
            (try transaction.tree(.main) != nil, try head(transaction))
        }
        #expect(first.0)
        let old = try Transaction(environment, isReadOnly: true)
        let asked = try Transaction(environment, isReadOnly: true)
        #expect(try asked.tree(.main) != nil)
        for number in UInt8(0)..<3 {
            let writer = try Transaction(environment, isReadOnly: false)
            #expect(try writer.tree(.main) == nil)
            let value = [number]
            try writer.put(.main, key.span.bytes, value.span.bytes)
            #expect(try head(writer) == value)
            try writer.commit()
            #expect(try old.tree(.main) == nil)
            #expect(try head(old) == first.1)
            #expect(try head(asked) == first.1)
            let new = try Transaction(environment, isReadOnly: true)
            #expect(try new.tree(.main) != nil)
            #expect(try head(new) == value)
        }
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

    /// What a page lends of its first node; nil where it says that the page cannot be.
    private func lent(_ bytes: [UInt8], isLeaf: Bool) -> [Range<Int>]? {
        bytes.withUnsafeBytes { buffer in
            guard let start = buffer.baseAddress else { return nil }
            func range(_ lent: UnsafeRawBufferPointer) -> Range<Int> {
                let first = lent.baseAddress.map { $0 - start } ?? 0
                return first..<first + lent.count
            }
            do throws(PageFault) {
                let page = try MappedPage(start, number: 5, isLeaf: isLeaf)
                var ranges = [range(try page.key(0))]
                guard isLeaf else {
                    _ = try page.child(0)
                    return ranges
                }
                if case .inline(let value) = try page.value(0) { ranges.append(range(value)) }
                return ranges
            } catch {
                return nil
            }
        }
    }

    @Test(arguments: [true, false])
    func `whatever two bytes of a page say, nothing outside of it is lent`(isLeaf: Bool) {
        // One node with a key of 8 bytes, and in a leaf a value of 100.
        let size = MappedFile.pageByteCount
        let node = size - (isLeaf ? 116 : 16)
        var sound = [UInt8](repeating: 0, count: size)
        func put(_ number: Int, at offset: Int, in bytes: inout [UInt8]) {
            bytes[offset] = UInt8(truncatingIfNeeded: number)
            bytes[offset + 1] = UInt8(truncatingIfNeeded: number >> 8)
        }
        let fields = [
            (0, 5), (10, isLeaf ? 2 : 1), (12, 18), (14, node), (16, node),
            (node, isLeaf ? 100 : 9), (node + 2, 0), (node + 4, 0), (node + 6, 8),
        ]
        for (offset, number) in fields { put(number, at: offset, in: &sound) }
        let key = node + 8..<node + 16
        #expect(lent(sound, isLeaf: isLeaf) == (isLeaf ? [key, key.upperBound..<size] : [key]))
        var refusedCount = 0
        for (offset, _) in fields {
            for number in 0...UInt16.max {
                var bytes = sound
                put(Int(number), at: offset, in: &bytes)
                guard let ranges = lent(bytes, isLeaf: isLeaf) else {
                    refusedCount += 1
                    continue
                }
                let isInside = ranges.allSatisfy { $0.lowerBound >= 18 && $0.upperBound <= size }
                if !isInside {
                    Issue.record("\(number) at \(offset): \(ranges)")
                    return
                }
            }
        }
        // Most numbers cannot be: of another page, of no kind, of nodes outside.
        #expect(refusedCount > 250_000, "\(refusedCount)")
    }
}
