import CairnTestSupport
import Testing

@testable import CairnLMDB

/// Meta pages that are neither sound nor garbage: torn in one field, or put back by LMDB.
struct MetaPageTests {
    private static let lastPage = 136
    private static let end = 152

    /// The images before and after each commit that is alone between two of them.
    private func commits(_ sample: SampleJournal) -> [(before: FileImage, after: FileImage)] {
        zip(sample.images, sample.images.dropFirst()).filter { before, after in
            transaction(before, before.newestMeta) + 1 == transaction(after, after.newestMeta)
        }.map { ($0, $1) }
    }

    private func transaction(_ image: FileImage, _ slot: Int) -> UInt64 {
        image.load(UInt64.self, at: slot * FileImage.pageByteCount + 144)
    }

    private func lastPage(_ image: FileImage, _ slot: Int) -> UInt64 {
        image.load(UInt64.self, at: slot * FileImage.pageByteCount + Self.lastPage)
    }

    @Test func `a newest meta page with the last page of before is refused`() async throws {
        let folder = try ScratchFolder()
        let sample = try await SampleJournal(at: folder.path("j"), closes: false)
        let path = folder.path("copy")
        var count = 0
        for (before, after) in commits(sample) {
            let slot = after.newestMeta
            guard lastPage(before, slot) < lastPage(after, slot) else { continue }
            // LMDB would give the pages between the two out anew, and they are in use.
            var image = after
            let offset = slot * FileImage.pageByteCount + Self.lastPage
            image.replace(offset, with: before.bytes[offset..<offset + 8])
            try image.write(to: path)
            #expect(throws: InspectionError.self) { try JournalInspector.preflight(path: path) }
            count += 1
        }
        #expect(count > 0)
    }

    @Test func `a meta page that LMDB put back keeps nobody out`() async throws {
        let folder = try ScratchFolder()
        let sample = try await SampleJournal(at: folder.path("j"), closes: false)
        let path = folder.path("copy")
        var outgrown = 0
        for (before, after) in commits(sample) {
            // The trees of the commit that failed, the last page and the transaction of before.
            let slot = after.newestMeta
            var image = after
            let offset = slot * FileImage.pageByteCount + Self.lastPage
            let end = slot * FileImage.pageByteCount + Self.end
            image.replace(offset, with: before.bytes[offset..<end])
            try image.write(to: path)
            let found = try JournalInspector.preflight(path: path)
            #expect(found.transactionID == transaction(before, before.newestMeta))
            let metas = try MetaPair(file: try LMDBFile(path: path))
            if metas.isPutBack(slot: slot) { outgrown += 1 }
        }
        #expect(outgrown > 0)
    }
}
