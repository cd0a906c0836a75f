import CairnCore
import CairnJournal
import CairnTestSupport
import Foundation
import Testing

@testable import CairnLMDB

struct IndexTests {
    private func events(_ numbers: Range<Int>, prefix: String) throws -> [NewEvent] {
        try numbers.map { number in
            try NewEvent(
                type: "T",
                id: try EventID("\(prefix)\(number)"),
                occurredAt: .unixEpoch,
                payload: [UInt8](repeating: UInt8(number % 251), count: number % 70)
            )
        }
    }

    /// Writes the next slice of the index, or all but the last, as a writer that is killed then.
    private func flushPartly(_ path: String, sliceCountMax: Int) throws -> Bool {
        let environment = try Environment(path: path, isReadOnly: false)
        let head = try environment.read { transaction throws(JournalError) in
            try transaction.head()
        }
        let segment = TailSegment(after: head.indexedPosition)
        try environment.read { transaction throws(JournalError) in
            let table = JournalTable(transaction, last: head.lastPosition)
            _ = try table.page(
                from: head.indexedPosition.next,
                .forwards,
                limit: PageLimit(eventCountMax: 1 << 20, byteCountMax: 1 << 30)
            ) { header, frame in
                segment.add(
                    sequence: header.sequence,
                    of: header.streamNumber,
                    naming: header.streamID(in: frame),
                    id: header.eventID(in: frame).map { EventIDKey($0) }
                )
                return .proceed
            }
        }
        let flush = IndexFlush(segment)
        for _ in 0..<sliceCountMax {
            let transaction = try Transaction(environment, isReadOnly: false)
            var head = try transaction.head()
            let isDone = try flush.writeSlice(transaction)
            head.transactionID = transaction.id
            try transaction.putHead(head)
            try transaction.commit()
            if isDone { return true }
        }
        return false
    }

    @Test func `a flush that was cut short leaves true facts only`() async throws {
        let folder = try ScratchFolder()
        let journal = try LMDBJournal(path: folder.path("j"))
        // More than one slice of the flush takes: 3,000 names and 3,000 lists of sequences.
        for batch in 0..<6 {
            var appends: [StreamAppend] = []
            for stream in 0..<1_000 {
                let number = batch * 1_000 + stream
                appends.append(
                    StreamAppend(
                        try events(number..<number + 1, prefix: "s\(stream)/"),
                        to: try StreamID("s/\(batch / 2)-\(stream)")
                    )
                )
            }
            try await journal.append(appends)
        }
        let path = try FileImage(journal: folder.path("j")).write(to: folder.path("copy"))
        journal.close()
        let isDone = try flushPartly(path, sliceCountMax: 1)
        #expect(!isDone)
        let report = try JournalInspector.verify(path: path)
        #expect(report.damages == [])
        #expect(report.indexedPosition == .zero)
        #expect(report.streamCount == 3_000)
    }

    @Test func `an id in a slice and in a record of its own is no damage`() async throws {
        let folder = try ScratchFolder()
        let stream = try StreamID("s/1")
        let journal = try LMDBJournal(path: folder.path("j"))
        try await journal.append([StreamAppend(try events(0..<50, prefix: "p"), to: stream)])
        let path = try FileImage(journal: folder.path("j")).write(to: folder.path("copy"))
        journal.close()
        let isDone = try flushPartly(path, sliceCountMax: 9)
        #expect(isDone)
        let reopened = try LMDBJournal(path: path)
        try await reopened.append([StreamAppend(try events(50..<150, prefix: "p"), to: stream)])
        reopened.close()
        let report = try JournalInspector.verify(path: path)
        #expect(report.damages == [])
        #expect(report.indexedPosition.rawValue == 150)
    }

