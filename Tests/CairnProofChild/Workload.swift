import CWriteRecorder
import CairnCore
import CairnJournal
import CairnLMDB
import CairnTesting

/// A scripted life of a journal: appends of all shapes, one after another, index flushes, and a map
/// that grows; the same for the same seed, down to the numbers of the pages.
struct Workload {
    let seed: UInt64
    let turnCount: Int
    /// A turn with an event of more pages than a seal is made for.
    var largeTurn: Int?
    /// Whether all turns are alike but for the bytes of their events: then the pages of a commit
    /// that was taken back differ in little from those that come into their places.
    var isUniform = false

    private static let largeByteCount = 560 * 4_096

    /// Small bounds, so that a short life meets flushes and growth often.
    static func configuration() -> LMDBJournal.Configuration {
        var configuration = LMDBJournal.Configuration()
        configuration.mapByteCount = 96 << 10
        configuration.indexSegmentEventCountMax = 24
        configuration.clock = { Timestamp(nanoseconds: 1_700_000_000_000_000_000) }
        return configuration
    }

    /// The words that are put on the tape.
    enum Mark {
        static let submitted: UInt64 = 1
        static let acknowledged: UInt64 = 2
    }

    /// Lives it, and says on the tape what was submitted and what was acknowledged.
    ///
    /// - Returns: The positions at which a turn ended.
    func run(_ journal: LMDBJournal) async throws -> Set<UInt64> {
        var numbers = SeededGenerator(seed: seed)
        var ends: Set<UInt64> = [0]
        var last = try journal.head().lastPosition.rawValue
        ends.insert(last)
        var known: (StreamAppend, Position)?
        for turn in 0..<turnCount {
            let appends = try appends(turn, &numbers)
            last += UInt64(appends.reduce(0) { $0 + $1.events.count })
            cairn_tape_mark(Mark.submitted, last)
            let receipts = try await journal.append(appends)
            cairn_tape_mark(Mark.acknowledged, last)
            ends.insert(last)
            if let event = appends[0].events.first, event.id != nil {
                known = (StreamAppend([event], to: appends[0].stream), receipts[0][0].position)
            }
            // What is known already is answered, and nothing is written for it.
            if turn % 7 == 3, let known {
                let again = try await journal.append([known.0])
                guard again[0][0].position == known.1 else { throw ProofFailure("known twice") }
            }
            if turn % 11 == 10 { try await journal.flushIndex() }
        }
        return ends
    }

    private func appends(_ turn: Int, _ numbers: inout SeededGenerator) throws -> [StreamAppend] {
        guard !isUniform else {
            let event = try NewEvent(
                type: "noted",
                id: nil,
                occurredAt: .unixEpoch,
                payload: (0..<100).map { _ in UInt8(numbers.below(256)) }
            )
            return [StreamAppend([event], to: try StreamID("proof/uniform"))]
        }
        return try (0..<1 + numbers.below(3)).map { part in
            let stream = try StreamID("proof/\(seed)-\(numbers.below(7))")
            let events = try (0..<1 + numbers.below(3)).map { place in
                let isLarge = turn == largeTurn && part == 0 && place == 0
                let name = "\(seed)/\(turn)-\(part)-\(place)"
                return try event(name, &numbers, byteCount: isLarge ? Self.largeByteCount : nil)
            }
            return StreamAppend(events, to: stream)
        }
    }

    private func event(
        _ name: String,
        _ numbers: inout SeededGenerator,
        byteCount largeByteCount: Int?
    ) throws -> NewEvent {
        let id: EventID? =
            switch numbers.below(5) {
            case 0: nil
            case 1: try EventID("plain-\(name.replacing("/", with: "-"))")
            default: try EventID(name)
            }
        // Now and then one that has pages of its own.
        let byteCount = numbers.below(14) == 0 ? 2_500 + numbers.below(7_000) : numbers.below(150)
        let first = numbers.below(256)
        return try NewEvent(
            type: ["noted", "SENT", "PARSE_OK"][numbers.below(3)],
            id: id,
            occurredAt: Timestamp(nanoseconds: Int64(numbers.below(1_000))),
            payload: (0..<(largeByteCount ?? byteCount)).map {
                UInt8(truncatingIfNeeded: $0 &* 31 &+ first)
            }
        )
    }
}

/// What ends a run that cannot prove anything.
struct ProofFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
