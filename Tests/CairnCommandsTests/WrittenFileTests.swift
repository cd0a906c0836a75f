import CairnTestSupport
import Foundation
import Testing

/// Files and folders that verbs write because they were named: whole or not at all, and nowhere
/// that does harm.
struct WrittenFileTests {
    /// Fills a journal `j` with so many rows that what is written of them takes a while.
    static func importMany(_ count: Int = 20_000, into folder: ScratchFolder) async throws {
        var rows = "tenant,pagw_id,stage,event_type,status,created_at,metadata\n"
        for number in 1...count {
            rows += "a,R-\(number % 50),S,E,COMPLETED,2025-12-25T10:30:00Z,\"[\(number)]\"\n"
        }
        try folder.file("rows.csv", rows)
        #expect(try await folder.cairn("import", "rows.csv", "--journal", "j").status == 0)
    }

    /// Runs a verb and sends it a signal once a file of a name, or of what it begins with, is there.
    ///
    /// - Returns: How it ended, and what it said.
    private static func stop(
        _ arguments: [String],
        by signal: Int32,
        at name: String,
        in folder: ScratchFolder
    ) async throws -> (end: ChildEnd, error: String) {
        var command = try CairnProcess.command(arguments + ["--journal", "j"], in: folder.url)
        command.error = .file(folder.path("error"))
        let process = try await command.start()
        while process.isRunning {
            if try folder.names().contains(where: { $0.hasPrefix(name) }) { break }
            await Task.yield()
        }
        process.send(signal)
        return (try await process.end(), try folder.text("error"))
    }

    @Test func `who stops a report finds a whole page or none`() async throws {
        let folder = try ScratchFolder()
        try await Self.importMany(into: folder)
        var wanted = [SIGINT, SIGTERM]
        // On a busy machine one may be whole before it is seen.
        for number in 0..<60 {
            guard let signal = wanted.last else { break }
            let name = "r\(number).html"
            let arguments = ["report", "-o", name]
            let run = try await Self.stop(arguments, by: signal, at: ".\(name)", in: folder)
            let names = try folder.names().filter { $0.contains(name) }
            if run.end == .exit(130) {
                wanted.removeLast()
                #expect(names == [])
                #expect(run.error == "cairn: report: interrupted; nothing was written\n")
            } else {
                #expect(run.end == .exit(0), "\(run.error)")
                #expect(names == [name])
                #expect(try folder.text(name).hasSuffix("</html>\n"))
            }
        }
        #expect(wanted == [])
    }

