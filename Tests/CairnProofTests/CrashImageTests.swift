import CairnTestSupport
import Testing

/// Every state of the disk that a stopped machine may leave, opened as the next start opens it.
///
/// `Specs/Crash.md` says what the states are made of and how to look at more of them.
struct CrashImageTests {
    /// Images of one recorded life; more lives are recorded for more images.
    static let imageCount = 1_500

    @Test(.timeLimit(.minutes(60 * ProofScale.factor)))
    func `no image of a crash loses what was acknowledged`() async throws {
        let lifeCount = ProofScale.factor
        let report = try await ProofChild.run(parts: 2) { folder, part, first in
            // A number counts over all lives of a part, so that a start behind a death is the same.
            [folder, "images", "\(part)", "\(first)", "\(lifeCount)", "\(Self.imageCount)"]
        }
        expectNoLoss(report)
        // Fewer would prove less than they say.
        #expect(report["image-images"] >= 5_000 * lifeCount)
        #expect(report["image-torn"] > 500 * lifeCount)
        #expect(report["image-salvaged"] > 200 * lifeCount)
        #expect(report["image-nested"] > 500 * lifeCount)
        #expect(report["image-absent"] > 0)
        #expect(report["image-kills"] > 300 * lifeCount)
        #expect(report["image-interrupted"] > 500 * lifeCount)
        #expect(report["image-taken-back"] > 1_000 * lifeCount)
        // One for each commit, and there are more commits than turns.
        #expect(report["image-flushes"] > 2 * 36 * lifeCount)
        print("crash images: \(report.counts.sorted { $0.key < $1.key })")
    }

    @Test(.timeLimit(.minutes(30 * ProofScale.factor)))
    func `no image of a crash after a failed write or flush loses what was acknowledged`()
        async throws
    {
        let report = try await ProofChild.run(parts: 2) { folder, part, first in
            [folder, "failed", "\(first)", "\(part)", "2", "\(ProofScale.factor)"]
        }
        expectNoLoss(report)
        #expect(report["failed-calls"] > 20 * ProofScale.factor)
        #expect(report["failed-images"] > 1_000 * ProofScale.factor)
        print("images after failures: \(report.counts.sorted { $0.key < $1.key })")
    }

    @Test(.timeLimit(.minutes(30 * ProofScale.factor)))
    func `no image of a crash after a writer was killed loses what another said of it`()
        async throws
    {
        let report = try await ProofChild.run(parts: 2) { folder, part, first in
            [folder, "killed", "\(first)", "\(part)", "2", "\(ProofScale.factor)"]
        }
        expectNoLoss(report)
        #expect(report["shared-killed"] > 80 * ProofScale.factor)
        #expect(report["shared-full"] > 80 * ProofScale.factor)
        #expect(report["shared-images"] > 5_000 * ProofScale.factor)
        #expect(report["shared-taken-back"] > 1_000 * ProofScale.factor)
        print("images after killed writers: \(report.counts.sorted { $0.key < $1.key })")
    }

    private func expectNoLoss(
        _ report: ProofReport,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let (violations, deaths) = (report.violations.prefix(5), report.deaths.prefix(5))
        #expect(violations.isEmpty, "\(violations)", sourceLocation: sourceLocation)
        #expect(deaths.isEmpty, "\(deaths)", sourceLocation: sourceLocation)
    }

    @Test(.timeLimit(.minutes(30)))
    func `images that no crash can leave are reported`() async throws {
        let report = try await ProofChild.run(parts: 1) { folder, _, _ in
            [folder, "mutants", "1"]
        }
        #expect(report.deaths.isEmpty, "\(report.deaths.prefix(5))")
        #expect(report.escaped.isEmpty, "\(report.escaped.prefix(5))")
        let kinds = [
            "lackingPage", "lackingSeal", "lackingArm", "lackingPageHere", "lackingCommit",
            "lackingAfterKill", "stoppedAfterKill", "neverSubmitted", "altered",
        ]
        for kind in kinds {
            #expect(report["mutant-\(kind)"] > 20, "\(kind)")
            #expect(report["caught-\(kind)"] == report["mutant-\(kind)"], "\(kind)")
        }
        print("mutants of images: \(report.counts.sorted { $0.key < $1.key })")
    }
}
