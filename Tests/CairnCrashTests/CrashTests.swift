import CairnCore
import CairnJournal
import CairnLMDB
import CairnTesting
import Foundation
import Testing

/// Real processes, really killed: what they were told is durable is there, and nothing is torn.
struct CrashTests {
    /// At least 200 kills: each is of one process, or of two that write to the same journal.
    static let roundCount = 160

    @Test func `a killed writer loses nothing it acknowledged`() async throws {
        let seed = UInt64.random(in: .min ... .max)
        var numbers = SeededGenerator(seed: seed)
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "cairn-crash-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "journal").path

        var killCount = 0
        var said = Said()
        for round in 0..<Self.roundCount {
            let processCount = round % 4 == 3 ? 2 : 1
            let children = try (0..<processCount).map { index in
                try CrashChild(journal: path, firstWriter: index * 8, writerCount: 1 + round % 8)
            }
            let milliseconds = numbers.draw(2...90)
            try await Task.sleep(nanoseconds: UInt64(milliseconds) * 1_000_000)
            for child in children { child.kill() }
            for child in children { try said.take(child.allLines()) }
            killCount += processCount
            guard FileManager.default.fileExists(atPath: path) else { continue }
            try await verify(path, said, "seed \(seed), round \(round), \(milliseconds) ms")
        }
        #expect(killCount >= 200)
        // A run in which next to nothing was acknowledged would prove next to nothing.
        #expect(said.acknowledgedCount > 1_000, "\(said.acknowledgedCount) appends acknowledged")
        print("crash test: \(killCount) kills, \(said.acknowledgedCount) acknowledged appends")
    }

    /// Everything acknowledged is there, and beyond it only whole appends that were submitted.
    private func verify(_ path: String, _ said: Said, _ context: String) async throws {
        let journal = try LMDBJournal(path: path)
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
