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
            let child = try CrashChild.holder(of: number, in: path)
            #expect(try journal.isLifeLocked(number))
            #expect(try !journal.isLifeLocked(number + 1))
            try child.stop()
            #expect(try journal.isLifeLocked(number))
            #expect(throws: JournalError.lockHeld(number: number)) {
                _ = try journal.lockLife(number)
            }
            await child.kill()
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
        let first = try CrashChild.holder(of: 11, in: path)
        let second = try CrashChild.holder(of: 12, in: path)
        await first.kill()
        #expect(try journal.isLifeLocked(10))
        #expect(try !journal.isLifeLocked(11))
        #expect(try journal.isLifeLocked(12))
        // Looking opens and closes the file, which lets go of nothing.
        #expect(try journal.isLifeLocked(10))
        await second.kill()
        mine.release()
        for number in UInt64(10)...12 { #expect(try !journal.isLifeLocked(number)) }
    }

    @Test func `the file of the locks is empty, and may be deleted when nobody runs`() async throws
    {
        let scratch = try ScratchFolder()
        let path = scratch.path("journal")
        do {
            let journal = try LMDBJournal(path: path)
            defer { journal.close() }
            try journal.lockLife(1 << 61).release()
        }
        #expect(try scratch.data("journal/life.lock").isEmpty)
        try FileManager.default.removeItem(atPath: path + "/life.lock")
        let journal = try LMDBJournal(path: path)
        defer { journal.close() }
        #expect(try !journal.isLifeLocked(1))
        let lock = try journal.lockLife(1)
        #expect(try journal.isLifeLocked(1))
        lock.release()
    }
}
