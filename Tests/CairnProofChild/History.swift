import CairnCore
import CairnJournal
import CairnLMDB
import Foundation

/// All that a journal held at its end: what every image of its past is compared with.
struct History: Sendable {
    /// The frame at each position, from 1 on.
    let frames: [[UInt8]]
    /// The events that have an id.
    let ids: [(id: EventID, position: Position)]
    /// The positions of each stream, in the order of its sequence.
    let streams: [(stream: StreamID, positions: [Position])]
    /// Where turns ended; empty where that is not looked at.
    let ends: Set<UInt64>

    init(_ journal: LMDBJournal, ends: Set<UInt64>) async throws {
        var frames: [[UInt8]] = []
        var ids: [(id: EventID, position: Position)] = []
        var streams: [(stream: StreamID, positions: [Position])] = []
        var places: [StreamNumber: Int] = [:]
        try await journal.forEachEvent { header, frame in
            frames.append(frame.array())
            if let id = header.eventID(in: frame) { ids.append((id, header.position)) }
            if let stream = header.streamID(in: frame) {
                places[header.streamNumber] = streams.count
                streams.append((stream, []))
            }
            if let place = places[header.streamNumber] {
                streams[place].positions.append(header.position)
            }
            return .proceed
        }
        self.frames = frames
        self.ids = ids
        self.streams = streams
        self.ends = ends
    }

    private init(_ other: History, frames: [[UInt8]]) {
        self.frames = frames
        ids = other.ids
        streams = other.streams
        ends = other.ends
    }

    /// The same with another event at one place.
    func altered(at index: Int) -> History {
        var frames = frames
        frames[index][frames[index].count - 1] ^= 1
        return History(self, frames: frames)
    }

    /// What of a journal is not as it was in this history; nil if it is a beginning of it.
    ///
    /// - Parameters:
    ///   - journal: The journal.
    ///   - low: The last position that was acknowledged.
    ///   - high: The last one that was submitted.
    ///   - sample: Chooses what is looked up, where not everything is.
    /// - Returns: What differs first.
    /// - Throws: What the journal throws.
    func difference(
        _ journal: LMDBJournal,
        from low: UInt64,
        to high: UInt64,
        sample: Int? = nil
    ) async throws -> String? {
        let last = try journal.head().lastPosition.rawValue
        guard last >= low else { return "it ends at \(last), and \(low) was acknowledged" }
        guard last <= high else { return "it ends at \(last), and only \(high) was submitted" }
        guard ends.isEmpty || ends.contains(last) else {
            return "it ends at \(last), inside a turn"
        }
        var next = 0
        var wrong: String?
        try await journal.forEachEvent { header, frame in
            guard header.position.rawValue == UInt64(next + 1), next < frames.count,
                isEqual(frame, frames[next])
            else {
                wrong = "position \(header.position) is not what was appended there"
                return .stop
            }
            next += 1
            return .proceed
        }
        if let wrong { return wrong }
        guard next == Int(last) else { return "it has \(next) events and says \(last)" }
        return try await indexDifference(journal, last, sample)
    }

    private func isEqual(_ frame: RawSpan, _ expected: [UInt8]) -> Bool {
        frame.byteCount == expected.count
            && frame.withUnsafeBytes { found in
                expected.withUnsafeBytes { wanted in
                    guard let found = found.baseAddress, let wanted = wanted.baseAddress else {
                        return false
                    }
                    return memcmp(found, wanted, expected.count) == 0
                }
            }
    }

    private func indexDifference(
        _ journal: LMDBJournal,
        _ last: UInt64,
        _ sample: Int?
    ) async throws -> String? {
        var ids = ids[...]
        var streams = streams[...]
        if let sample {
            // A few, others with each image; the last ones are those at stake.
            let known = ids.prefix { $0.position.rawValue <= last }.count
            let start = known < 4 ? 0 : sample % (known - 3)
            let newest = ids[max(0, known - 2)..<min(known + 1, ids.count)]
            ids = ids[start..<min(start + 3, ids.count)] + newest
            let place = sample % max(streams.count, 1)
            streams = streams[place..<min(place + 2, streams.count)]
        }
        for (id, position) in ids {
            let found = try journal.receipt(of: id)?.position
            guard found == (position.rawValue <= last ? position : nil) else {
                return "id \(id) leads to \(found.map { "\($0)" } ?? "nothing")"
            }
        }
        for (stream, positions) in streams {
            let expected = positions.filter { $0.rawValue <= last }
            var found: [Position] = []
            try await journal.forEachEvent(of: stream) { header, _ in
                found.append(header.position)
                return .proceed
            }
            guard found == expected else { return "stream \(stream) holds \(found)" }
        }
        return nil
    }
}
