import CWriteRecorder
import CairnCore
import CairnJournal
import CairnLMDB
import Foundation

/// Lets a write or a flush fail, goes on as a program would, and crashes.
///
/// After a flush that failed, what it was to flush may be on the disk or not, and no later flush
/// brings it there: the kernel takes the pages for clean.
struct FailedFlushRun {
    static let turnCount = 8
    static let imageCount = 24

    /// Which of several lives, each of other events.
    let life: Int
    let scratch: String
    let watchdog: Watchdog

    func run(from first: Int, rest: Int, of parts: Int) async throws {
        let (callCount, clean) = try await live(failing: .max)
        var tally = ImageTally()
        var failed = 0
        for call in 1...Int(callCount) {
            let number = life * 1_000_000 + 1_000 * call
            guard number >= first, call % parts == rest else { continue }
            watchdog.tick()
            Output.begin(number, "life \(life), whose call \(call) fails")
            let (_, history) = try await live(failing: UInt64(call))
            let name = String(cString: cairn_faults_name())
            guard ["pwrite", "writev", "fdatasync"].contains(name) else { continue }
            failed += 1
            let path = scratch + "/failed/journal"
            let tape = try Tape(path: path)
            let check = ImageCheck(folder: scratch + "/image", lockFile: [0])
            for (place, plan) in tape.plans(Self.imageCount, seed: UInt64(call)).enumerated() {
                watchdog.tick()
                let image = tape.image(plan)
                Output.begin(number, "life \(life), call \(call), \(name): \(image.description)")
                try check.lay(image, number: 5 * place)
                // What failed may be there, until the journal has been opened again.
                let violation = try await check.violation(image, number: place, history, &tally)
                guard let violation else { continue }
                // `verify` names the slot of a meta page that could not be written.
                if name == "pwrite", violation == ImageCheck.falseAlarm { continue }
                try check.lay(image, number: 5 * place)
                guard try await check.violation(image, number: place, clean, &tally) != nil else {
                    continue
                }
                Output.violation(
                    number,
                    "life \(life), call \(call), \(name), \(image.description): \(violation)"
                )
            }
        }
        tally.say("failed")
        Output.count("failed-calls", failed)
    }

    /// Makes a journal and works with it; where that fails, opens it again and goes on.
    private func live(failing call: UInt64) async throws -> (calls: UInt64, History) {
        let folder = scratch + "/failed"
        try? FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
        let path = folder + "/journal"
        cairn_tape_start(folder)
        cairn_faults_start(folder, call, 1, EIO)
        try? await work(path, seed: UInt64(3 + 2 * life))
        if call != .max { try await work(path, seed: UInt64(4 + 2 * life)) }
        let calls = cairn_faults_stop()
        cairn_tape_stop()
        let journal = try LMDBJournal(path: path, configuration: .readOnly)
        defer { journal.close() }
        return (calls, try await History(journal, ends: []))
    }

    private func work(_ path: String, seed: UInt64) async throws {
        let journal = try LMDBJournal(path: path, configuration: Workload.configuration())
        defer { journal.close() }
        _ = try await Workload(seed: seed, turnCount: Self.turnCount).run(journal)
    }
}
