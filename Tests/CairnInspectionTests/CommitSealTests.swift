import CairnCore
import CairnJournal
import CairnTestSupport
import Testing

@testable import CairnLMDB

/// What stands behind the meta pages, and what opening makes of it.
struct CommitSealTests {
    private let folder: ScratchFolder
    private let path: String

    init() throws {
        folder = try ScratchFolder()
        path = folder.path("copy")
    }

    private func sample() async throws -> SampleJournal {
        try await SampleJournal(at: folder.path("j"), closes: false)
    }

    private func journalError(_ body: () throws -> Void) -> JournalError? {
        do { try body() } catch { return error as? JournalError }
        return nil
    }

    /// Appends an event and reads everything again.
    private func goOn(from last: UInt64) async throws {
        let journal = try LMDBJournal(path: path)
        defer { journal.close() }
        #expect(try journal.head().lastPosition.rawValue == last)
        let event = try NewEvent(type: "SENT", occurredAt: .unixEpoch, payload: [1])
        let receipt = try await journal.append(event, to: try StreamID("pipeline/NEXT"))
        #expect(receipt.position.rawValue == last + 1)
    }

    @Test func `arms and seals are read back, and not with any byte changed`() throws {
        let arm = CommitArm(transactionID: 77, bootID: BootID(high: 1, low: .max))
        let runs = [PageRun(first: 5, count: 1), PageRun(first: 1 << 40, count: 65_535)]
        let seal = CommitSeal(transactionID: 77, digest: 0xDEAD_BEEF_0123, runs: runs)
        var page = [UInt8](repeating: 0, count: 4_096)
        #expect(CommitArm(page.span.bytes) == nil)
        #expect(CommitSeal(page.span.bytes) == nil)
        let (armBytes, sealBytes) = (arm.encoded(), seal.encoded())
        page.replaceSubrange(CommitArm.offset..<CommitArm.offset + armBytes.count, with: armBytes)
        page.replaceSubrange(
            CommitSeal.offset..<CommitSeal.offset + sealBytes.count,
            with: sealBytes
        )
        #expect(CommitArm(page.span.bytes) == arm)
        #expect(CommitSeal(page.span.bytes) == seal)
        for place in 0..<armBytes.count {
            var spoilt = page
            spoilt[CommitArm.offset + place] ^= 0x10
            #expect(CommitArm(spoilt.span.bytes) == nil, "byte \(place)")
        }
        for place in 0..<sealBytes.count {
            var spoilt = page
            spoilt[CommitSeal.offset + place] ^= 0x10
            #expect(CommitSeal(spoilt.span.bytes) == nil, "byte \(place)")
        }
    }

    @Test func `the digest sees records that carry checksums of their own`() throws {
        var head = HeadRecord.empty(journalID: [UInt8](repeating: 3, count: 16))
        var pages: [[UInt8]] = []
        for transactionID in [5, 6] as [UInt64] {
            head.transactionID = transactionID
            pages.append([UInt8](repeating: 1, count: 400) + head.encoded())
        }
        let sums = pages.map { page in page.span.bytes.checksum(seededWith: 9) }
        let digests = pages.map { page in page.span.bytes.digest(following: 9) }
        // To a CRC of the same polynomial they are one.
        #expect(pages[0] != pages[1] && sums[0] == sums[1])
        #expect(digests[0] != digests[1])
        // It stands in files: what it is today, it is for ever.
        let bytes = (0..<100).map { UInt8($0) }
        let digest = bytes.span.bytes.digest(following: 7)
        #expect(digest == 16_659_431_691_964_593_134)
    }

    @Test func `a seal lists the pages that a commit reaches and the one before does not`()
        async throws
    {
        let sample = try await sample()
        var checkedCount = 0
        for image in sample.images {
            try image.write(to: path)
            let file = try LMDBFile(path: path)
            let metas = try MetaPair(file: file)
            guard let seal = metas.newestSeal else { continue }
            let (new, old) = (metas.newestFirst[0], metas.newestFirst[1])
            let reader = try JournalInspector.reader(file, metas)
            let made = try pages(of: new, reader).subtracting(try pages(of: old, reader))
            let listed = seal.runs.flatMap { $0.first..<$0.first + UInt64($0.count) }
            #expect(Set(listed) == made)
            #expect(listed == listed.sorted())
            checkedCount += 1
        }
        #expect(checkedCount > 10)
    }

