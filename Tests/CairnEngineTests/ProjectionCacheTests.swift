import CairnCore
import CairnEngine
import CairnJournal
@testable import CairnLMDB
import CairnTestSupport
import CairnTesting
import Foundation
import Testing

/// Stored tables that are damaged, of another journal, in the way or missing: never an error,
/// never a wrong answer (law 8).
struct ProjectionCacheTests {
    private func fill(_ journal: any Journal, _ count: Int, seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<count {
            let event = try NewEvent(
                type: "noted",
                occurredAt: Timestamp(nanoseconds: generator.draw(-9...9)),
                payload: generator.bytes(count: 3)
            )
            try await journal.append(event, to: try StreamID("s/\(generator.below(5))"))
        }
    }

    private func expectExact(
        _ path: String,
        readOnly: Bool = false,
        _ what: Comment
    ) async throws {
        let journal = try LMDBJournal(
            path: path,
            configuration: readOnly ? .readOnly : LMDBJournal.Configuration()
        )
        defer { journal.close() }
        let live = LiveProjection(Ledger(), of: journal)
        #expect(try await Ledger.all(live) == Ledger.naive(journal), what)
        if !readOnly {
            let mark = try await live.catchUp()
            let fresh = LiveProjection(Ledger(name: "test.fresh"), of: journal)
            #expect(try await fresh.catchUp()?.stateHash == mark?.stateHash, what)
            try await fresh.reset()
        }
    }

    private func made(_ scratch: ScratchFolder, _ name: String, seed: UInt64) async throws -> String
    {
        let path = scratch.path(name)
        let journal = try LMDBJournal(path: path)
        defer { journal.close() }
        try await fill(journal, 120, seed: seed)
        try await LiveProjection(Ledger(), of: journal).catchUp()
        try await fill(journal, 20, seed: seed + 1)
        return path
    }

    @Test func `no flipped bit of a stored value or mark changes an answer`() async throws {
        let scratch = try ScratchFolder()
        let path = try await made(scratch, "a.cairn", seed: 1)
        let file = URL(filePath: path + "/projections/data.mdb")
        let whole = [UInt8](try Data(contentsOf: file))
        let places = try recordPlaces(whole, path + "/projections")
        #expect(places.count > 100)
        var generator = SeededGenerator(seed: 30)
        for (number, place) in places.enumerated() where number == 0 || number % 20 == 3 {
            var bytes = whole
            for start in place.starts {
                bytes[start + generator.below(place.byteCount)] ^= 1 << UInt8(generator.below(8))
            }
            try Data(bytes).write(to: file)
            try await expectExact(path, readOnly: true, "record \(number), read only")
            try await expectExact(path, "record \(number)")
        }
    }

    /// Where the values of all records lie in the file; the mark's is the first.
    private func recordPlaces(
        _ bytes: [UInt8],
        _ folder: String
    ) throws -> [(starts: [Int], byteCount: Int)] {
        let environment = try Environment(
            path: folder,
            isReadOnly: true,
            tables: [.main],
            flushing: .pagesOnly
        )
        defer { environment.close() }
        var records: [(key: [UInt8], byteCount: Int)] = []
        try environment.read { transaction throws(JournalError) in
            let cursor = try Cursor(transaction, .main)
            func take(_ key: RawSpan, _ value: RawSpan) {
                records.append((key.array(), value.byteCount))
            }
            var found: Void? = try cursor.move(.first, take)
            while found != nil { found = try cursor.move(.next, take) }
        }
        let data = Data(bytes)
        return records.map { key, byteCount in
            var starts: [Int] = []
            var from = data.startIndex
            while let range = data.range(of: Data(key), in: from..<data.endIndex) {
                if range.upperBound + byteCount <= data.count { starts.append(range.upperBound) }
                from = range.upperBound
            }
            return (starts, byteCount)
        }
    }

