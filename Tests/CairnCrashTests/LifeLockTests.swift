import CairnJournal
import CairnLMDB
import CairnTestSupport
import Foundation
import Testing

/// Signs of life between processes: the kernel keeps them exactly as long as the process is there.
struct LifeLockTests {
    @Test func `a killed process lets go of its lock, and a stopped one holds it`() async throws {
        let scratch = try ScratchFolder()
        let path = scratch.path("journal")
        let journal = try LMDBJournal(path: path)
        defer { journal.close() }
        for number in [1, 2, UInt64(1) << 61] {
            let child = try await CrashChild.holder(of: number, in: path)
            #expect(try journal.isLifeLocked(number))
            #expect(try !journal.isLifeLocked(number + 1))
            try await child.stop()
            #expect(try journal.isLifeLocked(number))
            #expect(throws: JournalError.lockHeld(number: number)) {
                _ = try journal.lockLife(number)
            }
            try await child.kill()
            #expect(try !journal.isLifeLocked(number))
            try journal.lockLife(number).release()
        }
    }

    @Test func `a process that ends lets go of nothing but its own`() async throws {
        let scratch = try ScratchFolder()
        let path = scratch.path("journal")
        let journal = try LMDBJournal(path: path)
        defer { journal.close() }
        let mine = try journal.lockLife(10)
        let first = try await CrashChild.holder(of: 11, in: path)
        let second = try await CrashChild.holder(of: 12, in: path)
        try await first.kill()
        #expect(try journal.isLifeLocked(10))
        #expect(try !journal.isLifeLocked(11))
        #expect(try journal.isLifeLocked(12))
        // Looking opens and closes the file, which lets go of nothing.
        #expect(try journal.isLifeLocked(10))
        try await second.kill()
        mine.release()
        for number in UInt64(10)...12 { #expect(try !journal.isLifeLocked(number)) }
    }

    @Test func `no file can be lost without the journal that would make a holder look dead`()
        async throws
    {
        let scratch = try ScratchFolder()
        let path = scratch.path("journal")
        let journal = try LMDBJournal(path: path)
        defer { journal.close() }
        let child = try await CrashChild.holder(of: 7, in: path)
        for name in try FileManager.default.contentsOfDirectory(atPath: path)
        where name != "data.mdb" && name != "lock.mdb" {
            try FileManager.default.removeItem(atPath: "\(path)/\(name)")
        }
        #expect(try journal.isLifeLocked(7))
        #expect(throws: JournalError.lockHeld(number: 7)) { _ = try journal.lockLife(7) }
        #expect(try LMDBJournal.isLifeLocked(7, inJournalAt: path))
        try await child.kill()
        #expect(try !journal.isLifeLocked(7))
        #expect(try !LMDBJournal.isLifeLocked(7, inJournalAt: path))
    }

    @Test func `locks leave the data file as it is`() async throws {
        let scratch = try ScratchFolder()
        let journal = try LMDBJournal(path: scratch.path("journal"))
        defer { journal.close() }
        let before = try scratch.data("journal/data.mdb")
        let lock = try journal.lockLife((1 << 62) - 1)
        #expect(try scratch.data("journal/data.mdb") == before)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: scratch.path("journal")).sorted()
                == ["data.mdb", "lock.mdb"]
        )
        lock.release()
    }

    @Test func `a data file that was exchanged is known, and hides no holder`() async throws {
        let scratch = try ScratchFolder()
        let path = scratch.path("journal")
        let journal = try LMDBJournal(path: path)
        defer { journal.close() }
        let lock = try journal.lockLife(7)
        let files = FileManager.default
        try files.moveItem(atPath: path + "/data.mdb", toPath: path + "/old.mdb")
        #expect(throws: JournalError.notFound(path: path)) {
            _ = try LMDBJournal.isLifeLocked(7, inJournalAt: path)
        }
        try files.copyItem(atPath: path + "/old.mdb", toPath: path + "/data.mdb")
        #expect(try journal.isLifeLocked(7))
        #expect(
            throws: JournalError.damaged(
                path: path + "/data.mdb",
                reason: "another file lies there than the one that is open"
            )
        ) {
            _ = try journal.lockLife(8)
        }
        lock.release()
        #expect(try !journal.isLifeLocked(7))
    }

    @Test func `a lock is let go of though a forked child still has its file`() throws {
        let scratch = try ScratchFolder()
        let path = scratch.path("journal")
        let journal = try LMDBJournal(path: path)
        defer { journal.close() }
        let lock = try journal.lockLife(7)
        // What a child has until it becomes another program: the open file, not a new one.
        let inherited = try openFiles(named: path + "/data.mdb").map { dup($0) }
        defer { for file in inherited { close(file) } }
        #expect(inherited.count >= 2)
        #expect(try journal.isLifeLocked(7))
        lock.release()
        #expect(try !journal.isLifeLocked(7))
        try journal.lockLife(7).release()
    }

    private func openFiles(named path: String) throws -> [Int32] {
        let files = FileManager.default
        return try files.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { name in
            // Those of other tests come and go meanwhile.
            let target = try? files.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)")
            return target.flatMap { $0 == path ? Int32(name) : nil }
        }
    }
}
