import CairnCore
import CairnJournal
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
        guard try await mount(scratch) else { return }
        defer { umount2(scratch.path, 0) }
        try await fill(scratch, fileBlockCountMax: nil)
    }

    /// LMDB maps that file, and touching a page without a place on the disk ends a process.
    @Test(.enabled(if: getuid() == 0, "only root can mount a small disk"))
    func `where the lock file has no room, opening fails and says why`() async throws {
        let scratch = try ScratchFolder()
        guard try await mount(scratch) else { return }
        defer { umount2(scratch.path, 0) }
        let path = scratch.path("journal")
        let journal = try LMDBJournal(path: path)
        let event = try NewEvent(type: "noted", occurredAt: .unixEpoch, payload: [])
        try await journal.append(event, to: try StreamID("a/1"))
        journal.close()
        try scratch.remove("journal/lock.mdb")
        // To the last page.
        let descriptor = open(scratch.path("rest"), O_WRONLY | O_CREAT, 0o600)
        let page = [UInt8](repeating: 1, count: 4_096)
        while page.withUnsafeBytes({ write(descriptor, $0.baseAddress, $0.count) }) > 0 {}
        close(descriptor)
        let noRoom = JournalError.outOfSpace(path: path + "/lock.mdb")
        #expect(throws: noRoom) { _ = try LMDBJournal(path: path) }
        // A reader needs one page, which may have been left.
        do throws(JournalError) {
            let reader = try LMDBJournal(path: path, configuration: .readOnly)
            #expect(try reader.head().lastPosition.rawValue == 1)
            reader.close()
        } catch {
            #expect(error == noRoom)
        }
        try scratch.remove("rest")
        let again = try LMDBJournal(path: path)
        #expect(try again.head().lastPosition.rawValue == 1)
        again.close()
    }

    private func mount(_ scratch: ScratchFolder) async throws -> Bool {
        var mount = ChildCommand(
            "/usr/bin/env",
            ["mount", "-t", "tmpfs", "-o", "size=3m", "cairn-test", scratch.path]
        )
        mount.error = .nothing
        guard try await mount.run() == .exit(0) else {
            print("skipped: no disk can be mounted here")
            return false
        }
        return true
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
