import CairnCore
import CairnTestSupport
import Testing

@testable import CairnLMDB

struct HostileFileTests {
    /// Runs everything that reads a file; the answer is whether verify finds nothing wrong.
    private func inspect(_ path: String) -> Bool {
        _ = try? JournalInspector.preflight(path: path)
        _ = try? Rescue(path)
        return (try? JournalInspector.verify(path: path).isIntact) ?? false
    }

    @Test func `a file cut anywhere is damaged`() async throws {
        let folder = try ScratchFolder()
        let sample = try await SampleJournal(at: folder.path("j"))
        let path = try sample.image.write(to: folder.path("cut"))
        let digest = try ContentMap.digest(path: path)
        var noticed = 0
        var harmless = 0
        for pages in 0..<sample.image.pageCount {
            for extra in [0, 152] {
                var image = sample.image
                image.bytes.removeSubrange((pages * 4_096 + extra)...)
                try image.write(to: path)
                if inspect(path) {
                    harmless += 1
                    let found = try ContentMap.digest(path: path)
                    #expect(found == digest, "cut at page \(pages) and \(extra) bytes")
                } else {
                    noticed += 1
                }
            }
        }
        print("cuts: \(noticed) noticed, \(harmless) cut off free pages only")
    }

    @Test func `a page of zeros is damage unless it is free`() async throws {
        let folder = try ScratchFolder()
        let sample = try await SampleJournal(at: folder.path("j"))
        let path = try sample.image.write(to: folder.path("zero"))
        let digest = try ContentMap.digest(path: path)
        var noticed = 0
        for page in 0..<sample.image.pageCount {
            var image = sample.image
            image.zeroPage(page)
            try image.write(to: path)
            if inspect(path) {
                let found = try ContentMap.digest(path: path)
                #expect(found == digest, "page \(page)")
            } else {
                noticed += 1
            }
        }
        print("pages of zeros: \(noticed) of \(sample.image.pageCount) noticed")
    }

    @Test func `a page in the place of another is damage`() async throws {
        let folder = try ScratchFolder()
        let sample = try await SampleJournal(at: folder.path("j"), commitCount: 20)
        let path = try sample.image.write(to: folder.path("swap"))
        let digest = try ContentMap.digest(path: path)
        var generator = SampleJournal.Generator(state: 3)
        var noticed = 0
        for target in 0..<sample.image.pageCount {
            for _ in 0..<4 {
                var image = sample.image
                let source = generator.next(image.pageCount)
                image.replace(target * 4_096, with: Array(image.page(source)))
                // Once as a misdirected write, once with its number made to fit.
                if generator.next(2) == 0, target > 1 {
                    for byte in 0..<8 {
                        let shifted = UInt64(target) >> (8 * UInt64(byte))
                        image.bytes[target * 4_096 + byte] = UInt8(truncatingIfNeeded: shifted)
                    }
                }
                try image.write(to: path)
                if inspect(path) {
                    let found = try ContentMap.digest(path: path)
                    #expect(found == digest, "page \(source) at \(target)")
                } else {
                    noticed += 1
                }
            }
        }
        print("misplaced pages: \(noticed) of \(sample.image.pageCount * 4) noticed")
    }

    @Test func `trees that lead in circles end`() async throws {
        let folder = try ScratchFolder()
        let sample = try await SampleJournal(at: folder.path("j"), commitCount: 60)
        let path = folder.path("loop")
        var loops = 0
        for page in 2..<sample.image.pageCount {
            let start = page * 4_096
            let flags = sample.image.load(UInt16.self, at: start + 10)
            guard flags == PageFormat.branchFlag else { continue }
            let count = (Int(sample.image.load(UInt16.self, at: start + 12)) - 16) / 2
            for index in 0..<min(count, 4) {
                let node = Int(sample.image.load(UInt16.self, at: start + 16 + 2 * index))
                guard node + 4 <= 4_096 else { continue }
                for target in [page, 3, 0] {
                    var image = sample.image
                    image.replace(
                        start + node,
                        with: [
                            UInt8(truncatingIfNeeded: target),
                            UInt8(truncatingIfNeeded: target >> 8),
                        ]
                    )
                    guard image.bytes != sample.image.bytes else { continue }
                    try image.write(to: path)
                    loops += 1
                    _ = inspect(path)
                }
            }
        }
        #expect(loops > 0)
        print("edited page numbers: \(loops), all ended")
    }

    @Test func `garbage is refused`() throws {
        let folder = try ScratchFolder()
        var generator = SampleJournal.Generator(state: 5)
        for byteCount in [0, 1, 8, 151, 152, 4_095, 4_096, 8_192, 20_480, 65_536] {
            let bytes = (0..<byteCount).map { _ in UInt8(generator.next(256)) }
            let path = try FileImage(bytes).write(to: folder.path("garbage"))
            #expect(throws: InspectionError.self) { try JournalInspector.verify(path: path) }
            #expect(throws: InspectionError.self) { try JournalInspector.preflight(path: path) }
            let rescue = try Rescue(path)
            #expect(rescue.packs.isEmpty)
            #expect(rescue.report.source == .none)
        }
        #expect(throws: InspectionError.notFound(path: folder.path("nothing"))) {
            try JournalInspector.verify(path: folder.path("nothing"))
        }
    }

    @Test func `pages of garbage behind sound meta pages never stop the program`() async throws {
        let folder = try ScratchFolder()
        let sample = try await SampleJournal(at: folder.path("j"), commitCount: 20)
        let path = folder.path("garbage")
        var generator = SampleJournal.Generator(state: 17)
        var noticed = 0
        for _ in 0..<200 {
            var image = sample.image
            for _ in 0..<1 + generator.next(6) {
                let page = 2 + generator.next(image.pageCount - 2)
                // Header and node numbers are what a parser follows: disturb those most.
                let start = page * 4_096 + (generator.next(3) == 0 ? generator.next(4_000) : 8)
                for offset in start..<start + 1 + generator.next(60) {
                    image.bytes[offset] = UInt8(generator.next(256))
                }
            }
            try image.write(to: path)
            if !inspect(path) { noticed += 1 }
        }
        print("disturbed headers: \(noticed) of 200 noticed")
    }
}
