import CairnCore
import CairnJournal
import CairnLMDB
import Testing

/// Compares a journal with what its writers said.
enum JournalAudit {
    /// Everything acknowledged is there, and beyond it only whole appends that were submitted.
    static func verify(_ path: String, _ said: Said, _ context: String) async throws {
        // Reading only, so that what is checked is what the writers left.
        let journal = try LMDBJournal(path: path, configuration: .readOnly)
        defer { journal.close() }
        var found: [Int: Appended] = [:]
        var next = Position.first
        var writers: [StreamNumber: Int] = [:]
        var failures: [String] = []
        try await journal.forEachEvent { header, frame in
            if header.position != next { failures.append("a gap before \(header.position)") }
            next = header.position.next
            if let name = header.streamID(in: frame) {
                writers[header.streamNumber] = Int(name.key)
            }
            guard let writer = writers[header.streamNumber] else {
                failures.append("position \(header.position) has no stream")
                return .stop
            }
            let payload = header.payloadRange.lowerBound
            let place = EventPlace(
                number: Int(frame.littleEndian(at: payload, as: UInt32.self)),
                index: Int(frame.littleEndian(at: payload + 4, as: UInt16.self)),
                count: Int(frame.littleEndian(at: payload + 6, as: UInt16.self))
            )
            found[writer, default: Appended()].take(place, at: header, failures: &failures)
            return .proceed
        }
        #expect(failures.isEmpty, "\(context): \(failures.prefix(3))")
        for (writer, appended) in found {
            #expect(appended.isWhole, "\(context): writer \(writer) has a torn append")
            #expect(
                appended.last <= said.submitted[writer, default: 0],
                "\(context): writer \(writer) has an append that nobody submitted"
            )
        }
        for (writer, positions) in said.acknowledged {
            for (number, position) in positions {
                #expect(
                    found[writer]?.positions[number] == position,
                    "\(context): append \(number) of writer \(writer) at \(position) is lost"
                )
            }
            // The index, tail and tables together, knows the last of them by its id, too.
            if let last = positions.keys.max() {
                let receipt = try journal.receipt(of: EventID("\(writer)/\(last)/0"))
                #expect(receipt?.position == positions[last], "\(context): id of \(last) is lost")
            }
        }
    }

    private struct EventPlace {
        let number: Int
        let index: Int
        let count: Int
    }

    /// What the journal holds of one writer.
    private struct Appended {
        var last = 0
        var positions: [Int: Position] = [:]
        private var missingCount = 0
        private var sequence: UInt64 = 0

        var isWhole: Bool { missingCount == 0 }

        mutating func take(_ place: EventPlace, at header: EventHeader, failures: inout [String]) {
            sequence += 1
            if header.sequence.rawValue != sequence {
                failures.append("sequence \(header.sequence) at \(header.position)")
            }
            if place.index == 0 {
                if missingCount != 0 || place.number != last + 1 {
                    failures.append("append \(place.number) follows \(last)")
                }
                last = place.number
                positions[place.number] = header.position
                missingCount = place.count
            }
            missingCount -= 1
        }
    }
}
