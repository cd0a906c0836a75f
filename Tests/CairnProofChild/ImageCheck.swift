import CairnCore
import CairnJournal
import CairnLMDB
import Foundation

/// What a check of an image found, beside violations.
struct ImageTally {
    var images = 0
    var kills = 0
    var torn = 0
    /// Those that whoever opens them for reading is told of that their last commit is cut short.
    var interrupted = 0
    /// Those of which opening for writing has taken the last commit back.
    var takenBack = 0
    var refused = 0
    var salvaged = 0
    var absent = 0
    var continued = 0
    var nested = 0
    var mutants = 0
    var caught = 0

    func say(_ kind: String) {
        for (name, count) in [
            ("images", images), ("kills", kills), ("torn", torn), ("interrupted", interrupted),
            ("taken-back", takenBack), ("refused", refused), ("salvaged", salvaged),
            ("absent", absent), ("continued", continued), ("nested", nested),
            ("mutants", mutants), ("caught", caught),
        ] where count > 0 {
            Output.count("\(kind)-\(name)", count)
        }
    }
}

/// Opens images as whoever starts the machine again does, and compares them with the history.
struct ImageCheck {
    /// Where an image is laid out: a folder of its own, used again and again.
    let folder: String
    /// What the lock file was when the machine stopped; nobody flushes it.
    let lockFile: [UInt8]

    static let falseAlarm = "verify names damage where nothing is wrong"

    var path: String { folder + "/journal" }

    /// Puts an image where it can be opened.
    func lay(_ image: CrashImage, number: Int) throws {
        try? FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createDirectory(
            atPath: image.presence == .absent ? folder : path,
            withIntermediateDirectories: true
        )
        guard image.presence == .present else { return }
        try Data(image.bytes).write(to: URL(fileURLWithPath: path + "/data.mdb"))
        let lock: [UInt8]? =
            switch number % 5 {
            case 0: nil
            case 1: lockFile
            case 2: Array(repeating: 0, count: lockFile.count)
            case 3: Array(lockFile.prefix(100))
            default: lockFile.indices.map { UInt8(truncatingIfNeeded: $0 &* 197 &+ number) }
            }
        if let lock { try Data(lock).write(to: URL(fileURLWithPath: path + "/lock.mdb")) }
    }

    /// Checks an image that has been laid out.
    ///
    /// - Returns: What is wrong; nil where all is as it must be.
    func violation(
        _ image: CrashImage,
        number: Int,
        _ history: History,
        _ tally: inout ImageTally
    ) async throws -> String? {
        tally.images += 1
        if image.presence != .present { return await absentViolation(image, &tally) }
        if image.isTorn { tally.torn += 1 }
        if image.ending == .kill { tally.kills += 1 }
        let isIntact = (try? JournalInspector.verify(path: path).isIntact) ?? false
        var isInterrupted = false
        if number % 2 == 0 {
            do throws(JournalError) {
                let journal = try LMDBJournal(path: path, configuration: .readOnly)
                defer { journal.close() }
                if let wrong = await contentViolation(journal, image, number, history) {
                    return "opened for reading: " + wrong
                }
            } catch .interrupted {
                isInterrupted = true
                tally.interrupted += 1
                guard image.ending == .crash || MetaSlots.isUnsealed(image.bytes) else {
                    return "nobody stopped the machine, and reading is told that it is cut short"
                }
            } catch {
                guard image.isTorn else { return "opening for reading refuses it: \(error)" }
            }
            if isInterrupted || number % 16 == 0 {
                let wrong = try await salvageViolation(image, number, history, &tally)
                if let wrong { return wrong }
            }
        }
        let journal: LMDBJournal
        do throws(JournalError) {
            journal = try LMDBJournal(path: path, configuration: Workload.configuration())
        } catch {
            tally.refused += 1
            guard image.isTorn else { return "opening refuses it: \(error)" }
            if isIntact { return "verify says it is fine, and opening refuses it: \(error)" }
            if isInterrupted { return "reading is told that it is cut short, writing: \(error)" }
            return try await salvageViolation(image, number, history, &tally)
        }
        defer { journal.close() }
        let isTakenBack = try isTakenBack(image)
        if isTakenBack { tally.takenBack += 1 }
        if isInterrupted, image.ending == .crash, !isTakenBack {
            return "what is cut short is not taken back"
        }
        if isTakenBack, image.ending == .kill, !MetaSlots.isUnsealed(image.bytes) {
            return "what a kill left sealed is taken back"
        }
        if let wrong = await contentViolation(journal, image, number, history) {
            return isIntact ? "verify says it is fine: " + wrong : wrong
        }
        if !isIntact, !image.isTorn { return Self.falseAlarm }
        guard image.isTorn || isTakenBack && number % 4 < 2 || number % 8 == 0 else { return nil }
        return try await continuedViolation(journal, &tally)
    }