    /// All pages that a meta page's trees reach.
    private func pages(of meta: MetaPage, _ reader: PageReader) throws -> Set<UInt64> {
        var pages: Set<UInt64> = []
        func visit(_ number: UInt64) throws {
            guard pages.insert(number).inserted else { return }
            let bytes = try reader.page(number)
            let nodeCount = (Int(bytes.load(UInt16.self, at: 12)) - 16) / 2
            let isBranch = bytes.load(UInt16.self, at: 10) == PageFormat.branchFlag
            for index in 0..<nodeCount {
                let node = Int(bytes.load(UInt16.self, at: 16 + 2 * index))
                let low = bytes.load(UInt32.self, at: node)
                let flags = bytes.load(UInt16.self, at: node + 4)
                let value = node + 8 + Int(bytes.load(UInt16.self, at: node + 6))
                if isBranch {
                    try visit(UInt64(low) | UInt64(flags) << 32)
                } else if flags == PageFormat.bigDataFlag {
                    let first = bytes.load(UInt64.self, at: value)
                    let count = (UInt64(low) + 16 + 4_095) / 4_096
                    pages.formUnion(first..<first + count)
                } else if flags == PageFormat.subDataFlag {
                    let root = bytes.load(UInt64.self, at: value + 40)
                    if root != PageFormat.invalidPage { try visit(root) }
                }
            }
        }
        for tree in [meta.free, meta.main] where !tree.isEmpty { try visit(tree.root) }
        return pages
    }

    @Test func `a commit that a crash cut short is taken back by whoever writes`() async throws {
        let sample = try await sample()
        var cutCount = 0
        for index in 1..<sample.images.count {
            var image = sample.images[index].unmarked().afterRestart()
            guard let seal = image.newestSeal else { continue }
            let whole = try image.write(to: path)
            #expect(try JournalInspector.preflight(path: whole).transactionID == seal.transactionID)
            let last = seal.runs[index % seal.runs.count]
            image.zeroPage(Int(last.first) + last.count - 1)
            try image.write(to: path)
            #expect(throws: InspectionError.cutShort(transactionID: seal.transactionID)) {
                try JournalInspector.preflight(path: path)
            }
            // Who reads only is told, and nothing is written.
            let refusal = journalError {
                try LMDBJournal(path: path, configuration: .readOnly).close()
            }
            #expect(refusal == .interrupted(path: path))
            #expect(try FileImage(journal: path).bytes == image.bytes)
            let report = try JournalInspector.verify(path: path)
            #expect(report.isIntact, "\(report.damages)")
            #expect(report.eventCount == sample.lastPositions[index - 1])
            let rescue = folder.path("rescue-\(index)")
            let salvaged = try LMDBJournal.salvage(from: path, to: rescue)
            #expect(salvaged.isComplete)
            #expect(salvaged.lastPosition.rawValue == sample.lastPositions[index - 1])
            try await goOn(from: sample.lastPositions[index - 1])
            #expect(try JournalInspector.verify(path: path).isIntact)
            cutCount += 1
        }
        #expect(cutCount > 10)
    }

    @Test func `nobody reads what is not said to be on the disk`() async throws {
        let sample = try await sample()
        let index = try #require(sample.images.lastIndex { $0.newestSeal != nil })
        let (last, before) = (sample.lastPositions[index], sample.lastPositions[index - 1])
        func readLast() throws -> UInt64 {
            let reader = try LMDBJournal(path: path, configuration: .readOnly)
            defer { reader.close() }
            return try reader.head().lastPosition.rawValue
        }
        let sealed = sample.images[index].unmarked()
        try sample.images[index].write(to: path)
        #expect(try readLast() == last)
        try sealed.write(to: path)
        #expect(try readLast() == before)
        // All of it is there after a restart, so it was on the disk.
        try sealed.afterRestart().write(to: path)
        #expect(try readLast() == last)
        // Who writes makes sure of it.
        try sealed.write(to: path)
        try await goOn(from: last)
    }

    @Test func `what a killed writer has not sealed is taken back by whoever is alone`()
        async throws
    {
        let sample = try await sample()
        let index = try #require(sample.images.lastIndex { $0.newestSeal != nil })
        let before = sample.lastPositions[index - 1]
        var image = sample.images[index].unmarked()
        image.replace(
            image.newestMeta * FileImage.pageByteCount + CommitSeal.offset,
            with: [UInt8](repeating: 0, count: CommitSeal.headByteCount)
        )
        try image.write(to: path)
        let reader = try LMDBJournal(path: path, configuration: .readOnly)
        #expect(try reader.head().lastPosition.rawValue == before)
        #expect(try await eventCount(reader) == before)
        reader.close()
        try await goOn(from: before)
        #expect(try JournalInspector.verify(path: path).isIntact)
        try image.afterRestart().write(to: path)
        let refusal = journalError {
            try LMDBJournal(path: path, configuration: .readOnly).close()
        }
        #expect(refusal == .interrupted(path: path))
        try await goOn(from: before)
    }

    /// Reads all events, and each stream's last one through the index.
    private func eventCount(_ journal: LMDBJournal) async throws -> UInt64 {
        var count: UInt64 = 0
        var sequences: [StreamNumber: UInt64] = [:]
        var names: [StreamNumber: StreamID] = [:]
        try await journal.forEachEvent { header, frame in
            count += 1
            sequences[header.streamNumber] = header.sequence.rawValue
            if let name = header.streamID(in: frame) { names[header.streamNumber] = name }
            return .proceed
        }
        for (number, name) in names {
            var last: UInt64 = 0
            try await journal.forEachEvent(of: name, .backwards) { header, _ in
                last = header.sequence.rawValue
                return .stop
            }
            #expect(last == sequences[number])
        }
        return count
    }

    @Test func `a page that changes without a crash is damage`() async throws {
        let sample = try await sample()
        var image = try #require(sample.images.last { $0.newestSeal != nil })
        let seal = try #require(image.newestSeal)
        image.zeroPage(Int(seal.runs[0].first))
        try image.write(to: path)
        for configuration in [LMDBJournal.Configuration(), .readOnly] {
            let refusal = journalError {
                try LMDBJournal(path: path, configuration: configuration).close()
            }
            guard case .damaged = refusal else {
                Issue.record("\(String(describing: refusal))")
                continue
            }
        }
        #expect(try FileImage(journal: path).bytes == image.bytes)
    }

    @Test func `no second commit is taken back`() async throws {
        let sample = try await sample()
        var image = try #require(sample.images.last { $0.newestSeal != nil })
            .unmarked().afterRestart()
        let seal = try #require(image.newestSeal)
        image.zeroPage(Int(seal.runs[0].first))
        try image.write(to: path)
        let journal = try LMDBJournal(path: path)
        let last = try journal.head().lastPosition.rawValue
        journal.close()
        #expect(last > 0)
        // The commit before, which was acknowledged.
        var older = try FileImage(journal: path).afterRestart()
        let main = older.load(UInt64.self, at: older.newestMeta * FileImage.pageByteCount + 128)
        older.zeroPage(Int(main))
        try older.write(to: path)
        let refusal = journalError { try LMDBJournal(path: path).close() }
        guard case .damaged = refusal else {
            Issue.record("\(String(describing: refusal))")
            return
        }
    }

    @Test func `a commit too large to be sealed needs no seal`() async throws {
        let journal = try LMDBJournal(path: folder.path("large"))
        let stream = try StreamID("a/1")
        let payload = [UInt8](repeating: 7, count: 100_000)
        let events = try (0..<30).map { _ in
            try NewEvent(type: "SENT", occurredAt: .unixEpoch, payload: payload)
        }
        try await journal.append(events[0], to: stream)
        #expect(try FileImage(journal: folder.path("large")).newestSeal != nil)
        try await journal.append([StreamAppend(events, to: stream)])
        let image = try FileImage(journal: folder.path("large"))
        #expect(image.newestSeal == nil && image.newestArm == nil)
        try await journal.append(events[0], to: stream)
        #expect(try FileImage(journal: folder.path("large")).newestSeal != nil)
        journal.close()
        // After a restart of the machine it is believed as it is.
        try image.afterRestart().write(to: path)
        let again = try LMDBJournal(path: path, configuration: .readOnly)
        #expect(try again.head().lastPosition.rawValue == 31)
        again.close()
    }

    @Test func `a journal that was closed is armed for nothing it has`() async throws {
        let sample = try await SampleJournal(at: folder.path("j"), closes: true)
        #expect(sample.image.newestArm == nil)
    }
}

