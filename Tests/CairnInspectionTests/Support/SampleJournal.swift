import CairnCore
import CairnJournal

@testable import CairnLMDB

/// A small journal written by the real writer, with every kind of page and record in it.
struct SampleJournal {
    /// The file before each commit of the second half, and at the end: index flushed.
    let images: [FileImage]
    /// The last position in each image.
    let lastPositions: [UInt64]

    var image: FileImage { images[images.count - 1] }
    var lastPosition: UInt64 { lastPositions[lastPositions.count - 1] }

    /// Numbers that look random and are the same in every run.
    struct Generator {
        var state: UInt64

        mutating func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
    }

    /// Writes a journal.
    ///
    /// - Parameters:
    ///   - path: Where nothing is yet.
    ///   - commitCount: How many commits.
    ///   - eventCountMax: How many events a commit has at most.
    ///   - flushesAt: After which commit the index is flushed; at the end it is always.
    ///   - closes: Whether the journal is closed, and so flushed, before the last image.
    /// - Throws: ``JournalError``.
    init(
        at path: String,
        commitCount: Int = 40,
        eventCountMax: Int = 24,
        flushesAt: Int? = 15,
        closes: Bool = true
    ) async throws {
        let journal = try LMDBJournal(path: path)
        var generator = Generator(state: 7)
        var images: [FileImage] = []
        var lastPositions: [UInt64] = []
        var serial = 0
        for commit in 0..<commitCount {
            var appends: [StreamAppend] = []
            for _ in 0..<1 + generator.next(4) {
                let count = 1 + generator.next(max(eventCountMax / 3, 1))
                let stream = try StreamID("pipeline/REQ-\(generator.next(12))")
                let events = try (0..<count).map { _ in
                    serial += 1
                    return try Self.event(serial, stream, &generator)
                }
                appends.append(StreamAppend(events, to: stream))
            }
            try await journal.append(appends)
            if commit == flushesAt { try await journal.flushIndex() }
            if commit >= commitCount / 2 {
                images.append(try FileImage(journal: path))
                lastPositions.append(try journal.head().lastPosition.rawValue)
            }
        }
        if closes {
            journal.close()
            images.append(try FileImage(journal: path))
            lastPositions.append(UInt64(serial))
        }
        self.images = images
        self.lastPositions = lastPositions
        withExtendedLifetime(journal) {}
    }

    private static func event(
        _ serial: Int,
        _ stream: StreamID,
        _ generator: inout Generator
    ) throws -> NewEvent {
        var id: EventID?
        switch generator.next(4) {
        case 0: break
        case 1: id = try EventID("plain-\(serial)")
        default: id = try EventID("\(stream.key)/\(serial)")
        }
        let isLarge = generator.next(60) == 0
        let byteCount = isLarge ? 6_000 : generator.next(90)
        return try NewEvent(
            type: ["PARSE_OK", "SENT", "STORED"][generator.next(3)],
            id: id,
            occurredAt: Timestamp(nanoseconds: Int64(serial) * 1_000),
            payload: (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ serial) }
        )
    }
}
