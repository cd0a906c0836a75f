import CairnCore
import CairnJournal
import CairnTestSupport
import Testing

@testable import CairnLMDB

struct VerifyTests {
    @Test func `a journal is intact after each of its commits`() async throws {
        let folder = try ScratchFolder()
        let sample = try await SampleJournal(at: folder.path("j"))
        for (image, last) in zip(sample.images, sample.lastPositions) {
            let path = try image.write(to: folder.path("copy"))
            let report = try JournalInspector.verify(path: path)
            #expect(report.damages == [])
            #expect(report.isIntact)
            #expect(report.eventCount == last)
            #expect(report.lastPosition.rawValue == last)
            #expect(report.leakedPageCount == 0)
            let preflight = try JournalInspector.preflight(path: path)
            #expect(preflight.lastPosition.rawValue == last)
            #expect(preflight.transactionID == report.transactionID)
        }
        let report = try JournalInspector.verify(path: folder.path("j"))
        print(
            "sample: \(report.eventCount) events, \(sample.image.pageCount) pages, "
                + "\(report.usedPageCount) used, \(report.freePageCount) free"
        )
        #expect(report.indexedPosition.rawValue == sample.lastPosition)
    }

    @Test func `a new journal is intact and has nothing to fall back on`() throws {
        let folder = try ScratchFolder()
        let journal = try LMDBJournal(path: folder.path("j"))
        journal.close()
        let report = try JournalInspector.verify(path: folder.path("j"))
        #expect(report.damages == [])
        #expect(report.eventCount == 0)
        #expect(report.otherSnapshot == .empty)
        _ = try JournalInspector.preflight(path: folder.path("j"))
    }

    @Test func `the transaction to inspect can be named`() async throws {
        let folder = try ScratchFolder()
        let sample = try await SampleJournal(at: folder.path("j"), commitCount: 6)
        let path = try sample.image.write(to: folder.path("copy"))
        let newest = try JournalInspector.verify(path: path).transactionID
        let before = try JournalInspector.verify(path: path, transactionID: newest - 1)
        #expect(before.damages == [])
        #expect(before.otherSnapshot == .newer(transactionID: newest))
        #expect(throws: InspectionError.transactionGone(transactionID: newest - 2)) {
            try JournalInspector.verify(path: path, transactionID: newest - 2)
        }
    }

    @Test func `a damaged frame is named by its position`() async throws {
        let folder = try ScratchFolder()
        let sample = try await SampleJournal(at: folder.path("j"))
        var image = sample.image
        // The payload of a large event is far from all else.
        let start = try #require(largePayload(in: image, byteCount: 3_000))
        image.bytes[start + 2_500] ^= 0x10
        let path = try image.write(to: folder.path("copy"))
        let report = try JournalInspector.verify(path: path)
        #expect(!report.isIntact)
        #expect(report.eventCount == sample.lastPosition - 1)
        let damage = try #require(report.damages.first)
        let position = try #require(damage.position)
        #expect(position > .zero)
        #expect(damage.table == "journal")
        #expect(damage.page != nil && damage.fileOffset != nil)
        print("one flipped bit: \(damage)")
    }

    /// Where a run of bytes that grow by 31 begins.
    private func largePayload(in image: FileImage, byteCount: Int) -> Int? {
        var count = 0
        for offset in 1..<image.bytes.count {
            count = image.bytes[offset] == image.bytes[offset - 1] &+ 31 ? count + 1 : 0
            if count == byteCount { return offset - byteCount }
        }
        return nil
    }

    @Test func `a journal can be verified while it is written`() async throws {
        let folder = try ScratchFolder()
        let path = folder.path("j")
        let journal = try LMDBJournal(path: path)
        let writer = Task {
            for number in 0..<400 {
                let stream = try StreamID("s/\(number % 7)")
                let event = try NewEvent(
                    type: "T",
                    id: try EventID("id/\(number)"),
                    occurredAt: .unixEpoch,
                    payload: [UInt8](repeating: 1, count: number % 300)
                )
                try await journal.append(event, to: stream)
                if number % 90 == 0 { try await journal.flushIndex() }
            }
        }
        var reports = 0
        var seen: UInt64 = 0
        while seen < 400 {
            do {
                let report = try JournalInspector.verify(path: path)
                #expect(report.damages == [])
                #expect(report.eventCount >= seen)
                seen = report.eventCount
                reports += 1
            } catch .keepsChanging {
            }
            _ = try JournalInspector.preflight(path: path)
            await Task.yield()
        }
        try await writer.value
        print("verified \(reports) times beside a writer")
        journal.close()
        #expect(try JournalInspector.verify(path: path).isIntact)
    }
}
