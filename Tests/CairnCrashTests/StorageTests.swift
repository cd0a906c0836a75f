import CairnCore
import CairnJournal
import CairnLMDB
import CairnTestSupport
import Foundation
import Synchronization
import Testing

/// What the storage under a journal does to it: it grows, it fails, and readers die in it.
struct StorageTests {
    let scratch: ScratchFolder

    init() throws {
        scratch = try ScratchFolder()
    }

    private func configuration(
        mapByteCount: Int = 1 << 20,
        mapByteCountMax: Int = 1 << 40
    ) -> LMDBJournal.Configuration {
        var configuration = LMDBJournal.Configuration()
        configuration.mapByteCount = mapByteCount
        configuration.mapByteCountMax = mapByteCountMax
        configuration.indexSegmentEventCountMax = 3_000
        return configuration
    }

    /// An append of events with ids that no two share a part of, each to a stream of its own.
    private func appends(_ numbers: Range<Int>) throws -> [StreamAppend] {
        try numbers.map { number in
            let name = String(UInt64(number) &* 0x9E37_79B9_7F4A_7C15, radix: 36)
            let event = try NewEvent(
                type: "t",
                id: EventID(name),
                occurredAt: .now(),
                payload: [UInt8](repeating: 7, count: 100)
            )
            return StreamAppend([event], to: try StreamID("s/\(name)"))
        }
    }

    private func expectKnown(_ numbers: Range<Int>, _ journal: LMDBJournal) async throws {
        for batch in stride(from: 0, to: numbers.count, by: 1_000) {
            let some = try appends(batch..<min(batch + 1_000, numbers.upperBound))
            let receipts = try await journal.append(some)
            #expect(receipts.allSatisfy { $0[0].isDuplicate }, "from \(batch) on")
        }
    }

    @Test func `a map that grows loses no index entry`() async throws {
        let journal = try LMDBJournal(path: scratch.path("j"), configuration: configuration())
        defer { journal.close() }
        for start in stride(from: 0, to: 30_000, by: 500) {
            try await journal.append(try appends(start..<start + 500))
            if start % 7_000 == 0 { try await journal.flushIndex() }
        }
        try await journal.flushIndex()
        let information = try journal.information()
        #expect(information.mapByteCount > 4 << 20)
        #expect(information.indexedPosition.rawValue == 30_000)
        try await expectKnown(0..<30_000, journal)
        let report = try LMDBJournal.verify(path: journal.path)
        #expect(report.isIntact, "\(report.damages)")
        let copy = scratch.path("copy")
        #expect(try journal.backup(to: copy).lastPosition.rawValue == 30_000)
        let copied = try LMDBJournal.verify(path: copy)
        #expect(copied.isIntact, "\(copied.damages)")
    }

    @Test(.timeLimit(.minutes(30)))
    func `flushes that are asked for meanwhile are answered`() async throws {
        let journal = try LMDBJournal(path: scratch.path("j"), configuration: configuration())
        defer { journal.close() }
        for start in stride(from: 0, to: 6_000, by: 200) {
            let some = try appends(start..<start + 200)
            async let flush: Void = journal.flushIndex()
            async let receipts = journal.append(some)
            try await flush
            #expect(try await receipts.count == 200)
        }
        #expect(try journal.information().mapByteCount > 1 << 20)
        try await expectKnown(0..<6_000, journal)
    }

    @Test func `what is verified beside a writer is not its damage`() async throws {
        let journal = try LMDBJournal(path: scratch.path("j"))
        defer { journal.close() }
        try await journal.append(try appends(0..<2_000))
        let writer = Task {
            var number = 2_000
            while !Task.isCancelled {
                try await journal.append(try appends(number..<number + 20))
                number += 20
            }
        }
        for round in 0..<5 {
            let report = try LMDBJournal.verify(path: journal.path)
            #expect(report.isIntact, "round \(round): \(report.damages)")
        }
        writer.cancel()
        try await writer.value
    }

