import CairnCore
import CairnJournal
import CairnLMDB
import CairnTestSupport
import CairnTesting
import Testing

/// Streams as of past positions, however unevenly their events came.
struct PastStreamTests {
    /// Whether a stream's events are in the tables of the index, in memory, or half of each.
    enum Place: CaseIterable { case tables, tail, both }

    private static let eventCount = 4_000

    /// Which of three streams the events go to: bursts, long silences, and single events.
    private static func streams(seed: UInt64) -> [Int] {
        var random = SeededGenerator(seed: seed)
        var streams: [Int] = []
        while streams.count < eventCount {
            let stream = random.below(3)
            let isBurst = random.isHit(1, outOf: 4)
            streams += Array(repeating: stream, count: isBurst ? random.below(700) : 1)
        }
        return Array(streams.prefix(eventCount))
    }

    @Test(arguments: Place.allCases, UInt64(1)...4)
    func `a stream ends where it ended then`(place: Place, seed: UInt64) async throws {
        let scratch = try ScratchFolder()
        let journal = try LMDBJournal(path: scratch.path("j"))
        defer { journal.close() }
        let names = try (0..<3).map { try StreamID(kind: StreamKind("past"), key: "\($0)") }
        let streams = Self.streams(seed: seed)
        let event = try NewEvent(type: "past.event", occurredAt: .unixEpoch, payload: [])
        for first in stride(from: 0, to: streams.count, by: 500) {
            if place == .both, first == Self.eventCount / 2 { try await journal.flushIndex() }
            let some = streams[first..<min(first + 500, streams.count)]
            try await journal.turn { scope throws(JournalError) in
                for stream in some { try scope.append([event], to: names[stream], expecting: .any) }
            }
        }
        if place == .tables { try await journal.flushIndex() }
        for bound in stride(from: 1, through: Self.eventCount, by: 97) {
            for (number, name) in names.enumerated() {
                let expected = (1...bound).filter { streams[$0 - 1] == number }
                var found: [Int] = []
                let end = try journal.page(
                    of: name,
                    from: SequenceNumber(rawValue: .max),
                    .backwards,
                    upTo: Position(rawValue: UInt64(bound)),
                    limit: PageLimit(eventCountMax: 3)
                ) { header, _ in
                    found.append(Int(header.position.rawValue))
                    return .proceed
                }
                #expect(found == expected.suffix(3).reversed(), "\(name) up to \(bound)")
                #expect(end.eventCount == found.count)
            }
        }
    }
}
