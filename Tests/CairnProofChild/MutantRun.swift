import CairnCore
import CairnLMDB
import CairnTesting
import Foundation

/// Shows that the check of images can fail: states that no crash can leave have to be reported.
extension ImageRun {
    private enum Mutation: String, CaseIterable {
        /// An append was answered, and one page of its commit is as it was before.
        case lackingPage
        /// An append was answered, and its commit has no seal.
        case lackingSeal
        /// A page is as it was before, and nothing says that a seal is needed.
        case lackingArm
        /// A page is as it was before, and the system is still running that wrote it.
        case lackingPageHere
        /// An append was answered, and its meta page is not there.
        case lackingCommit
        /// A process was killed, and what it had committed is not there.
        case lackingAfterKill
        /// A process was killed before it sealed, and the machine has started anew.
        case stoppedAfterKill
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
                guard let mutant = mutant(mutation, index, recording.tape, &numbers)
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
        _ numbers: inout SeededGenerator
    ) -> CrashImage? {
        guard index > 0, index + 1 < tape.epochs.count,
            let meta = tape.epochs[index].metaWrites.last,
            tape.epochs[index].presences == [.present]
        else { return nil }
        let epoch = tape.epochs[index]
        let (before, after) = (epoch.durable, tape.epochs[index + 1].durable)
        guard let low = MetaSlots.lastPosition(before), let high = MetaSlots.lastPosition(after)
        else { return nil }
        func image(
            _ bytes: [UInt8],
            _ position: UInt64,
            _ ending: Ending = .crash,
            isStartedAnew: Bool = true
        ) -> CrashImage {
            var bytes = bytes
            if isStartedAnew { MetaSlots.startAnew(&bytes) }
            return CrashImage(
                description: "\(mutation), epoch \(index), \(low) to \(high)",
                bytes: bytes,
                presence: .present,
                ending: ending,
                isTorn: false,
                acknowledged: position,
                submitted: position
            )
        }
        // A slice of an index flush that is taken back is missed by nobody.
        let isAppend = low < high
        var bytes = after
        switch mutation {
        case .lackingPage:
            guard isAppend, let bytes = withoutPage(epoch, after, &numbers) else { return nil }
            return image(bytes, high)
        case .lackingSeal:
            guard isAppend else { return nil }
            bytes[after.offset(of: .seal)] ^= 1
            return image(bytes, high)
        case .lackingArm:
            guard var bytes = withoutPage(epoch, after, &numbers) else { return nil }
            bytes[bytes.offset(of: .arm) + 32] ^= 1
            return image(bytes, high)
        case .lackingPageHere:
            guard isAppend, let bytes = withoutPage(epoch, after, &numbers) else { return nil }
            return image(bytes, high, isStartedAnew: false)
        case .lackingCommit: return isAppend ? image(before, high) : nil
        case .lackingAfterKill:
            return isAppend ? image(before, high, .kill, isStartedAnew: false) : nil
        case .stoppedAfterKill:
            let bytes = ImageMaker(epoch, index: index).cached(after: meta + 1)
            return isAppend ? image(bytes, high, .kill) : nil
        case .neverSubmitted: return isAppend ? image(after, low) : nil
        case .altered: return low > 0 ? image(before, low) : nil
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
        let pages = epoch.writes.filter { $0.offset >= 2 * size }.flatMap { write in
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

extension [UInt8] {
    /// Where a part of the newest meta page's page is in a file.
    fileprivate func offset(of part: MetaSlots.Part) -> Int {
        MetaSlots.newestSlot(self) * MetaSlots.pageByteCount + part.range.lowerBound
    }
}