    @Test func `a map at its bound refuses appends and goes on reading`() async throws {
        let path = scratch.path("j")
        let small = configuration(mapByteCountMax: 2 << 20)
        let journal = try LMDBJournal(path: path, configuration: small)
        var count = 0
        await #expect(throws: JournalError.mapFull(byteCount: 2 << 20)) {
            while count < 100_000 {
                try await journal.append(try appends(count..<count + 100))
                count += 100
            }
        }
        #expect(try journal.head().lastPosition.rawValue == UInt64(count))
        journal.close()
        let larger = try LMDBJournal(path: path)
        defer { larger.close() }
        try await expectKnown(0..<count, larger)
        try await larger.append(try appends(count..<count + 100))
    }

    @Test(.timeLimit(.minutes(30)))
    func `readers without pause do not keep the map from growing`() async throws {
        let journal = try LMDBJournal(path: scratch.path("j"), configuration: configuration())
        defer { journal.close() }
        try await journal.append(try appends(0..<500))
        let isOver = Atomic(false)
        let readers = (0..<3).map { _ in
            Thread {
                while !isOver.load(ordering: .relaxed) {
                    _ = try? journal.page(from: .first, .forwards, upTo: nil, limit: .standard) {
                        _,
                        _ in
                        // A read inside a read never waits for what waits for the outer one.
                        _ = try? journal.head()
                        return .proceed
                    }
                }
            }
        }
        for reader in readers { reader.start() }
        defer { isOver.store(true, ordering: .relaxed) }
        for start in stride(from: 500, to: 6_000, by: 500) {
            try await journal.append(try appends(start..<start + 500))
        }
        #expect(try journal.information().mapByteCount > 1 << 20)
    }

    @Test(.timeLimit(.minutes(30)))
    func `a busy writer frees what a dead reader holds`() async throws {
        var configuration = LMDBJournal.Configuration()
        configuration.housekeepingNanoseconds = 100_000_000
        let journal = try LMDBJournal(path: scratch.path("j"), configuration: configuration)
        defer { journal.close() }
        try await journal.append(try appends(0..<10))
        let reader = try await CrashChild.reader(of: journal.path)
        func isListed() throws -> Bool {
            try journal.information().readers.contains { $0.processID == reader.processID }
        }
        #expect(try isListed())
        try await reader.kill()
        var number = 10
        while try isListed() {
            try await journal.append(try appends(number..<number + 1))
            number += 1
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    @Test(.timeLimit(.minutes(30)))
    func `a writer tells how long the view of another process has been behind`() async throws {
        let looks = Mutex<[ReaderFacts]>([])
        var configuration = LMDBJournal.Configuration()
        configuration.housekeepingNanoseconds = 1_000_000
        configuration.onReaders = { facts in looks.withLock { $0.append(facts) } }
        let journal = try LMDBJournal(path: scratch.path("j"), configuration: configuration)
        defer { journal.close() }
        func latest() -> ReaderFacts? { looks.withLock { $0.last } }
        try await journal.append(try appends(0..<10))
        while latest() == nil { try await Task.sleep(for: .milliseconds(1)) }
        #expect(latest() == ReaderFacts(viewCount: 0, oldestNanoseconds: 0))
        let reader = try await CrashChild.reader(of: journal.path)
        // A view of the newest state is in nobody's way; what comes next puts it behind.
        try await journal.append(try appends(10..<11))
        while (latest()?.oldestNanoseconds ?? 0) < 20_000_000 {
            try await Task.sleep(for: .milliseconds(1))
        }
        #expect(latest()?.viewCount == 1)
        let ages = looks.withLock { looks in looks.map(\.oldestNanoseconds) }
        #expect(ages == ages.sorted())
        try await reader.kill()
        while latest()?.viewCount != 0 { try await Task.sleep(for: .milliseconds(1)) }
        #expect(latest()?.oldestNanoseconds == 0)
    }

    @Test(.timeLimit(.minutes(30)))
    func `a turn may hold the last handle of another journal`() async throws {
        let first = try LMDBJournal(path: scratch.path("a"))
        var second: LMDBJournal? = try LMDBJournal(path: scratch.path("b"))
        try await second?.append(try appends(0..<10))
        let turn = Task { [held = second] in
            try await first.turn { _ throws(JournalError) in
                usleep(50_000)
                return try held?.head().lastPosition.rawValue
            }
        }
        second = nil
        try await Task.sleep(for: .milliseconds(10))
        first.close()
        _ = await turn.result
        // Whenever the other one is closed, it can be opened again.
        let again = try LMDBJournal(path: scratch.path("b"))
        try await expectKnown(0..<10, again)
        again.close()
    }

    /// Makes a library that fails the hundredth flush of a process, and counts those after it.
    private func failingFlush() async throws -> (library: String, count: String)? {
        let source = """
            #define _GNU_SOURCE
            #include <dlfcn.h>
            #include <errno.h>
            #include <stdlib.h>
            #include <fcntl.h>
            #include <unistd.h>
            static int calls;
            int fdatasync(int file) {
                int call = __sync_add_and_fetch(&calls, 1);
                if (call == 100) { errno = EIO; return -1; }
                if (call > 100) {
                    int count = open(getenv("CAIRN_TEST_COUNT"), O_WRONLY | O_APPEND);
                    if (write(count, "x", 1) != 1) abort();
                    close(count);
                }
                return ((int (*)(int)) dlsym(RTLD_NEXT, "fdatasync"))(file);
            }
            """
        let library = scratch.path("flush.so")
        let compile = ChildCommand(
            "/usr/bin/env",
            [
                "clang", "-shared", "-fPIC", "-o", library, try scratch.file("flush.c", source),
                "-ldl",
            ]
        )
        guard try await compile.run() == .exit(0) else { return nil }
        return (library, try scratch.file("count", ""))
    }

    @Test func `after a failed flush nothing more is written`() async throws {
        let (library, count) = try #require(try await failingFlush(), "clang builds no library")
        let path = scratch.path("j")
        let child = try await CrashChild(
            journal: path,
            firstWriter: 0,
            writerCount: 8,
            environment: ["LD_PRELOAD": library, "CAIRN_TEST_COUNT": count]
        )
        try await child.end()
        var said = Said()
        try said.take(child.allLines())
        #expect(said.acknowledgedCount > 50)
        #expect(said.errors.count == 8, "every writer ends by an error: \(said.errors)")
        // Others may have seen a commit whose flush fails; an index flush is nobody's append.
        let isTyped = said.errors.allSatisfy {
            $0.contains("the commit failed midway") || $0.contains("an earlier failure")
        }
        #expect(isTyped, "\(said.errors)")
        #expect(try scratch.data("count").isEmpty, "flushes after the one that failed")
        try await JournalAudit.verify(path, said, "failed flush")
        let report = try LMDBJournal.verify(path: path)
        #expect(report.isIntact, "\(report.damages)")
    }

    @Test func `a place with something else in it is left alone`() async throws {
        let folder = scratch.path("taken")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try scratch.file("taken/letter", "dear")
        let error = #expect(throws: JournalError.self) { try LMDBJournal(path: folder) }
        #expect(error?.description.contains("holds something else") == true)
        #expect(try scratch.names() == ["taken"])
        #expect(try scratch.text("taken/letter") == "dear")
    }

    @Test func `a prepared folder keeps its permissions, however it is named`() throws {
        let manager = FileManager.default
        let folder = scratch.path("kept")
        try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try manager.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder)
        try manager.createSymbolicLink(atPath: scratch.path("link"), withDestinationPath: folder)
        try LMDBJournal(path: scratch.path("link/")).close()
        let attributes = try manager.attributesOfItem(atPath: folder)
        #expect(attributes[.posixPermissions] as? Int == 0o700)
        try LMDBJournal(path: scratch.path("new//")).close()
        #expect(try scratch.names().sorted() == ["kept", "link", "new"])
    }
}
