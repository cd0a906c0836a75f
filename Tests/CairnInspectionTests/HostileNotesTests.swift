import CairnJournal
import CairnTestSupport
import Testing

@testable import CairnLMDB

/// Meta pages and what is noted behind them, as no program ever wrote them.
struct HostileNotesTests {
    private let folder: ScratchFolder
    private let path: String

    init() throws {
        folder = try ScratchFolder()
        path = folder.path("copy")
    }

    private func sample() async throws -> SampleJournal {
        try await SampleJournal(at: folder.path("j"), closes: false)
    }

    /// How opening the file ends; nil where it opens.
    private func refusal(_ configuration: LMDBJournal.Configuration) -> JournalError? {
        do throws(JournalError) {
            try LMDBJournal(path: path, configuration: configuration).close()
            return nil
        } catch {
            return error
        }
    }

    @Test func `transactions where the numbers end are no journal's`() async throws {
        let sample = try await sample()
        for id in [.max, .max - 1, 1 << 63, 1 << 62] as [UInt64] {
            for slot in 0...1 {
                for arms in [false, true] {
                    var image = sample.image
                    let start = slot * FileImage.pageByteCount
                    image.replace(start + 144, with: littleEndian(id))
                    if arms {
                        let arm = CommitArm(transactionID: id, bootID: BootID(high: 1, low: 2))
                        image.replace(start + CommitArm.offset, with: arm.encoded())
                    }
                    try image.write(to: path)
                    for configuration in [LMDBJournal.Configuration.readOnly, .init()] {
                        let refusal = refusal(configuration)
                        guard case .damaged = refusal else {
                            Issue.record("\(id) in \(slot): \(String(describing: refusal))")
                            continue
                        }
                    }
                    #expect(try FileImage(journal: path).bytes == image.bytes)
                }
            }
        }
    }

    @Test func `a seal that lists pages beyond the file is not believed`() async throws {
        let sample = try await sample()
        let sealed = try #require(sample.images.last { $0.newestSeal != nil })
        let seal = try #require(sealed.newestSeal)
        let wild = [
            [PageRun(first: (1 << 48) - 1, count: PageRun.countMax)],
            [PageRun(first: UInt64(sealed.pageCount), count: 1)],
            [PageRun(first: 0, count: PageRun.countMax)],
            [PageRun](repeating: PageRun(first: 2, count: 0), count: CommitSeal.runCountMax),
            [],
        ]
        for runs in wild {
            var image = sealed.unmarked().afterRestart()
            let forged = CommitSeal(
                transactionID: seal.transactionID,
                digest: seal.digest,
                runs: runs
            )
            let start = image.newestMeta * FileImage.pageByteCount
            image.replace(start + CommitSeal.offset, with: forged.encoded())
            try image.write(to: path)
            #expect(refusal(.readOnly) == .interrupted(path: path))
            #expect(refusal(.init()) == nil)
            #expect(try JournalInspector.verify(path: path).isIntact)
        }
    }

    @Test func `the search for a commit's pages stays in the file, whatever is on them`()
        async throws
    {
        let sample = try await sample()
        let sealed = try #require(sample.images.last { $0.newestSeal != nil })
        #expect(changedPages(sealed) == sealed.newestSeal?.runs)
        var generator = SampleJournal.Generator(state: 7)
        var foundCount = 0
        for _ in 0..<3_000 {
            var image = sealed
            for _ in 0..<1 + generator.next(12) {
                let isMeta = generator.next(3) == 0
                let page = isMeta ? sealed.newestMeta : generator.next(image.pageCount)
                // Most of the words that lead somewhere stand at the beginning of a page.
                let place = generator.next(2) == 0 ? generator.next(200) : generator.next(4_088)
                let word = generator.next(4) == 0 ? UInt64.max : UInt64(generator.next(1 << 20))
                image.replace(
                    page * FileImage.pageByteCount + place,
                    with: littleEndian(word).prefix(1 + generator.next(8))
                )
            }
            guard let runs = changedPages(image) else { continue }
            foundCount += 1
            let end = UInt64(image.pageCount)
            #expect(runs.allSatisfy { $0.first >= 2 && $0.first + UInt64($0.count) <= end })
        }
        #expect(foundCount > 100 && foundCount < 3_000)
    }

    private func changedPages(_ image: FileImage) -> [PageRun]? {
        image.bytes.withUnsafeBytes { bytes in
            guard let map = bytes.baseAddress else { return nil }
            return ChangedPages.find(
                map: map,
                slot: image.newestMeta,
                countMax: CommitSealer.pageCountMax,
                mayRead: { $0 < UInt64(image.pageCount) }
            )
        }
    }

    private func littleEndian(_ number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
}
