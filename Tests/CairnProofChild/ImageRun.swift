import CWriteRecorder
import CairnCore
import CairnJournal
import CairnLMDB
import Foundation

/// Records a life of a journal and checks the states that a crash can leave it in.
struct ImageRun {
    static let nestedTurnCount = 3
    static let nestedImageCount = 32

    let seed: UInt64
    var turnCount = 36
    /// A turn that is too large for a seal.
    var largeTurn: Int?
    /// Whether all turns are alike.
    var isUniform = false
    /// One image in so many is opened, worked with and crashed again.
    var nestedStride = 24
    let scratch: String
    let watchdog: Watchdog

    struct Recording {
        let tape: Tape
        let history: History
        let lockFile: [UInt8]
    }

    func record() async throws -> Recording {
        let folder = scratch + "/recorded"
        try? FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
        let path = folder + "/journal"
        cairn_tape_start(folder)
        let journal = try LMDBJournal(path: path, configuration: Workload.configuration())
        let workload = Workload(
            seed: seed,
            turnCount: turnCount,
            largeTurn: largeTurn,
            isUniform: isUniform
        )
        let ends = try await workload.run(journal)
        let lockFile = Array(try Data(contentsOf: URL(fileURLWithPath: path + "/lock.mdb")))
        let history = try await History(journal, ends: ends)
        journal.close()
        cairn_tape_stop()
        let tape = try Tape(path: path)
        return Recording(tape: tape, history: history, lockFile: lockFile)
    }

    /// Checks images, from one of them on.
    func run(from first: Int, numberedFrom start: Int, countMax: Int) async throws {
        guard first < start + 1_000_000 else { return }
        let recording = try await record()
        let plans = recording.tape.plans(countMax, seed: seed)
        let check = ImageCheck(folder: scratch + "/image", lockFile: recording.lockFile)
        var tally = ImageTally()
        for (place, plan) in plans.enumerated() where start + place >= first {
            let number = start + place
            let image = recording.tape.image(plan)
            watchdog.tick()
            Output.begin(number, image.description)
            try check.lay(image, number: number)
            let violation = try await check.violation(
                image,
                number: number,
                recording.history,
                &tally
            )
            if let violation { report(number, image, violation) }
            if number % nestedStride == 5, image.presence == .present, !image.isTorn {
                try await crashAgain(image, plan, number, recording, &tally)
            }
        }
        tally.say("image")
        Output.count("image-epochs", recording.tape.epochs.count)
        Output.count("image-flushes", recording.tape.flushCount)
    }

    /// Opens an image, works with it and crashes again, at each of its flushes.
    private func crashAgain(
        _ image: CrashImage,
        _ plan: ImagePlan,
        _ number: Int,
        _ recording: Recording,
        _ tally: inout ImageTally
    ) async throws {
        let outer = ImageCheck(folder: scratch + "/image", lockFile: recording.lockFile)
        try outer.lay(image, number: number)
        let history: History
        let tape: Tape
        do {
            (tape, history) = try await recordAgain(image, plan, number, recording)
        } catch {
            return report(number, image, "it cannot be worked with: \(error)")
        }
        let inner = ImageCheck(folder: scratch + "/again", lockFile: recording.lockFile)
        for (place, plan) in tape.plans(Self.nestedImageCount, seed: seed).enumerated() {
            let again = tape.image(plan)
            watchdog.tick()
            Output.begin(number, "\(image.description); then \(again.description)")
            try inner.lay(again, number: number + place)
            let violation = try await inner.violation(
                again,
                number: number + place,
                history,
                &tally
            )
            tally.nested += 1
            if violation != nil, again.isTorn, again.acknowledged == tape.epochs[0].acknowledged,
                try await isOuter(again, image, number, recording)
            {
                continue
            }
            if let violation { report(number, again, "after \(image.description): \(violation)") }
        }
    }

    /// Whether an image is still what the first crash left: where the meta page is torn that goes
    /// over a commit that has been taken back, salvage may find that commit.
    private func isOuter(
        _ again: CrashImage,
        _ image: CrashImage,
        _ number: Int,
        _ recording: Recording
    ) async throws -> Bool {
        let check = ImageCheck(folder: scratch + "/again", lockFile: recording.lockFile)
        let outer = CrashImage(
            description: again.description,
            bytes: again.bytes,
            presence: again.presence,
            ending: again.ending,
            isTorn: again.isTorn,
            acknowledged: again.acknowledged,
            submitted: max(image.submitted, again.acknowledged)
        )
        try check.lay(outer, number: number)
        var tally = ImageTally()
        let violation = try await check.violation(
            outer,
            number: number,
            recording.history,
            &tally
        )
        return violation == nil
    }

    private func recordAgain(
        _ image: CrashImage,
        _ plan: ImagePlan,
        _ number: Int,
        _ recording: Recording
    ) async throws -> (Tape, History) {
        let path = scratch + "/image/journal"
        cairn_tape_start(scratch + "/image")
        defer { cairn_tape_stop() }
        let journal = try LMDBJournal(path: path, configuration: Workload.configuration())
        defer { journal.close() }
        let last = try journal.head().lastPosition.rawValue
        let workload = Workload(
            seed: seed &+ 1_000_000 &+ UInt64(number),
            turnCount: Self.nestedTurnCount,
            largeTurn: largeTurn.map { _ in 1 },
            isUniform: isUniform
        )
        let ends = recording.history.ends.filter { $0 <= last }.union(
            try await workload.run(journal)
        )
        try await journal.flushIndex()
        let history = try await History(journal, ends: ends)
        journal.close()
        cairn_tape_stop()
        let beginning =
            recording.tape.beginning(plan)
            ?? Tape.Beginning(
                durable: image.bytes,
                pending: [],
                acknowledged: last,
                submitted: last
            )
        return (try Tape(path: path, from: beginning), history)
    }

    private func report(_ number: Int, _ image: CrashImage, _ violation: String) {
        Output.violation(number, "seed \(seed), \(image.description): \(violation)")
        // For whoever looks into it: the file, where a place for it is named.
        guard let folder = ProcessInfo.processInfo.environment["CAIRN_PROOF_KEEP"] else { return }
        let file = URL(fileURLWithPath: "\(folder)/\(seed)-\(number).mdb")
        try? Data(image.bytes).write(to: file)
    }
}
