import CairnCore
import CairnJournal
import CairnTestSupport
import Testing

@testable import CairnLMDB

struct SalvageTests {
    /// Fields of a meta page as LMDB writes them: one write of 120 bytes, torn at any of them.
    private static let metaWrite = 32..<152

    @Test func `a lost newest meta page loses nothing`() async throws {
        let folder = try ScratchFolder()
        let sample = try await SampleJournal(at: folder.path("j"), closes: false)
        let path = folder.path("copy")
        var fallback = 0
        for (image, last) in zip(sample.images, sample.lastPositions) {
            var damaged = image
            damaged.zeroPage(image.newestMeta)
            try damaged.write(to: path)
            let rescue = try Rescue(path)
            #expect(rescue.isContiguous)
            #expect(rescue.report.lastPosition.rawValue == last)
            #expect(rescue.report.isComplete)
            if case .meta = rescue.report.source { fallback += 1 }
            #expect(!(try JournalInspector.verify(path: path).isIntact))
            #expect(throws: InspectionError.self) { try JournalInspector.preflight(path: path) }
        }
        print("lost meta pages: \(sample.images.count), all rescued, \(fallback) by the other one")
    }

    @Test func `a torn meta page costs at most the commit that was under way`() async throws {
        let folder = try ScratchFolder()
        let sample = try await SampleJournal(at: folder.path("j"), closes: false)
        let path = folder.path("copy")
        var torn = 0
        var mixed = 0
        var refused = 0
        for index in 1..<sample.images.count {
            let (before, after) = (sample.images[index - 1], sample.images[index])
            let start = after.newestMeta * FileImage.pageByteCount
            for field in stride(from: Self.metaWrite.lowerBound, to: 152, by: 8) {
                for isHeadFirst in [true, false] {
                    var image = after
                    let kept = isHeadFirst ? field..<152 : Self.metaWrite.lowerBound..<field
                    let old = start + kept.lowerBound..<start + kept.upperBound
                    image.replace(old.lowerBound, with: before.bytes[old])
                    try image.write(to: path)
                    torn += 1
                    let slot = image.bytes[start..<start + 152]
                    let isMixed =
                        slot != before.bytes[start..<start + 152]
                        && slot != after.bytes[start..<start + 152]
                    let isIntact = (try? JournalInspector.verify(path: path).isIntact) ?? false
                    #expect(!isMixed || !isIntact, "torn at \(field), commit \(index)")
                    if isMixed { mixed += 1 }
                    if (try? JournalInspector.preflight(path: path)) == nil { refused += 1 }
                    let rescue = try Rescue(path)
                    #expect(rescue.isContiguous)
                    let last = rescue.report.lastPosition.rawValue
                    #expect(
                        last == sample.lastPositions[index]
                            || last == sample.lastPositions[index - 1],
                        "torn at \(field), commit \(index)"
                    )
                }
            }
        }
        print(
            "torn meta pages: \(torn), \(mixed) mixed, all noticed, "
                + "\(refused) refused at opening, all rescued"
        )
    }

    @Test func `a commit whose meta page was destroyed on its way is left out`() async throws {
        let folder = try ScratchFolder()
        let sample = try await SampleJournal(at: folder.path("j"), closes: false)
        let path = folder.path("copy")
        var generator = SampleJournal.Generator(state: 23)
        var count = 0
        for index in 1..<sample.images.count {
            let (before, after) = (sample.images[index - 1], sample.images[index])
            for part in 0..<12 {
                var image = before
                let padding = after.bytes.count - before.bytes.count
                image.bytes += [UInt8](repeating: 0, count: max(padding, 0))
                for page in 2..<after.pageCount {
                    let isOld =
                        page < before.pageCount && after.page(page) == before.page(page)
                    // At first all of its pages are there.
                    if isOld || part > 0 && generator.next(3) == 0 { continue }
                    image.replace(page * 4_096, with: after.page(page))
                }
                let slot = after.newestMeta
                image.replace(slot * 4_096 + 32, with: [UInt8](repeating: 0xFF, count: 120))
                try image.write(to: path)
                let rescue = try Rescue(path)
                #expect(rescue.isContiguous)
                let last = rescue.report.lastPosition.rawValue
                #expect(last == sample.lastPositions[index - 1], "commit \(index), part \(part)")
                count += 1
            }
        }
        print("commits cut short: \(count), all left out")
    }

    @Test func `a commit whose meta page is damaged later is found`() async throws {
        let folder = try ScratchFolder()
        let sample = try await SampleJournal(at: folder.path("j"), closes: false)
        let path = folder.path("copy")
        for (image, last) in zip(sample.images, sample.lastPositions).dropFirst() {
            var image = image
            let start = image.newestMeta * 4_096 + 32
            image.replace(start, with: [UInt8](repeating: 0xFF, count: 120))
            try image.write(to: path)
            let rescue = try Rescue(path)
            #expect(rescue.isContiguous)
            #expect(rescue.report.lastPosition.rawValue == last)
        }
    }

    @Test func `packs outlive every page of the trees above them`() async throws {
        let folder = try ScratchFolder()
        let sample = try await SampleJournal(at: folder.path("j"), commitCount: 60)
        let path = folder.path("copy")
        var branches = 0
        for page in 2..<sample.image.pageCount {
            let flags = sample.image.load(UInt16.self, at: page * 4_096 + 10)
            guard flags == PageFormat.branchFlag else { continue }
            branches += 1
            var image = sample.image
            image.zeroPage(page)
            try image.write(to: path)
            let rescue = try Rescue(path)
            #expect(rescue.isContiguous)
            #expect(rescue.report.lastPosition.rawValue == sample.lastPosition)
            #expect(rescue.report.lost.isEmpty)
        }
        #expect(branches > 0)
    }

    @Test func `without any meta page the newest main page is found`() async throws {
        let folder = try ScratchFolder()
        let sample = try await SampleJournal(at: folder.path("j"))
        var image = sample.image
        image.zeroPage(0)
        image.zeroPage(1)
        let rescue = try Rescue(try image.write(to: folder.path("copy")))
        #expect(rescue.isContiguous)
        #expect(rescue.report.lastPosition.rawValue == sample.lastPosition)
        guard case .orphanedRoot = rescue.report.source else {
            Issue.record("the source is \(rescue.report.source)")
            return
        }
    }

    @Test func `what stands behind a destroyed pack is named and not delivered`() async throws {
        let folder = try ScratchFolder()
        let sample = try await SampleJournal(at: folder.path("j"))
        let path = try sample.image.write(to: folder.path("copy"))
        let whole = try Rescue(path)
        let map = try ContentMap(path: path, image: sample.image)
        // Every copy of one pack in the middle, wherever LMDB has left it.
        let index = whole.packs.count / 2
        let victim = whole.packs[index]
        var image = sample.image
        var copies = 0
        for start in stride(from: 0, through: image.bytes.count - victim.count, by: 2)
        where image.bytes[start] == victim[0]
            && image.bytes[start..<start + victim.count].elementsEqual(victim)
        {
            image.bytes[start + victim.count - 1] ^= 1
            copies += 1
            if map.isPack[start] { #expect(!map.isUnused[start]) }
        }
        #expect(copies > 0)
        try image.write(to: path)
        let rescue = try Rescue(path)
        #expect(rescue.isBeginning(of: whole))
        #expect(rescue.packs.count == index)
        #expect(!rescue.report.isComplete)
        let report = rescue.report
        let first = try #require(report.lost.first)
        #expect(first.lowerBound == report.lastPosition.next)
        #expect(report.lost.count == 1)
        let behind = try #require(report.stranded.last)
        #expect(behind.upperBound.rawValue == sample.lastPosition)
        print("a destroyed pack: lost \(report.lost), stranded \(report.stranded)")
    }

    @Test func `what the receiver throws ends the rescue`() async throws {
        struct Full: Error, Equatable {}
        let folder = try ScratchFolder()
        let sample = try await SampleJournal(at: folder.path("j"), commitCount: 10)
        let path = try sample.image.write(to: folder.path("copy"))
        var received = 0
        #expect(throws: SalvageError<Full>.receiver(Full())) {
            try JournalInspector.salvage(path: path) { (_, _) throws(Full) in
                received += 1
                if received == 3 { throw Full() }
            }
        }
        #expect(received == 3)
    }
}
