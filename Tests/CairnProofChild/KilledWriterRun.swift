import CWriteRecorder
import CairnCore
import CairnJournal
import CairnLMDB
import Foundation

/// A writer is killed, or meets a full disk, beside another that has the journal open, is asked the
/// same, and goes on; then the machine stops.
///
/// What the first one had committed and not flushed is in the kernel's pages: the other sees it.
/// Whatever it says of it has to be so after the crash.
struct KilledWriterRun {
    static let imageCount = 40
    private static let firstCount = 3
    private static let appendCount = 5

    /// What becomes of the first writer at one of its calls.
    enum WriterEnd: String, CaseIterable {
        case killed = "kill"
        /// The call fails for want of room; it goes on and closes the journal.
        case full = "full"
    }

    /// What says that there was no such call.
    private static let untouchedStatus: Int32 = 3

    /// Which of several lives, each of other events before.
    let life: Int
    let scratch: String
    let watchdog: Watchdog

    private var folder: String { scratch + "/shared" }
    private var path: String { folder + "/journal" }

    private static func event(_ number: Int) throws -> NewEvent {
        try NewEvent(
            type: "noted",
            id: EventID("shared/\(number)"),
            occurredAt: .unixEpoch,
            payload: [UInt8](repeating: UInt8(number), count: number * 1_500)
        )
    }

    private static func stream(_ number: Int) throws -> StreamID {
        try StreamID("shared/\(number % 2)")
    }

    /// What the first writer does.
    static func append(_ path: String, ending: WriterEnd, at call: Int) async throws {
        let folder = String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.endIndex))
        let error = ending == .killed ? Int32(CAIRN_FAULT_KILL) : ENOSPC
        cairn_tape_start(folder)
        cairn_faults_start(folder, UInt64(call), 1, error)
        if let journal = try? LMDBJournal(path: path, configuration: Workload.configuration()) {
            for number in 0..<firstCount {
                guard
                    let receipt = try? await journal.append(event(number), to: stream(number))
                else { continue }
                cairn_tape_mark(Workload.Mark.acknowledged, receipt.position.rawValue)
            }
            journal.close()
        }
        let count = cairn_faults_stop()
        cairn_tape_stop()
        guard cairn_tape_save(folder + ".tape") == 0 else { exit(1) }
        if count < UInt64(call) { exit(untouchedStatus) }
    }

    func run(from first: Int, rest: Int, of parts: Int) async throws {
        var tally = ImageTally()
        for ending in WriterEnd.allCases {
            var count = 0
            for call in 1... {
                let number = life * 1_000_000 + (ending == .full ? 500_000 : 0) + call
                guard number >= first, call % parts == rest else { continue }
                watchdog.tick()
                let name = "life \(life), \(ending) at call \(call)"
                Output.begin(number, name)
                guard let (tape, history) = try await live(call, ending) else { break }
                count += 1
                try await check(tape, history, number, name, hasFailed: ending == .full, &tally)
            }
            Output.count("shared-\(ending)", count)
        }
        tally.say("shared")
    }

    private func check(
        _ tape: Tape,
        _ history: History,
        _ number: Int,
        _ name: String,
        hasFailed: Bool,
        _ tally: inout ImageTally
    ) async throws {
        let check = ImageCheck(folder: scratch + "/image", lockFile: [0])
        for (place, plan) in tape.plans(Self.imageCount, seed: UInt64(number)).enumerated() {
            watchdog.tick()
            let image = tape.image(plan)
            Output.begin(number, "\(name), then \(image.description)")
            try check.lay(image, number: place)
            let violation = try await check.violation(image, number: place, history, &tally)
            // `verify` names the slot of a meta page that could not be written.
            if hasFailed, violation == ImageCheck.falseAlarm { continue }
            if let violation {
                Output.violation(number, "\(name), then \(image.description): \(violation)")
            }
        }
    }

    /// Lets the first writer end at a call, and goes on; nil if there is no such call.
    private func live(_ call: Int, _ ending: WriterEnd) async throws -> (Tape, History)? {
        try? FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
        var journal = try LMDBJournal(path: path, configuration: Workload.configuration())
        defer { journal.close() }
        _ = try await Workload(seed: UInt64(5 + life), turnCount: 3).run(journal)
        // Positions differ with what the first one gets done: any of them may have been submitted.
        let beginning = Tape.Beginning(
            durable: Array(try Data(contentsOf: URL(fileURLWithPath: path + "/data.mdb"))),
            pending: [],
            acknowledged: try journal.head().lastPosition.rawValue,
            submitted: 1_000
        )
        let status = try append(call, ending)
        guard status != Self.untouchedStatus else { return nil }
        guard cairn_tape_load(folder + ".tape") == 0 else { throw ProofFailure("no tape is left") }
        let left = try Tape(path: path, from: beginning).end
        cairn_tape_start(folder)
        defer { cairn_tape_stop() }
        if left.limbo.contains(where: { !$0.hasFailed }) { cairn_faults_next_flush(EIO) }
        for number in 0..<Self.appendCount {
            let position: Position
            do throws(JournalError) {
                position = try await append(number, to: journal)
            } catch {
                // As whoever is told that the journal has to be opened again.
                journal.close()
                journal = try LMDBJournal(path: path, configuration: Workload.configuration())
                position = try await append(number, to: journal)
            }
            cairn_tape_mark(Workload.Mark.acknowledged, position.rawValue)
        }
        // What is not flushed now is not flushed before the machine stops.
        cairn_tape_stop()
        let history = try await History(journal, ends: [])
        return (try Tape(path: path, from: left), history)
    }

    private func append(
        _ number: Int,
        to journal: LMDBJournal
    ) async throws(JournalError) -> Position {
        guard let event = try? Self.event(number), let stream = try? Self.stream(number) else {
            throw .closed
        }
        return try await journal.append(event, to: stream).position
    }

    /// - Returns: With what status the first writer ended.
    private func append(_ call: Int, _ ending: WriterEnd) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = [scratch, "append", "\(call)", ending.rawValue, path]
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}