    @Test func `pages that are spoilt while the tables are open end no reader`() async throws {
        let scratch = try ScratchFolder()
        let path = try await made(scratch, "a.cairn", seed: 2)
        let journal = try LMDBJournal(path: path)
        defer { journal.close() }
        try await fill(journal, 2_000, seed: 4)
        let live = LiveProjection(Ledger(), of: journal)
        let keys = try await live.read { view throws(EngineError<Never>) in
            var list = ProjectionKeyList(capacity: 4_096)
            try view.forEach { key, _ in
                list.add { view.rules.write(key, to: &$0) }
                return .proceed
            }
            return list
        }
        try await live.catchUp()
        let store = try #require(journal.projectionStore)
        var known: [[UInt8]: [UInt8]] = [:]
        try store.read(live.table) { stored throws(JournalError) in
            try stored.forEach(inPrefix: [], from: nil, .forwards) { key, value in
                known[key.array()] = value.array()
                return .proceed
            }
        }
        #expect(known.count == keys.count)
        /// What is lent is what was written; how many values were lent.
        func look() throws -> Int {
            var (count, wrongCount) = (0, 0)
            func take(_ key: RawSpan, _ value: RawSpan) {
                count += 1
                if known[key.array()] != value.array() { wrongCount += 1 }
            }
            defer { #expect(wrongCount == 0) }
            try store.read(live.table) { stored throws(JournalError) in
                let bytes = keys.bytes
                try stored.forEachValue(of: keys) { index, value in
                    take(bytes.span.bytes.extracting(keys.range(of: index)), value)
                }
                for direction in [PageDirection.forwards, .backwards] {
                    try stored.forEach(inPrefix: [], from: nil, direction) { key, value in
                        take(key, value)
                        return .proceed
                    }
                }
            }
            return count
        }
        #expect(try look() == 3 * keys.count)
        let file = try FileHandle(forUpdating: URL(filePath: path + "/projections/data.mdb"))
        defer { try? file.close() }
        let whole = [UInt8](try #require(try file.readToEnd()))
        #expect(whole.count > 30 * 4_096)
        var generator = SeededGenerator(seed: 31)
        var damageCount = 0
        for round in 0..<2_000 {
            let page = 2 + generator.below(whole.count / 4_096 - 2)
            var bytes = Array(whole[page * 4_096..<(page + 1) * 4_096])
            let header = generator.isHit(1, outOf: 2)
            for _ in 0...generator.below(generator.pick([1, 8, 4_096])) {
                bytes[generator.below(header ? 64 : 4_096)] = generator.pick([0, 1, 16, 0xFF])
            }
            try file.seek(toOffset: UInt64(page * 4_096))
            try file.write(contentsOf: bytes)
            do { _ = try look() } catch JournalError.damaged { damageCount += 1 }
            try file.seek(toOffset: UInt64(page * 4_096))
            try file.write(contentsOf: whole[page * 4_096..<(page + 1) * 4_096])
            if round % 100 == 0 { #expect(try look() == 3 * keys.count) }
        }
        #expect(damageCount > 200)
    }

    @Test(arguments: ["", "short", "garbage", "pages", "gone", "file"])
    func `a store that is none is begun again`(_ what: String) async throws {
        let scratch = try ScratchFolder()
        let path = try await made(scratch, "a.cairn", seed: 2)
        let folder = URL(filePath: path + "/projections")
        let file = folder.appending(path: "data.mdb")
        switch what {
        case "gone": try FileManager.default.removeItem(at: folder)
        case "file":
            try FileManager.default.removeItem(at: folder)
            try Data("in the way".utf8).write(to: folder)
        case "short": try Data(try Data(contentsOf: file).prefix(5_000)).write(to: file)
        case "garbage":
            try Data((0..<40_000).map { UInt8(truncatingIfNeeded: $0 * 7) }).write(to: file)
        case "pages":
            var bytes = try Data(contentsOf: file)
            for index in 8_192..<bytes.count { bytes[index] = 0xA5 }
            try bytes.write(to: file)
        default: try Data().write(to: file)
        }
        try await expectExact(path, readOnly: true, "\(what), read only")
        if what == "file" {
            let journal = try LMDBJournal(path: path)
            defer { journal.close() }
            let live = LiveProjection(Ledger(), of: journal)
            #expect(try await Ledger.all(live) == Ledger.naive(journal))
        } else {
            try await expectExact(path, "\(what)")
        }
    }

    @Test func `tables of another journal are passed over`() async throws {
        let scratch = try ScratchFolder()
        let (a, b) = (
            try await made(scratch, "a.cairn", seed: 3), try await made(scratch, "b.cairn", seed: 7)
        )
        try FileManager.default.removeItem(atPath: b + "/projections")
        try FileManager.default.copyItem(atPath: a + "/projections", toPath: b + "/projections")
        try await expectExact(b, readOnly: true, "read only")
        try await expectExact(b, "writing")
        // A journal that ends before the mark.
        let c = scratch.path("c.cairn")
        let journal = try LMDBJournal(path: c)
        try await fill(journal, 10, seed: 9)
        journal.close()
        try FileManager.default.copyItem(atPath: a + "/projections", toPath: c + "/projections")
        try await expectExact(c, readOnly: true, "shorter, read only")
        try await expectExact(c, "shorter")
    }

    @Test func `a reader writes nothing and answers from memory`() async throws {
        let scratch = try ScratchFolder()
        let path = try await made(scratch, "a.cairn", seed: 4)
        let before = try Data(contentsOf: URL(filePath: path + "/projections/data.mdb"))
        try await expectExact(path, readOnly: true, "with tables")
        let after = try Data(contentsOf: URL(filePath: path + "/projections/data.mdb"))
        #expect(before == after)
        try FileManager.default.removeItem(atPath: path + "/projections")
        try await expectExact(path, readOnly: true, "without tables")
        #expect(!FileManager.default.fileExists(atPath: path + "/projections"))
        let journal = try LMDBJournal(path: path, configuration: .readOnly)
        defer { journal.close() }
        await #expect(throws: EngineError<Never>.journal(.readOnly)) {
            try await LiveProjection(Ledger(), of: journal).catchUp()
        }
    }
}
