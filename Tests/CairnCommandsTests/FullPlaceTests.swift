import CairnTestSupport
import Foundation
import Testing

/// Disks without room and processes without memory: what is said of them, and what is not said of
/// a journal that is whole.
struct FullPlaceTests {
    /// A journal `j` of some megabytes beside an empty disk of one.
    private struct Place {
        let folder: ScratchFolder
        let disk: String

        /// - Returns: Nil where no disk can be mounted.
        init?() async throws {
            folder = try ScratchFolder()
            try await WrittenFileTests.importMany(into: folder)
            try folder.remove("j/projections")
            disk = folder.path("disk")
            try FileManager.default.createDirectory(
                atPath: disk,
                withIntermediateDirectories: false
            )
            var mount = ChildCommand(
                "/usr/bin/env",
                ["mount", "-t", "tmpfs", "-o", "size=600k", "cairn-test", disk]
            )
            mount.error = .nothing
            guard try await mount.run() == .exit(0) else {
                print("skipped: no disk can be mounted here")
                return nil
            }
        }
    }

    private static let lines = [
        ("backup disk/x", "backup"), ("salvage disk/x", "salvage"), ("report -o disk/x", "report"),
        ("bundle --tenant a --keep-payloads -o disk/x", "bundle"),
    ]

    @Test(.enabled(if: getuid() == 0, "only root can mount a small disk"), arguments: lines)
    func `a full disk is blamed, and the journal is not`(line: String, verb: String) async throws {
        guard let place = try await Place() else { return }
        defer { umount2(place.disk, 0) }
        let arguments = line.split(separator: " ").map(String.init) + ["--journal", "j"]
        let run = try await CairnProcess.run(arguments, in: place.folder.url)
        #expect(run.status == 74)
        #expect(
            run.error
                == "cairn: \(verb): disk/x: no space left; make room, or choose another place\n"
        )
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.disk) == [])
    }

    @Test(.enabled(if: getuid() == 0, "only root can mount a small disk"))
    func `a private copy that finds no room blames its place`() async throws {
        guard let place = try await Place() else { return }
        defer { umount2(place.disk, 0) }
        var command = try CairnProcess.command(
            ["info", "--private-copy", "--journal", "j"],
            in: place.folder.url
        )
        command.environment["TMPDIR"] = place.disk
        command.error = .file(place.folder.path("error"))
        #expect(try await command.run() == .exit(74))
        #expect(
            try place.folder.text("error")
                == "cairn: info: no private copy can be made in \(place.disk): no space left; "
                + "make room, or set TMPDIR to another place\n"
        )
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.disk) == [])
    }

    @Test(arguments: ["export", "report -o -", "requests", "testcase R-3", "conformance --map svg"])
    func `an output without room says so`(_ line: String) async throws {
        let fixture = try await Fixture()
        var command = try CairnProcess.command(
            line.split(separator: " ").map(String.init) + ["--journal", "j"],
            in: fixture.folder.url
        )
        command.output = .file("/dev/full")
        command.error = .file(fixture.folder.path("error"))
        #expect(try await command.run() == .exit(74))
        #expect(
            try fixture.folder.text("error").hasSuffix(
                "standard output: no space left; make room, or choose another place\n"
            )
        )
    }

    @Test(arguments: ["backup copy", "report -o copy", "requests", "salvage copy"])
    func `where memory is short the journal is not blamed`(_ line: String) async throws {
        let fixture = try await Fixture()
        let limit = #"ulimit -v 2000000; exec "$0" "$@""#
        let run = try await CairnProcess.run(
            line.split(separator: " ").map(String.init) + ["--journal", "j"],
            in: fixture.folder.url,
            prefix: ["/bin/sh", "-c", limit]
        )
        #expect(run.status == 74)
        #expect(run.error.contains("raise 'ulimit -v'"), "\(run.error)")
        #expect(!run.error.contains("cairn salvage"))
        #expect(run.error.split(separator: "\n").count == 1)
    }
}
