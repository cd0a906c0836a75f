import CairnLMDB
import CairnTestSupport
import Foundation
import Testing

/// Storage that ends: appends are refused, and what was acknowledged stays.
struct FullDiskTests {
    @Test func `a file that may not grow refuses appends and loses nothing`() async throws {
        let scratch = try ScratchFolder()
        try await fill(scratch, fileBlockCountMax: 4_096)
    }

    @Test(.enabled(if: getuid() == 0, "only root can mount a small disk"))
    func `a full disk refuses appends and loses nothing`() async throws {
        let scratch = try ScratchFolder()
        var mount = ChildCommand(
            "/usr/bin/env",
            ["mount", "-t", "tmpfs", "-o", "size=3m", "cairn-test", scratch.path]
        )
        mount.error = .nothing
        guard try await mount.run() == .exit(0) else {
            print("skipped: no disk can be mounted here")
            return
        }
        defer { umount2(scratch.path, 0) }
        try await fill(scratch, fileBlockCountMax: nil)
    }

    /// Appends until nothing more is taken; then compares the journal with what was said.
    private func fill(_ scratch: ScratchFolder, fileBlockCountMax: Int?) async throws {
        let path = scratch.path("journal")
        let child = try await CrashChild(
            journal: path,
            firstWriter: 0,
            writerCount: 4,
            fileBlockCountMax: fileBlockCountMax
        )
        try await child.end()
        var said = Said()
        try said.take(child.allLines())
        #expect(said.acknowledgedCount > 100)
        #expect(said.errors.count == 4, "every writer ends by an error")
        #expect(said.errors.allSatisfy { $0.contains("no space left") }, "\(said.errors)")
        try await JournalAudit.verify(path, said, "full disk")
        let report = try LMDBJournal.verify(path: path)
        #expect(report.isIntact, "\(report.damages)")
    }
}
