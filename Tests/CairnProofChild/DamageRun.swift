import CairnCore
import CairnJournal
import CairnLMDB
import CairnTesting
import Foundation

/// Damages a real journal's file in many ways, and asks it everything after each.
struct DamageRun {
    /// One way to damage a file.
    enum Damage: CustomStringConvertible {
        case flip(offset: Int, bit: Int)
        case swap(Int, Int)
        case copy(from: Int, to: Int)
        case zeroPage(Int)
        case zeroSector(Int)
        case cut(byteCount: Int)

        var description: String {
            switch self {
            case .flip(let offset, let bit):
                "bit \(bit) of byte \(offset % 4_096) of page \(offset / 4_096)"
            case .swap(let one, let other): "pages \(one) and \(other) swapped"
            case .copy(let from, let to): "page \(from) in the place of \(to)"
            case .zeroPage(let page): "page \(page) of zeros"
            case .zeroSector(let sector): "sector \(sector % 8) of page \(sector / 8) of zeros"
            case .cut(let byteCount): "cut at page \(byteCount / 4_096) and \(byteCount % 4_096)"
            }
        }
    }

    let scratch: String
    let base: [UInt8]
    /// Pages that are in use; behind them stands nothing.
    private let pageCount: Int

    /// Writes the journal that is damaged.
    static func makeBase(at path: String, turnCount: Int) async throws {
        let journal = try LMDBJournal(path: path, configuration: Workload.configuration())
        _ = try await Workload(seed: 77, turnCount: turnCount).run(journal)
        journal.close()
    }

    init(base path: String, scratch: String) throws {
        base = Array(try Data(contentsOf: URL(fileURLWithPath: path + "/data.mdb")))
        self.scratch = scratch
        let report = try JournalInspector.verify(path: path)
        guard report.isIntact else { throw ProofFailure("the journal is damaged already") }
        pageCount = Int(report.usedPageCount + report.freePageCount + report.leakedPageCount) + 2
    }

    private func damage(_ number: Int) -> Damage {
        var numbers = SeededGenerator(seed: UInt64(number) &+ 5)
        let page = numbers.below(pageCount)
        let other = numbers.below(pageCount)
        switch number % 20 {
        case 0: return .swap(page, other)
        case 1: return .copy(from: page, to: other)
        case 2 where number % 3 == 0: return .zeroPage(page)
        case 2: return .zeroSector(numbers.below(pageCount * 8))
        case 3 where number % 4 == 0:
            let rest = numbers.below(2) == 0 ? 0 : numbers.below(4_096)
            return .cut(byteCount: page * 4_096 + rest)
        case 4:
            // The meta pages, which everything else hangs on.
            let offset = numbers.below(2) * 4_096 + numbers.below(152)
            return .flip(offset: offset, bit: numbers.below(8))
        case 5:
            // Page headers, and the places of nodes.
            return .flip(offset: page * 4_096 + numbers.below(64), bit: numbers.below(8))
        default:
            return .flip(offset: numbers.below(pageCount * 4_096), bit: numbers.below(8))
        }
    }

    private func damaged(_ damage: Damage) -> [UInt8] {
        var bytes = base
        let size = 4_096
        switch damage {
        case .flip(let offset, let bit): bytes[offset] ^= 1 << UInt8(bit)
        case .swap(let one, let other):
            Tape.copy(base, one * size..<(one + 1) * size, to: other * size, of: &bytes)
            Tape.copy(base, other * size..<(other + 1) * size, to: one * size, of: &bytes)
        case .copy(let from, let to):
            Tape.copy(base, from * size..<(from + 1) * size, to: to * size, of: &bytes)
        case .zeroPage(let page):
            Tape.copy([UInt8](repeating: 0, count: size), 0..<size, to: page * size, of: &bytes)
        case .zeroSector(let sector):
            Tape.copy([UInt8](repeating: 0, count: 512), 0..<512, to: sector * 512, of: &bytes)
        case .cut(let byteCount): bytes.removeSubrange(byteCount...)
        }
        return bytes
    }

    /// Damages the file in the ways of a range of numbers.
    func run(_ range: Range<Int>, _ watchdog: Watchdog) async throws {
        let path = scratch + "/damaged"
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true
        )
        let file = path + "/data.mdb"
        try Data(base).write(to: URL(fileURLWithPath: file))
        let history: History
        do {
            let journal = try LMDBJournal(path: path, configuration: .readOnly)
            defer { journal.close() }
            history = try await History(journal, ends: [])
        }
        for number in range {
            watchdog.tick()
            let damage = damage(number)
            Output.begin(number, "unnoticed \(damage)")
            try Data(damaged(damage)).write(to: URL(fileURLWithPath: file))
            let isIntact = (try? JournalInspector.verify(path: path).isIntact) ?? false
            if !isIntact { Output.begin(number, "noticed \(damage)") }
            let answer = await answer(path, history)
            // Said at once: the next one may end the process.
            switch (answer, isIntact) {
            case (.same, true): Output.count("without-effect", 1)
            case (.same, false): Output.count("named-by-verify-alone", 1)
            case (.error, _): Output.count("typed-errors", 1)
            case (.other, false): Output.count("other-answers-named-by-verify", 1)
            case (.other(let answer), true): Output.violation(number, "\(damage): \(answer)")
            }
            Output.count("damages", 1)
        }
    }

    private enum Answer {
        case same
        case error
        case other(String)
    }

    /// Asks the journal everything that the pristine one was asked.
    private func answer(_ path: String, _ history: History) async -> Answer {
        do {
            let journal = try LMDBJournal(path: path, configuration: .readOnly)
            defer { journal.close() }
            let last = UInt64(history.frames.count)
            let wrong = try await history.difference(journal, from: last, to: last)
            return wrong.map { .other($0) } ?? .same
        } catch {
            return .error
        }
    }
}