    @Test func `what a killed report left is named by the next one`() async throws {
        let folder = try ScratchFolder()
        try await Self.importMany(into: folder)
        let arguments = ["report", "-o", "r.html", "--overwrite"]
        var left: String?
        for _ in 0..<60 where left == nil {
            try folder.file("r.html", "mine\n")
            _ = try await Self.stop(arguments, by: SIGKILL, at: ".r.html", in: folder)
            left = try folder.names().first { $0.hasPrefix(".r.html.part-") }
            let text = try folder.text("r.html")
            #expect(text == "mine\n" || text.hasSuffix("</html>\n"))
        }
        let name = try #require(left)
        let run = try await folder.cairn(
            "report",
            "R-1",
            "-o",
            "r.html",
            "--overwrite",
            "--journal",
            "j"
        )
        #expect(run.status == 0)
        #expect(
            run.error
                == "cairn: report: \(name) is left of one that was killed; it may be removed\n"
        )
    }

    @Test(arguments: ["backup", "salvage"])
    func `what a killed copy left is named by the next one`(verb: String) async throws {
        let fixture = try await Fixture()
        // No process has so high a number.
        try fixture.folder.file(".copy.birth-4194305-x", "")
        let run = try await fixture.cairn("\(verb) copy")
        #expect(run.status == 0)
        #expect(
            run.error == "cairn: \(verb): .copy.birth-4194305-x is left of one that was killed; "
                + "it may be removed\n"
        )
    }

    @Test(arguments: [
        "report -o TARGET --overwrite", "conformance --map svg -o TARGET --overwrite",
        "testcase R-3 -o TARGET --overwrite", "bundle R-1 -o TARGET", "backup TARGET",
        "salvage TARGET",
    ])
    func `nothing is written into the journal that is read`(_ command: String) async throws {
        let fixture = try await Fixture()
        let folder = fixture.folder
        #expect(symlink("j", folder.path("link")) == 0)
        #expect(symlink("j/data.mdb", folder.path("page")) == 0)
        let before = try fixture.bytes()
        let isFile = command.hasSuffix("--overwrite")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path("j")).sorted()
        for target in ["j/inner", "link/inner", "j/../j/inner"] + (isFile ? ["j/data.mdb"] : []) {
            let line = command.replacing("TARGET", with: target)
            let run = try await fixture.cairn(line)
            #expect(run.status == 64, "\(line)")
            #expect(
                run.error.hasSuffix(
                    "\(target) is inside the journal j; name another place\n"
                ),
                "\(run.error)"
            )
        }
        if isFile {
            let run = try await fixture.cairn(command.replacing("TARGET", with: "page"))
            #expect(run.status == 64)
            #expect(run.error.contains("j/data.mdb is inside the journal j"), "\(run.error)")
        }
        #expect(try fixture.bytes() == before)
        let after = try FileManager.default.contentsOfDirectory(atPath: folder.path("j")).sorted()
        #expect(after == names)
        // A name beside it is no name in it.
        let beside = try await fixture.cairn(command.replacing("TARGET", with: "j2"))
        #expect(beside.status == 0, "\(beside.error)")
    }

    @Test func `a file that is written over keeps who may read it`() async throws {
        let fixture = try await Fixture()
        let path = fixture.folder.path("r.html")
        #expect(try await fixture.cairn("report R-1 -o r.html").status == 0)
        #expect(chmod(path, 0o640) == 0)
        let owner: uid_t = getuid() == 0 ? 65_534 : getuid()
        #expect(chown(path, owner, owner) == 0 || getuid() != 0)
        let first = try fixture.folder.text("r.html")
        #expect(try await fixture.cairn("report R-3 -o r.html").status == 0)
        #expect(try fixture.folder.text("r.html") != first)
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(status.st_mode & 0o7777 == 0o640)
        #expect(status.st_uid == owner)
    }

    @Test func `a link stays one, and leads to the new file`() async throws {
        let fixture = try await Fixture()
        let folder = fixture.folder
        try FileManager.default.createDirectory(
            atPath: folder.path("web"),
            withIntermediateDirectories: false
        )
        func isLink(_ name: String) -> Bool {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: folder.path(name))) != nil
        }
        #expect(try await fixture.cairn("report R-1 -o web/r.html").status == 0)
        #expect(symlink("web/r.html", folder.path("r.html")) == 0)
        #expect(try await fixture.cairn("report R-3 -o r.html").status == 0)
        #expect(isLink("r.html"))
        #expect(try folder.text("web/r.html").contains("R-3"))
        // To nothing yet: something in the way until it is said that it is not.
        #expect(symlink("web/new.html", folder.path("new.html")) == 0)
        let refused = try await fixture.cairn("report R-1 -o new.html")
        #expect(refused.status == 65)
        #expect(refused.error.contains("new.html exists; name another file"), "\(refused.error)")
        #expect(try await fixture.cairn("report R-1 -o new.html --overwrite").status == 0)
        #expect(isLink("new.html"))
        #expect(try folder.text("web/new.html").hasSuffix("</html>\n"))
        let web = try FileManager.default.contentsOfDirectory(atPath: folder.path("web"))
        #expect(web.sorted() == ["new.html", "r.html"])
    }

    @Test func `a pipe is written to where somebody reads it, and not waited for`() async throws {
        let fixture = try await Fixture()
        #expect(mkfifo(fixture.folder.path("pipe"), 0o600) == 0)
        // Told before the request is looked for.
        let refused = try await fixture.cairn("report R-9 -o pipe --overwrite")
        #expect(refused.status == 74)
        #expect(
            refused.error == "cairn: report: pipe: nobody reads it; start its reader first\n"
        )
        var cat = ChildCommand("/bin/cat", [fixture.folder.path("pipe")])
        cat.output = .file(fixture.folder.path("page"))
        let reader = try await cat.start()
        var status: Int32 = 74
        for _ in 0..<200 where status == 74 {
            status = try await fixture.cairn("report R-1 -o pipe --overwrite").status
        }
        #expect(status == 0)
        #expect(try await reader.end() == .exit(0))
        #expect(try fixture.folder.text("page").hasSuffix("</html>\n"))
        #expect(try fixture.folder.names().sorted() == ["j", "page", "pipe", "rows.csv"])
    }

    @Test(
        .enabled(if: OtherUser.isPossible, "needs root, to become someone else"),
        arguments: [
            "report R-9 -o locked/x", "testcase R-9 -o locked/x", "bundle R-9 -o locked/x",
            "conformance --map svg --where attempt>0 --now 2025-12-25T00:00:00Z -o locked/x",
        ]
    )
    func `a place that cannot be written is told before any work`(_ line: String) async throws {
        let fixture = try await Fixture()
        try FileManager.default.createDirectory(
            atPath: fixture.folder.path("locked"),
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o555]
        )
        try OtherUser.allowReading(fixture.folder.url)
        #expect(chmod(fixture.folder.path("j/lock.mdb"), 0o666) == 0)
        let arguments = line.split(separator: " ").map(String.init) + ["--journal", "j"]
        let run = try await OtherUser.run(arguments, in: fixture.folder.url)
        // The request that is not there would end with 66.
        #expect(run.status == 74, "\(run.error)")
        #expect(
            run.error.hasSuffix(
                "locked/x: no permission to write it; choose another place\n"
            ),
            "\(run.error)"
        )
    }

    @Test func `a name as long as names can be is one`() async throws {
        let fixture = try await Fixture()
        let name = String(repeating: "n", count: 255)
        #expect(try await fixture.cairn("report R-1 -o \(name)").status == 0)
        #expect(try fixture.folder.names().sorted() == ["j", name, "rows.csv"])
        let run = try await fixture.cairn("report R-1 -o \(name)n")
        #expect(run.status == 64)
        #expect(run.error.hasSuffix("the name is too long; give a shorter one\n"))
    }
}