    /// Whether the newest meta page has become an older one.
    private func isTakenBack(_ image: CrashImage) throws -> Bool {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path + "/data.mdb"))
        defer { try? file.close() }
        let bytes = Array(try file.read(upToCount: 2 * MetaSlots.pageByteCount) ?? Data())
        let slot = MetaSlots.newestSlot(image.bytes)
        return MetaSlots.transaction(bytes, slot: slot)
            < MetaSlots.transaction(image.bytes, slot: slot)
    }

    private func contentViolation(
        _ journal: LMDBJournal,
        _ image: CrashImage,
        _ number: Int,
        _ history: History
    ) async -> String? {
        do {
            return try await history.difference(
                journal,
                from: image.acknowledged,
                to: image.submitted,
                sample: number
            )
        } catch {
            return "reading fails: \(error)"
        }
    }

    private func absentViolation(_ image: CrashImage, _ tally: inout ImageTally) async -> String? {
        tally.absent += 1
        if image.acknowledged > 0 { return "the journal is gone" }
        do {
            let journal = try LMDBJournal(path: path, configuration: Workload.configuration())
            defer { journal.close() }
            return try journal.head().lastPosition == .zero ? nil : "a new journal has events"
        } catch {
            return "no journal can be made: \(error)"
        }
    }

    private func salvageViolation(
        _ image: CrashImage,
        _ number: Int,
        _ history: History,
        _ tally: inout ImageTally
    ) async throws -> String? {
        do {
            let rescued = folder + "/rescued"
            try? FileManager.default.removeItem(atPath: rescued)
            _ = try LMDBJournal.salvage(from: path, to: rescued)
            let journal = try LMDBJournal(path: rescued, configuration: Workload.configuration())
            defer { journal.close() }
            let wrong = try await history.difference(
                journal,
                from: image.acknowledged,
                to: image.submitted,
                sample: number
            )
            tally.salvaged += 1
            return wrong.map { "what salvage saved: " + $0 }
        } catch {
            return "salvage saves nothing: \(error)"
        }
    }

    /// Goes on with the journal, ends it, and looks at all of it once more.
    private func continuedViolation(
        _ journal: LMDBJournal,
        _ tally: inout ImageTally
    ) async throws -> String? {
        tally.continued += 1
        do {
            let last = try journal.head().lastPosition.rawValue
            let stream = try StreamID("proof/after")
            var appended: [Position] = []
            for number in 0..<3 {
                let event = try NewEvent(
                    type: "noted",
                    id: EventID("after/\(number)"),
                    occurredAt: .unixEpoch,
                    payload: [UInt8](repeating: UInt8(number), count: number * 2_000)
                )
                appended.append(try await journal.append(event, to: stream).position)
            }
            journal.close()
            let again = try LMDBJournal(path: path, configuration: .readOnly)
            defer { again.close() }
            guard try again.head().lastPosition == appended.last,
                appended.first?.rawValue == last + 1
            else { return "what was appended after it is not there" }
            for (number, position) in appended.enumerated() {
                guard try again.receipt(of: EventID("after/\(number)"))?.position == position
                else { return "id \(number) of what was appended after it is not known" }
            }
            let report = try JournalInspector.verify(path: path)
            guard report.isIntact else {
                return "after three more appends: \(report.damages.prefix(2))"
            }
            return nil
        } catch {
            return "it cannot be gone on with: \(error)"
        }
    }
}
