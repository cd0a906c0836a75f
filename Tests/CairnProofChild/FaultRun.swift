import CWriteRecorder
import CairnCore
import CairnJournal
import CairnLMDB
import Foundation

/// Lets each file call of a journal's life fail, one after another, and compares what was said with
/// what is there afterwards.
struct FaultRun {
    /// A way for calls to fail.
    struct Fault: CustomStringConvertible {
        let name: String
        let error: Int32
        let count: UInt64

        var description: String { "\(name) \(count == 1 ? "once" : "from there on")" }

        static let all: [Fault] = [
            Fault(name: "EIO", error: EIO, count: 1),
            Fault(name: "EIO", error: EIO, count: .max),
            Fault(name: "ENOSPC", error: ENOSPC, count: 1),
            Fault(name: "ENOSPC", error: ENOSPC, count: .max),
            Fault(name: "EINTR", error: EINTR, count: 1),
            // Whatever tries again for as long as it is interrupted would never end.
            Fault(name: "EINTR", error: EINTR, count: 20),
            Fault(name: "short", error: Int32(CAIRN_FAULT_SHORT), count: 1),
            Fault(name: "short", error: Int32(CAIRN_FAULT_SHORT), count: .max),
        ]
    }

    /// Which of several lives, each with events of other sizes.
    let life: Int
    let scratch: String

    /// What a life said of its appends.
    private struct Said {
        var acknowledged: [Int: Position] = [:]
        /// What each append that failed was told.
        var refused: [Int: JournalError] = [:]
        var openingErrors: [JournalError] = []
        /// Where a copy ends that was made; nil where none was.
        var copied: Position?
    }

    /// Runs a part of all cases: those whose number leaves a rest.
    func run(from first: Int, rest: Int, of parts: Int, _ watchdog: Watchdog) async throws {
        let callCount = Int(try await callCount())
        var runs = 0
        var hit = 0
        for (index, fault) in Fault.all.enumerated() {
            for call in 1...callCount {
                let number = life * 1_000_000 + index * callCount + call
                guard number >= first, number % parts == rest else { continue }
                watchdog.tick()
                let folder = scratch + "/fault"
                try? FileManager.default.removeItem(atPath: folder)
                try FileManager.default.createDirectory(
                    atPath: folder,
                    withIntermediateDirectories: true
                )
                Output.begin(number, "life \(life), \(fault) at call \(call)")
                cairn_faults_start(folder, UInt64(call), fault.count, fault.error)
                let said = await live(folder)
                _ = cairn_faults_stop()
                let name = String(cString: cairn_faults_name())
                runs += 1
                if !name.isEmpty { hit += 1 }
                if let wrong = await difference(folder, said) {
                    Output.violation(
                        number,
                        "life \(life), \(fault) at call \(call), \(name): \(wrong)"
                    )
                }
            }
        }
        Output.count("fault-runs", runs)
        Output.count("fault-hits", hit)
        Output.count("fault-calls", callCount)
    }

    /// How many calls a life without faults makes.
    private func callCount() async throws -> UInt64 {
        let folder = scratch + "/counted-\(life)"
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
        cairn_faults_start(folder, .max, 0, 0)
        let said = await live(folder)
        let count = cairn_faults_stop()
        if let wrong = await difference(folder, said) {
            throw ProofFailure("without a fault: \(wrong)")
        }
        guard said.acknowledged.count == Self.appendCount, said.copied != nil else {
            throw ProofFailure("without a fault \(said.acknowledged.count) appends are answered")
        }
        return count
    }

    private static let appendCount = 9

    private func event(_ number: Int) throws -> NewEvent {
        // Two of them make the map grow.
        let isLarge = number == 3 || number == 7
        let byteCount = isLarge ? 60_000 + 900 * life : 40 * number + 97 * life
        return try NewEvent(
            type: "noted",
            id: EventID("fault/\(number)"),
            occurredAt: .unixEpoch,
            payload: [UInt8](repeating: UInt8(number), count: byteCount)
        )
    }

