import CairnCore
import CairnTestSupport
import Testing

@testable import CairnLMDB

/// Bytes whose checksums are right and whose numbers are not: what no bit flip reaches.
struct ForgeryTests {
    private static let numbers: [UInt64] = [
        0, 1, 2, 63, 64, 461, 462, 463, 1 << 31, 1 << 32, 1 << 62, .max - 1, .max,
    ]

    private static func offsets(of magic: UInt32, in image: FileImage) -> [Int] {
        stride(from: 0, through: image.bytes.count - 128, by: 2).filter {
            image.load(UInt32.self, at: $0) == magic
        }
    }

    private static func bytes(_ number: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) }
    }

    /// Writes the CRC-32C of a range, as the journal seeds it.
    private static func seal(_ image: inout FileImage, _ range: Range<Int>, seed: UInt64, at: Int) {
        guard range.upperBound <= image.bytes.count, range.lowerBound <= range.upperBound else {
            return
        }
        let checked = Array(image.bytes[range])
        let checksum = checked.span.bytes.checksum(seededWith: seed)
        image.replace(at, with: bytes(UInt64(checksum), 4))
    }

    private func inspect(_ path: String) -> Bool {
        _ = try? JournalInspector.preflight(path: path)
        _ = try? Rescue(path)
        return (try? JournalInspector.verify(path: path).isIntact) ?? false
    }

    @Test func `head records with impossible numbers never stop the program`() async throws {
        let folder = try ScratchFolder()
        let sample = try await SampleJournal(at: folder.path("j"))
        let path = folder.path("copy")
        let heads = Self.offsets(of: HeadRecord.magic, in: sample.image)
        #expect(!heads.isEmpty)
        var count = 0
        var intact = 0
        for field in [8, 16, 24, 64, 72] {
            for number in Self.numbers {
                var image = sample.image
                for head in heads {
                    image.replace(head + field, with: Self.bytes(number, 8))
                    Self.seal(&image, head..<head + 96, seed: 0, at: head + 96)
                }
                try image.write(to: path)
                count += 1
                if inspect(path) { intact += 1 }
            }
        }
        // An indexed position that is too small and a last position that is right are true.
        print("forged heads: \(count), taken as sound \(intact)")
    }

    @Test func `packs and frames with impossible numbers never stop the program`() async throws {
        let folder = try ScratchFolder()
        let sample = try await SampleJournal(at: folder.path("j"))
        let path = folder.path("copy")
        let packs = Self.offsets(of: PackFormat.magic, in: sample.image)
        var generator = SampleJournal.Generator(state: 41)
        var noticed = 0
        for _ in 0..<300 {
            var image = sample.image
            for pack in packs where generator.next(3) == 0 {
                Self.forge(&image, pack, &generator)
            }
            try image.write(to: path)
            if !inspect(path) { noticed += 1 }
        }
        print("forged packs: \(noticed) of 300 files noticed")
        #expect(noticed > 290)
    }

    private static func forge(
        _ image: inout FileImage,
        _ pack: Int,
        _ generator: inout SampleJournal.Generator
    ) {
        let number = numbers[generator.next(numbers.count)]
        let count = Int(image.load(UInt32.self, at: pack + 12))
        let first = image.load(UInt64.self, at: pack + 16)
        let directoryEnd = pack + 64 + 4 * count
        guard count > 0, count < 1_000, directoryEnd < image.bytes.count else { return }
        if generator.next(2) == 0 {
            let (field, width) = [(12, 4), (16, 8), (24, 4), (32, 8), (64, 4)][generator.next(5)]
            image.replace(pack + field, with: bytes(number, width))
            let forgedCount = Int(image.load(UInt32.self, at: pack + 12))
            let end = pack + 64 + 4 * min(forgedCount, 1 << 20)
            let seed = image.load(UInt64.self, at: pack + 16)
            seal(&image, pack + 12..<end, seed: seed, at: pack + 8)
            return
        }
        let index = generator.next(count)
        let frame = pack + Int(image.load(UInt32.self, at: pack + 64 + 4 * index))
        guard frame + 84 < image.bytes.count else { return }
        let length = Int(image.load(UInt32.self, at: frame))
        guard length >= 84 else { return }
        let fields = [(9, 1), (11, 1), (16, 8), (24, 8), (32, 8), (80, 2), (82, 2)]
        let (field, width) = fields[generator.next(fields.count)]
        image.replace(frame + field, with: bytes(number, width))
        seal(&image, frame + 8..<frame + length, seed: first + UInt64(index), at: frame + 4)
    }
}