    @Test func `a false fact and a missing one are named by their events`() async throws {
        let folder = try ScratchFolder()
        let path = folder.path("j")
        let journal = try LMDBJournal(path: path)
        let stream = try StreamID("s/1")
        try await journal.append([StreamAppend(try events(0..<100, prefix: "p"), to: stream)])
        try await journal.append([StreamAppend(try events(0..<20, prefix: "q/"), to: stream)])
        journal.close()
        let environment = try Environment(path: path, isReadOnly: false)
        let transaction = try Transaction(environment, isReadOnly: false)
        // The record of p42 is made to lead to the event of p43.
        let key = IndexRecords.idSingleKey([], Array("p42".utf8))
        let value = IndexRecords.encode(position: Position(rawValue: 44))
        try transaction.putRecord(.eventID, key.span.bytes, value.span.bytes)
        // The slice of q/ loses its last id.
        let entries = (0..<19).map { number in
            IndexedID(
                suffix: EventIDKey.Suffix(Array("\(number)".utf8).span.bytes),
                position: Position(rawValue: UInt64(101 + number))
            )
        }
        let sliceKey = IndexRecords.idSliceKey(
            Array("q/".utf8)[...],
            first: Position(rawValue: 101)
        )
        let slice = IndexRecords.encode(ids: entries)
        try transaction.putRecord(.eventID, sliceKey.span.bytes, slice.span.bytes)
        // The slice of the stream loses its last positions.
        let sequences = IndexRecords.streamSliceKey(
            StreamNumber(rawValue: 1),
            SequenceNumber(rawValue: 1)
        )
        let positions = (1...110).map { Position(rawValue: $0) }
        let shortened = IndexRecords.encode(positions: positions)
        try transaction.putRecord(.streamEvents, sequences.span.bytes, shortened.span.bytes)
        var head = try transaction.head()
        head.transactionID = transaction.id
        try transaction.putHead(head)
        try transaction.commit()

        let report = try JournalInspector.verify(path: path)
        let named = report.damages.map { "\($0.table ?? "") \($0.position?.rawValue ?? 0)" }
        #expect(
            named.sorted() == ["event-id 120", "event-id 43", "event-id 44", "stream-events 1"]
        )
    }

    @Test func `a large journal and its backup are intact`() async throws {
        let isExhaustive = ProcessInfo.processInfo.environment["CAIRN_EXHAUSTIVE"] != nil
        let eventCount = isExhaustive ? 1_000_000 : 12_000
        let folder = try ScratchFolder()
        let journal = try LMDBJournal(path: folder.path("j"))
        var number = 0
        while number < eventCount {
            var appends: [StreamAppend] = []
            for _ in 0..<25 {
                let request = number / 40
                let batch = try events(number..<number + 4, prefix: "REQ-\(request)/")
                appends.append(StreamAppend(batch, to: try StreamID("pipeline/REQ-\(request)")))
                number += 4
            }
            try await journal.append(appends)
        }
        try journal.backup(to: folder.path("backup"))
        journal.close()
        let clock = ContinuousClock()
        var report: VerifyReport?
        let began = Foundation.clock()
        let verifying = try clock.measure {
            report = try JournalInspector.verify(path: folder.path("j"))
        }
        let computing = Double(Foundation.clock() - began) / Double(CLOCKS_PER_SEC)
        let preflight = try clock.measure {
            for _ in 0..<100 { try JournalInspector.preflight(path: folder.path("j")) }
        }
        let rescuing = try clock.measure {
            let rescue = try JournalInspector.salvage(path: folder.path("j")) { _, _ in }
            #expect(rescue.isComplete)
        }
        let found = try #require(report)
        #expect(found.damages == [])
        #expect(found.eventCount == UInt64(eventCount))
        let copy = try JournalInspector.verify(path: folder.path("backup"))
        #expect(copy.damages == [])
        #expect(copy.eventCount == found.eventCount)
        print(
            "\(eventCount) events, \(found.usedPageCount) pages: verify \(verifying) "
                + "(processor \(computing) s), "
                + "preflight \(preflight / 100), salvage \(rescuing)"
        )
    }
}
