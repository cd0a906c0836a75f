import CairnTestSupport
import Testing

/// Each file call of a journal's life fails, in every way, one after another.
struct FaultSweepTests {
    @Test(.timeLimit(.minutes(20 * ProofScale.factor)))
    func `no failing call makes a journal say what is not so`() async throws {
        let report = try await ProofChild.run(parts: 2) { folder, part, first in
            [folder, "faults", "\(first)", "\(part)", "2", "\(ProofScale.factor)"]
        }
        #expect(report.violations.isEmpty, "\(report.violations.prefix(5))")
        #expect(report.deaths.isEmpty, "\(report.deaths.prefix(5))")
        #expect(report["fault-runs"] > 1_000 * ProofScale.factor)
        #expect(report["fault-hits"] * 10 > report["fault-runs"] * 9)
        print("failing calls: \(report.counts.sorted { $0.key < $1.key })")
    }
}
