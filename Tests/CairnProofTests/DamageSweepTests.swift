import CairnTestSupport
import Foundation
import Testing

/// A real journal's file with one thing wrong in it, asked everything.
struct DamageSweepTests {
    /// A journal, by its turns, and how often it is damaged.
    ///
    /// In the larger one most pages are neither the first nor the last of their tree, which opening
    /// looks at.
    static let journals = [(turnCount: 16, damageCount: 15_000), (120, 6_000)]

    @Test(.timeLimit(.minutes(60 * ProofScale.factor)), arguments: journals)
    func `no damage changes an answer unnoticed, or ends the process`(
        turnCount: Int,
        damageCount: Int
    ) async throws {
        let folder = try ProofFolder()
        defer { withExtendedLifetime(folder) {} }
        let base = ChildCommand(
            try Bundle.builtExecutable("CairnProofChild").path,
            [folder.path, "base", "\(turnCount)"]
        )
        #expect(try await base.run() == .exit(0))
        let journal = folder.path + "/journal"
        let share = damageCount * ProofScale.factor / 2
        let report = try await ProofChild.run(parts: 2) { folder, part, first in
            let start = max(first, part * share)
            return [folder, "damage", journal, "\(start)", "\((part + 1) * share)"]
        }
        #expect(report.violations.isEmpty, "\(report.violations.prefix(5))")
        #expect(report.deaths.isEmpty, "\(report.deaths.prefix(5))")
        #expect(report["damages"] == 2 * share)
        #expect(report["typed-errors"] > share / 4)
        print("damages: \(report.counts.sorted { $0.key < $1.key })")
    }
}
