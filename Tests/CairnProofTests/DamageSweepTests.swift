import CairnTestSupport
import Foundation
import Testing

/// A real journal's file with one thing wrong in it, asked everything.
struct DamageSweepTests {
    static let damageCount = 21_000

    @Test(.timeLimit(.minutes(60)))
    func `no damage changes an answer unnoticed`() async throws {
        let folder = try ProofFolder()
        defer { withExtendedLifetime(folder) {} }
        let base = ChildCommand(
            try Bundle.builtExecutable("CairnProofChild").path,
            [folder.path, "base"]
        )
        #expect(try await base.run() == .exit(0))
        let journal = folder.path + "/journal"
        let share = Self.damageCount * ProofChild.scale / 2
        let report = try await ProofChild.run(parts: 2) { folder, part, first in
            let start = max(first, part * share)
            return [folder, "damage", journal, "\(start)", "\((part + 1) * share)"]
        }
        #expect(report.violations.isEmpty, "\(report.violations.prefix(5))")
        // LMDB itself traps on some pages that are reached only by reading; no such page is one
        // that `verify`, which never dies, has nothing against.
        let traps = report.deaths.filter(\.isNamedTrap)
        let others = report.deaths.filter { !$0.isNamedTrap }
        #expect(others.isEmpty, "\(others.prefix(5))")
        #expect(traps.count * 100 < 2 * share, "\(traps.prefix(5))")
        #expect(report["damages"] + report.deaths.count == 2 * share)
        #expect(report["typed-errors"] > share / 4)
        print("damages: \(report.counts.sorted { $0.key < $1.key }), traps: \(traps.count)")
    }
}

extension ProofReport.Death {
    /// Whether LMDB ended the process on what `verify` had named before.
    fileprivate var isNamedTrap: Bool {
        switch end {
        case .signal(SIGABRT), .signal(SIGSEGV), .signal(SIGBUS):
            description.contains(" at noticed ")
        case .signal, .exit: false
        }
    }
}
