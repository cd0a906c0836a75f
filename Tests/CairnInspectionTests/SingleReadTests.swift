import CairnCore
import CairnJournal
import CairnTestSupport
import Testing

@testable import CairnLMDB

/// Reads of single events look at no more of a pack than they need.
struct SingleReadTests {
    @Test func `no flipped bit of a pack's directory gives another event for the one asked for`()
        async throws
    {
        let folder = try ScratchFolder()
        let sample = try await SampleJournal(at: folder.path("j"), commitCount: 12)
        let positions = (1...sample.lastPosition).map { Position(rawValue: $0) }
        let whole = try await frames(at: positions, in: folder.path("j"))
        #expect(whole.compactMap(\.self).count == positions.count)
        var (refused, same) = (0, 0)
        for pack in packs(of: sample.image).suffix(3) {
            let count = Int(sample.image.load(UInt32.self, at: pack + 12))
            let first = sample.image.load(UInt64.self, at: pack + 16)
            let own = positions.filter {
                $0.rawValue >= first && $0.rawValue < first + UInt64(count)
            }
            for offset in pack..<pack + PackFormat.fixedByteCount + 4 * count {
                var image = sample.image
                image.replace(offset, with: [image.bytes[offset] ^ (1 << UInt8(offset % 8))])
                let path = try image.write(to: folder.path("flipped"))
                let read = try await frames(at: own, in: path)
                for (position, frame) in zip(own, read) {
                    guard let frame else {
                        refused += 1
                        continue
                    }
                    same += 1
                    #expect(frame == whole[Int(position.rawValue) - 1], "\(position), \(offset)")
                }
            }
        }
        // Both came about: bits that lead astray, and bits that no single read looks at.
        #expect(refused > 50)
        #expect(same > 50)
    }

    @Test(arguments: [PageDirection.forwards, .backwards])
    func `events far apart are what they are one by one, whatever bit is flipped`(
        direction: PageDirection
    ) async throws {
        let folder = try ScratchFolder()
        let sample = try await SampleJournal(at: folder.path("j"), commitCount: 60)
        let ascending = stride(from: 1, through: sample.lastPosition, by: 23)
            .map { Position(rawValue: $0) }
        #expect(ascending.count > 20)
        let positions = direction == .forwards ? ascending : ascending.reversed()
        let whole = try await frames(at: positions, in: folder.path("j")).compactMap(\.self)
        let (all, failure) = try await run(of: positions, in: folder.path("j"))
        #expect(all == whole && failure == nil)
        #expect(whole.count == positions.count)
        var random = SampleJournal.Generator(state: 11)
        var (stoppedCount, sameCount) = (0, 0)
        for pack in packs(of: sample.image) {
            let count = Int(sample.image.load(UInt32.self, at: pack + 12))
            for _ in 0..<12 {
                // The length, the first position and the directory lead to other addresses.
                let offset = pack + random.next(PackFormat.fixedByteCount + 4 * count)
                var image = sample.image
                image.replace(offset, with: [image.bytes[offset] ^ (1 << UInt8(random.next(8)))])
                let path = try image.write(to: folder.path("flipped"))
                let (read, failure) = try await run(of: positions, in: path)
                #expect(read == Array(whole.prefix(read.count)), "\(offset)")
                #expect((failure == nil) == (read.count == whole.count), "\(offset)")
                if failure == nil { sameCount += 1 } else { stoppedCount += 1 }
            }
        }
        #expect(stoppedCount > 20)
        #expect(sameCount > 20)
    }

    /// The frames of events that are asked for together, up to the one that is refused.
    private func run(
        of positions: [Position],
        in path: String
    ) async throws -> (frames: [[UInt8]], failure: JournalError?) {
        var frames: [[UInt8]] = []
        do throws(JournalError) {
            let journal = try LMDBJournal(path: path, configuration: .readOnly)
            defer { journal.close() }
            try await journal.forEachEvent(at: positions) { _, frame in
                frames.append((0..<frame.byteCount).map { frame.byte(at: $0) })
            }
            return (frames, nil)
        } catch {
            switch error {
            case .corrupt, .newerFormat, .damaged: return (frames, error)
            default: throw error
            }
        }
    }

    /// Where the packs of an image begin.
    private func packs(of image: FileImage) -> [Int] {
        stride(from: 0, to: image.bytes.count - PackFormat.fixedByteCount, by: 2).filter {
            image.load(UInt32.self, at: $0) == PackFormat.magic
                && image.load(UInt16.self, at: $0 + 4) == PackFormat.version
        }
    }

    /// The frames of events, each asked for by itself; nil where the read is refused.
    private func frames(at positions: [Position], in path: String) async throws -> [[UInt8]?] {
        let journal = try LMDBJournal(path: path, configuration: .readOnly)
        defer { journal.close() }
        var frames: [[UInt8]?] = []
        for position in positions {
            var bytes: [UInt8]?
            do throws(JournalError) {
                try await journal.forEachEvent(at: [position]) { _, frame in
                    bytes = (0..<frame.byteCount).map { frame.byte(at: $0) }
                }
            } catch {
                guard case .corrupt = error else {
                    if case .newerFormat = error {
                        frames.append(nil)
                        continue
                    }
                    throw error
                }
            }
            frames.append(bytes)
        }
        return frames
    }
}