extension FileImage {
    private var newestPage: [UInt8] { Array(page(newestMeta)) }

    private var newestID: UInt64 {
        load(UInt64.self, at: newestMeta * Self.pageByteCount + 144)
    }

    /// The arm behind the newest meta page, if it is for that one.
    var newestArm: CommitArm? {
        guard let arm = CommitArm(newestPage.span.bytes), arm.transactionID == newestID else {
            return nil
        }
        return arm
    }

    /// The seal behind the newest meta page, if it is of that one.
    var newestSeal: CommitSeal? {
        guard newestArm != nil, let seal = CommitSeal(newestPage.span.bytes),
            seal.transactionID == newestID
        else { return nil }
        return seal
    }

    /// The same file before it was noted that the newest commit is on the disk.
    func unmarked() -> FileImage {
        var image = self
        image.replace(
            newestMeta * Self.pageByteCount + CommitMark.offset,
            with: [UInt8](repeating: 0, count: CommitMark.byteCount)
        )
        return image
    }

    /// The same file after the machine was started again: its arms are of another boot.
    func afterRestart() -> FileImage {
        var image = self
        for slot in 0...1 {
            guard let arm = CommitArm(Array(page(slot)).span.bytes) else { continue }
            let bootID = BootID(high: ~arm.bootID.high, low: arm.bootID.low)
            image.replace(
                slot * Self.pageByteCount + CommitArm.offset,
                with: CommitArm(transactionID: arm.transactionID, bootID: bootID).encoded()
            )
        }
        return image
    }
}
