import CairnCore
import CairnTestSupport
import Foundation
import Testing

@testable import CairnLMDB

struct BitFlipTests {
    /// Set to any value to flip a bit in every byte; otherwise a sample is enough, and a larger
    /// one by `CAIRN_PROOF_SCALE`.
    private static let isExhaustive =
        ProcessInfo.processInfo.environment["CAIRN_EXHAUSTIVE"] != nil
    /// How far two flips are apart at most, in bytes.
    private static let gapMax = max(600 / ProofScale.factor, 2)

    private struct Tally {
        var flips = 0
        var noticed = 0
        var unused = 0
        var loose = 0
        var rescuedWhole = 0
        var missed: [String] = []
    }

    @Test func `every harmful bit is noticed and none stops the program`() async throws {
        let folder = try ScratchFolder()
        let sample = try await SampleJournal(at: folder.path("j"), commitCount: 48)
        let image = sample.image
        let file = try MutableFile(image, at: folder.path("flip"))
        let map = try ContentMap(path: file.path, image: image)
        let whole = try Rescue(file.path)
        try #require(whole.report.isComplete)
        var tally = Tally()
        var generator = SampleJournal.Generator(state: 11)
        var offset = 0
        while offset < image.bytes.count {
            let bit = generator.next(8)
            try check(offset, bit, file, map, whole, &tally)
            offset += Self.isExhaustive ? 1 : 1 + generator.next(Self.gapMax)
        }
        let step = Self.isExhaustive ? 1 : max(7 / ProofScale.factor, 1)
        for slot in 0...1 {
            for index in stride(from: 0, to: MetaPage.byteCount * 8, by: step) {
                let offset = slot * FileImage.pageByteCount + index / 8
                try check(offset, index % 8, file, map, whole, &tally)
            }
        }
        #expect(tally.missed == [])
        print(
            "bit flips over \(image.pageCount) pages: \(tally.flips), noticed \(tally.noticed), "
                + "in unused bytes \(tally.unused), without effect \(tally.loose), "
                + "missed \(tally.missed.count); rescued whole \(tally.rescuedWhole)"
        )
    }

    private func check(
        _ offset: Int,
        _ bit: Int,
        _ file: MutableFile,
        _ map: ContentMap,
        _ whole: Rescue,
        _ tally: inout Tally
    ) throws {
        tally.flips += 1
        try file.withByte(offset, changedBy: 1 << bit) {
            let isIntact = (try? JournalInspector.verify(path: file.path).isIntact) ?? false
            _ = try? JournalInspector.preflight(path: file.path)
            if !isIntact {
                tally.noticed += 1
            } else if map.isUnused[offset] {
                tally.unused += 1
            } else if map.isLoose[offset], try ContentMap.digest(path: file.path) == map.digest {
                tally.loose += 1
            } else {
                tally.missed.append("bit \(bit) of byte \(offset % 4_096), page \(offset / 4_096)")
            }
            let rescue = try Rescue(file.path)
            if !rescue.isBeginning(of: whole) {
                tally.missed.append("rescue differs after bit \(bit) of byte \(offset)")
            }
            if rescue.packs.count == whole.packs.count {
                tally.rescuedWhole += 1
            } else if !map.isPack[offset] {
                tally.missed.append("packs lost by bit \(bit) of byte \(offset), no part of one")
            }
        }
    }
}
