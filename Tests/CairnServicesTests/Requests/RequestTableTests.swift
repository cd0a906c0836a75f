import Cairn
import CairnTestSupport
import CairnTesting
import Foundation
import Testing

@testable import CairnServices

/// Checkpoints that are damaged, of other rules, or of a journal from which something was removed.
struct RequestTableTests {
    private static let interval: UInt64 = 8
    private static let now = RequestActs.time(400)

    private func board(
        _ journal: any Journal,
        _ definition: PipelineDefinition = .priorAuthorization
    ) -> RequestBoard {
        RequestBoard(journal, definition: definition, interval: Self.interval)
    }

    /// Compares the answers as of some positions with those of a pass over all events.
    private func expectEqual(
        _ journal: any Journal,
        by definition: PipelineDefinition = .priorAuthorization,
        _ comment: Comment
    ) async throws {
        let last = try await journal.head().lastPosition.rawValue
        for position in stride(from: last, to: 0, by: -37) {
            let position = Position(rawValue: position)
            let plain = PipelineView(journal, asOf: position, definition: definition)
            let expected = try await plain.lists(at: Self.now)
            let found = try await board(journal, definition).view(asOf: position)
                .lists(at: Self.now)
            #expect(found == expected, "\(comment) as of \(position)")
        }
    }

    @Test func `a checkpoint that cannot be read is none`() async throws {
        let acts = try RequestActs(seed: 31, count: 300, isMixed: false)
        let journal = MemoryJournal()
        try await journal.append(acts.appends)
        try await board(journal).catchUp()
        let store = try #require(journal.projectionStore)
        let (table, mark) = try #require(try store.tables().first)
        var keys: [[UInt8]] = []
        try store.read(table) { stored throws(JournalError) in
            try stored.forEach(inPrefix: [], from: nil, .forwards) { key, _ in
                keys.append(key.array())
                return .proceed
            }
        }
        #expect(keys.count > 10)
        let spoilt = keys.map { (key: $0, value: Optional([UInt8](repeating: 0x5A, count: 40))) }
        let changes = ProjectionChanges(
            entries: spoilt,
            position: mark.position,
            eventDigest: mark.eventDigest
        )
        #expect(try await store.write(changes, to: table, expecting: mark) != nil)
        try await expectEqual(journal, "spoilt")
    }

    @Test func `flipped bits of stored requests change no answer`() async throws {
        let folder = try ScratchFolder()
        let acts = try RequestActs(seed: 32, count: 300, isMixed: false)
        let journal = try LMDBJournal(path: folder.path("j"))
        try await journal.append(acts.appends)
        try await board(journal).catchUp()
        journal.close()
        let file = folder.url.appendingPathComponent("j/projections/data.mdb")
        var bytes = try Data(contentsOf: file)
        var count = 0
        // Ids and workers stand in values alone.
        for text in ["R-1", "pod-"] {
            var start = bytes.startIndex
            while let found = bytes[start...].firstRange(of: Data(text.utf8)) {
                bytes[found.lowerBound + 1] ^= 1 << UInt8(count % 8)
                start = found.upperBound
                count += 1
            }
        }
        #expect(count > 10)
        try bytes.write(to: file)
        let opened = try LMDBJournal(path: folder.path("j"), configuration: .readOnly)
        defer { opened.close() }
        try await expectEqual(opened, "flipped")
    }

    @Test func `other definitions and intervals have tables of their own`() async throws {
        let acts = try RequestActs(seed: 33, count: 300, isMixed: true)
        let journal = MemoryJournal()
        try await journal.append(acts.appends)
        let first = PipelineDefinition.priorAuthorization
        let other = PipelineDefinition(
            name: first.name,
            version: first.version + 1,
            isOpen: false,
            stages: first.stages,
            eventTypes: first.eventTypes.map { type in
                var type = type
                if type.name == "PARSE_OK" { type.isTerminal = true }
                return type
            }
        )
        try await board(journal).catchUp()
        try await expectEqual(journal, by: other, "by another definition, without tables")
        try await board(journal, other).catchUp()
        #expect(try journal.projectionStore?.tables().count == 2)
        try await expectEqual(journal, by: other, "by another definition")
        try await expectEqual(journal, "by the first definition")
    }

    @Test func `what was removed is in no list as of a position behind its removal`() async throws {
        let folder = try ScratchFolder()
        let acts = try RequestActs(seed: 34, count: 300, isMixed: false)
        let journal = try LMDBJournal(path: folder.path("j"))
        defer { journal.close() }
        try await journal.append(Array(acts.appends.prefix(200)))
        try await board(journal).catchUp()
        try await PipelineRemover(journal).forget(request: "R-3")
        #expect(try journal.projectionStore?.tables().isEmpty == true)
        try await board(journal).catchUp()
        try await expectEqual(journal, "removed")
        try await journal.append(Array(acts.appends.dropFirst(200)))
        try await expectEqual(journal, "with events behind it")
        try await board(journal).catchUp()
        try await expectEqual(journal, "caught up")
        let lines = try await board(journal).view().lines(now: Self.now)
        #expect(!lines.contains { $0.requestID == "R-3" })
        let store = try #require(journal.projectionStore)
        let (table, _) = try #require(try store.tables().first)
        try store.read(table) { stored throws(JournalError) in
            try stored.forEach(inPrefix: [], from: nil, .forwards) { _, value in
                let text = String(decoding: value.array(), as: UTF8.self)
                #expect(!text.contains("\u{3}R-3"))
                return .proceed
            }
        }
    }
}
