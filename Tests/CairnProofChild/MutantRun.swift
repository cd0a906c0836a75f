import CairnCore
import CairnLMDB
import CairnTesting
import Foundation

/// Shows that the check of images can fail: states that no crash can leave have to be reported.
extension ImageRun {
    private enum Mutation: String, CaseIterable {
        /// A page that was flushed is as it was before.
        case lackingPage
        /// An append was answered, and its meta page is not there.
        case lackingCommit
        /// More is there than was submitted.
        case neverSubmitted
        /// An event is not the one that was appended.
        case altered
    }

    /// Checks each kind of mutant, and says how many there were and how many were caught.
    func runMutants() async throws {
        let recording = try await record()
        let check = ImageCheck(folder: scratch + "/image", lockFile: recording.lockFile)
        var numbers = SeededGenerator(seed: seed)
        for mutation in Mutation.allCases {
            var tally = ImageTally()
            for index in recording.tape.epochs.indices {
                guard let mutant = try mutant(mutation, index, recording.tape, check, &numbers)
                else { continue }
                watchdog.tick()
                Output.begin(index, mutant.description)
                try check.lay(mutant, number: index)
                var history = recording.history
                if mutation == .altered {
                    history = history.altered(at: Int(mutant.acknowledged) - 1)
                }
                let violation = try await check.violation(mutant, number: index, history, &tally)
                tally.mutants += 1
                if violation == nil {
                    Output.say("M \(mutant.description)")
                } else {
                    tally.caught += 1
                }
            }
            Output.count("mutant-\(mutation.rawValue)", tally.mutants)
            Output.count("caught-\(mutation.rawValue)", tally.caught)
        }
    }

    /// A mutant of the commit that an epoch ends; nil where it ends none that this can be made of.
    private func mutant(
        _ mutation: Mutation,
        _ index: Int,
        _ tape: Tape,
        _ check: ImageCheck,
        _ numbers: inout SeededGenerator
    ) throws -> CrashImage? {
        guard index > 0, index + 1 < tape.epochs.count, tape.epochs[index].isMeta,
            tape.epochs[index].presences == [.present]
        else { return nil }
        let (before, after) = (tape.epochs[index].durable, tape.epochs[index + 1].durable)
        let (low, high) = (try check.lastPosition(before), try check.lastPosition(after))
        func image(_ bytes: [UInt8], _ low: UInt64, _ high: UInt64) -> CrashImage {
            CrashImage(
                description: "\(mutation), epoch \(index), \(low) to \(high)",
                bytes: bytes,
                presence: .present,
                isTorn: false,
                acknowledged: low,
                submitted: high
            )
        }
        switch mutation {
        case .lackingPage:
            guard let bytes = withoutPage(tape.epochs[index - 1], after, &numbers) else {
                return nil
            }
            return image(bytes, high, high)
        case .lackingCommit: return low < high ? image(before, high, high) : nil
        case .neverSubmitted: return low < high ? image(after, low, low) : nil
        case .altered: return low > 0 ? image(before, low, low) : nil
        }
    }

    /// A file in which one page of an epoch is as it was before it.
    private func withoutPage(
        _ epoch: Epoch,
        _ after: [UInt8],
        _ numbers: inout SeededGenerator
    ) -> [UInt8]? {
        let size = ImageMaker.pageByteCount
        var whole = epoch.durable
        if whole.count < after.count {
            whole.append(contentsOf: repeatElement(0, count: after.count - whole.count))
        }
        let pages = epoch.writes.flatMap { write in
            stride(from: write.offset, to: write.offset + write.bytes.count, by: size)
        }
        let changed = pages.filter { page in
            used(after, page).contains { after[page + $0] != whole[page + $0] }
        }
        guard !changed.isEmpty else { return nil }
        var bytes = after
        let page = changed[numbers.below(changed.count)]
        Tape.copy(whole, page..<page + size, to: page, of: &bytes)
        return bytes
    }
    /// The bytes of a page that mean something: of a tree's page not those between its nodes.
    private func used(_ bytes: [UInt8], _ page: Int) -> [Int] {
        func word(_ offset: Int) -> Int {
            Int(bytes[page + offset]) + Int(bytes[page + offset + 1]) << 8
        }
        let isTree = word(10) == 1 || word(10) == 2
        let (lower, upper) = isTree ? (word(12), word(14)) : (0, 0)
        return Array(0..<lower) + Array(upper..<ImageMaker.pageByteCount)
    }
}

extension ImageCheck {
    /// Where the journal in a file ends.
    func lastPosition(_ bytes: [UInt8]) throws -> UInt64 {
        let image = CrashImage(
            description: "",
            bytes: bytes,
            presence: .present,
            isTorn: false,
            acknowledged: 0,
            submitted: 0
        )
        try lay(image, number: 0)
        return try JournalInspector.preflight(path: path).lastPosition.rawValue
    }
}