    /// Makes a journal in a folder, works with it, closes it, does so again, and copies it.
    private func live(_ folder: String) async -> Said {
        var said = Said()
        let path = folder + "/journal"
        for numbers in [0..<6, 6..<Self.appendCount] {
            do throws(JournalError) {
                let journal = try LMDBJournal(
                    path: path,
                    configuration: Workload.configuration()
                )
                await work(journal, numbers, &said)
                journal.close()
            } catch {
                said.openingErrors.append(error)
            }
        }
        do throws(JournalError) {
            let journal = try LMDBJournal(path: path, configuration: .readOnly)
            defer { journal.close() }
            said.copied = try journal.backup(to: folder + "/copy").lastPosition
        } catch {
            said.openingErrors.append(error)
        }
        return said
    }

    private func work(_ journal: LMDBJournal, _ numbers: Range<Int>, _ said: inout Said) async {
        for number in numbers {
            guard let event = try? self.event(number), let stream = try? StreamID("fault/stream")
            else { continue }
            do throws(JournalError) {
                said.acknowledged[number] = try await journal.append(event, to: stream).position
            } catch {
                said.refused[number] = error
            }
            if number == 4 { try? await journal.flushIndex() }
            _ = try? journal.receipt(of: EventID("fault/\(number)"))
            _ = try? journal.page(from: .first, .forwards, upTo: nil, limit: .standard) { _, _ in
                .proceed
            }
        }
    }

    /// What is there and was not said, or the other way round; nil where all is as it was said.
    private func difference(_ folder: String, _ said: Said) async -> String? {
        let path = folder + "/journal"
        let isThere = FileManager.default.fileExists(atPath: path + "/data.mdb")
        guard isThere else {
            return said.acknowledged.isEmpty ? nil : "the journal is not there"
        }
        do {
            let journal = try LMDBJournal(path: path, configuration: Workload.configuration())
            defer { journal.close() }
            if let wrong = try await contentDifference(journal, said) { return wrong }
            if let wrong = try copyDifference(folder + "/copy", said, journal) { return wrong }
            let last = try journal.head().lastPosition.rawValue
            let event = try NewEvent(type: "noted", occurredAt: .unixEpoch, payload: [])
            let position = try await journal.append(event, to: try StreamID("fault/after")).position
            guard position.rawValue == last + 1 else { return "it goes on at \(position)" }
            journal.close()
            let report = try JournalInspector.verify(path: path)
            return report.isIntact ? nil : "verify finds \(report.damages.prefix(2))"
        } catch {
            return "it cannot be opened again: \(error)"
        }
    }

    /// A copy is whole or not there, whatever was said of it.
    private func copyDifference(
        _ path: String,
        _ said: Said,
        _ journal: LMDBJournal
    ) throws -> String? {
        guard FileManager.default.fileExists(atPath: path) else {
            return said.copied == nil ? nil : "the copy is not there"
        }
        let report = try JournalInspector.verify(path: path)
        guard report.isIntact else { return "the copy has \(report.damages.prefix(2))" }
        let last = try journal.head().lastPosition
        // What may not have been on the disk, of which nobody was told, is not copied.
        let acknowledged = said.acknowledged.values.max() ?? .zero
        let isWhole = acknowledged <= report.lastPosition && report.lastPosition <= last
        return isWhole ? nil : "the copy ends at \(report.lastPosition)"
    }

    private func contentDifference(_ journal: LMDBJournal, _ said: Said) async throws -> String? {
        var found: [Int: Position] = [:]
        var wrong: String?
        try await journal.forEachEvent { header, frame in
            let number = header.eventID(in: frame).flatMap { Int("\($0)".dropFirst(6)) }
            guard let number, let event = try? self.event(number), found[number] == nil,
                header.contentDigest(in: frame) == event.contentDigest
            else {
                wrong = "position \(header.position) was never submitted"
                return .stop
            }
            found[number] = header.position
            return .proceed
        }
        if let wrong { return wrong }
        for (number, position) in said.acknowledged where found[number] != position {
            return "append \(number) was acknowledged at \(position) and is not there"
        }
        for (number, position) in found {
            guard try journal.receipt(of: EventID("fault/\(number)"))?.position == position else {
                return "the id of append \(number) is not known"
            }
            // Only one answer leaves it open what became of an append.
            if let error = said.refused[number], error != .outcomeUnknown {
                return "append \(number) is there, and was told: \(error)"
            }
        }
        return nil
    }
}
