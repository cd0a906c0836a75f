import CairnTestSupport
import Foundation
import Testing

/// Reading verbs never write to the data file, and answer on what nobody may write to.
struct ReadingTests {
    static let commands = [
        "timeline R-1", "state R-1", "requests", "stuck", "retries", "stats", "slowest",
        "find", "export", "export --to csv", "export --to sql", "tail", "info", "verify",
        "backup copy", "salvage rescued", "requests --private-copy", "testcase R-3",
        "conformance", "conformance --variants", "conformance --map svg",
    ]

    @Test(arguments: commands)
    func `a reading verb leaves the data file as it is`(_ command: String) async throws {
        let fixture = try await Fixture()
        let before = try fixture.bytes()
        let run = try await fixture.cairn(command)
        #expect(run.status == 0, "\(run.error)")
        #expect(try fixture.bytes() == before)
    }

    @Test func `a private copy leaves nothing behind`() async throws {
        let fixture = try await Fixture()
        let plain = try await fixture.cairn("stats --as-of 10")
        let copied = try await fixture.cairn("stats --as-of 10 --private-copy")
        #expect(copied.output == plain.output)
        let left = try FileManager.default.contentsOfDirectory(atPath: fixture.folder.path)
        #expect(left.sorted() == ["j", "rows.csv"])
    }

    @Test(arguments: [SIGINT, SIGTERM], [false, true])
    func `a private copy is gone when its reader is stopped`(
        _ signal: Int32,
        whileThereIsOne: Bool
    ) async throws {
        let fixture = try await Fixture()
        let known = ["j", "rows.csv"]
        let process = try await CairnProcess.command(
            ["tail", "--private-copy", "--journal", "j"],
            in: fixture.folder.url
        ).start()
        // The copy has a name until it is open; where that was missed, the reader is at its end.
        while whileThereIsOne, process.isRunning, try fixture.folder.names().sorted() == known {
            await Task.yield()
        }
        process.send(signal)
        try await process.end()
        #expect(try fixture.folder.names().sorted() == known)
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func `a signal while a private copy is made ends the command after it`(
        _ signal: Int32
    ) async throws {
        let folder = try ScratchFolder()
        try await WrittenFileTests.importMany(into: folder)
        #expect(try await Self.signalCopying(signal, in: folder) == .signal(signal))
        #expect(try folder.names().sorted() == ["j", "output", "rows.csv"])
        #expect(try folder.text("output") == "")
    }

    @Test func `a signal that is ignored stays so`() async throws {
        let folder = try ScratchFolder()
        try await WrittenFileTests.importMany(into: folder)
        let ignoring = ["/bin/sh", "-c", #"trap "" HUP; exec "$0" "$@""#]
        let end = try await Self.signalCopying(SIGHUP, in: folder, prefix: ignoring)
        #expect(end == .exit(0))
        #expect(try folder.text("output") != "")
    }

    @Test func `a copy that a killed command left is named by the next one`() async throws {
        let folder = try ScratchFolder()
        try await WrittenFileTests.importMany(into: folder)
        #expect(try await Self.signalCopying(SIGKILL, in: folder) == .signal(SIGKILL))
        let left = try #require(folder.names().first { $0.hasPrefix("cairn-copy-") })
        let run = try await folder.cairn("info", "--private-copy", "--journal", "j")
        #expect(run.status == 0)
        #expect(
            run.error == "cairn: \(folder.path(left)) is a copy that a killed command left; it may "
                + "be removed\n"
        )
    }

    /// Starts a command that reads a private copy, and sends it a signal while there is one.
    private static func signalCopying(
        _ signal: Int32,
        in folder: ScratchFolder,
        prefix: [String] = []
    ) async throws -> ChildEnd {
        var command = try CairnProcess.command(
            ["conformance", "--private-copy", "--journal", "j"],
            in: folder.url,
            prefix: prefix
        )
        command.output = .file(folder.path("output"))
        func isThere() throws -> Bool {
            try folder.names().contains { $0.hasPrefix("cairn-copy-") }
        }
        // On a busy machine one may be gone before it is seen.
        for _ in 0..<100 {
            let process = try await command.start()
            while process.isRunning, try !isThere() { await Task.yield() }
            // The copy stays for as long as its maker is stopped.
            process.send(SIGSTOP)
            if process.isRunning, try isThere() {
                process.send(signal)
                process.send(SIGCONT)
                return try await process.end()
            }
            try await process.kill()
        }
        throw NeverSeen()
    }

    private struct NeverSeen: Error {}

    @Test func `a private copy is never followed`() async throws {
        let fixture = try await Fixture()
        let run = try await fixture.cairn("tail --follow --private-copy")
        #expect(run.status == 64)
    }

    @Test(.enabled(if: OtherUser.isPossible, "needs root, to become someone else"))
    func `who may not write the lock file is told what to do`() async throws {
        let fixture = try await Fixture()
        try OtherUser.allowReading(fixture.folder.url)
        let arguments = ["info", "--journal", "j"]
        let refused = try await OtherUser.run(arguments, in: fixture.folder.url)
        #expect(refused.status == 74)
        #expect(refused.error.contains("--private-copy"))
        #expect(refused.error.contains("cairn backup"))
        let backup = ["backup", "copy", "--journal", "j"]
        let refusedBackup = try await OtherUser.run(backup, in: fixture.folder.url)
        #expect(refusedBackup.status == 74)
        #expect(refusedBackup.error.contains("cairn salvage"))
        let copied = try await OtherUser.run(arguments + ["--private-copy"], in: fixture.folder.url)
        #expect(copied.status == 0, "\(copied.error)")
        #expect(copied.output.contains("events            10"))
    }
}

/// The tool as a user who owns nothing.
enum OtherUser {
    private static let program = "/usr/bin/setpriv"

    static let isPossible =
        getuid() == 0 && FileManager.default.isExecutableFile(atPath: program)

    static func run(_ arguments: [String], in folder: URL) async throws -> CairnProcess {
        try await CairnProcess.run(
            arguments,
            in: folder,
            prefix: [program, "--reuid", "65534", "--regid", "65534", "--clear-groups"]
        )
    }

    /// Lets everyone read a journal's files and make new ones beside its folder, and no more.
    static func allowReading(_ folder: URL) throws {
        let manager = FileManager.default
        for (path, mode) in [
            ("", 0o777), ("j", 0o755), ("j/data.mdb", 0o644), ("j/lock.mdb", 0o644),
        ] {
            try manager.setAttributes(
                [.posixPermissions: mode],
                ofItemAtPath: folder.appendingPathComponent(path).path
            )
        }
    }
}
