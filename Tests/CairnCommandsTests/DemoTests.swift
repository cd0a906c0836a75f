import CairnTestSupport
import Foundation
import Testing

/// What a newcomer sees first.
struct DemoTests {
    @Test func `every command that the demo shows works`() async throws {
        let folder = try ScratchFolder()
        let run = try await folder.cairn("demo")
        #expect(run.status == 0, "\(run.error)")
        #expect(run.error == "")
        let commands = run.output.split(separator: "\n").filter { $0.hasPrefix("$ cairn ") }
        #expect(commands.count == 11)
        for clue in ["DOWNSTREAM_TIMEOUT", "RETRY_SCHEDULED", "in_doubt", "reopened_count    1"] {
            #expect(run.output.contains(clue), "\(clue)")
        }
    }

    @Test func `the demo is the same everywhere and can be shown again`() async throws {
        let folder = try ScratchFolder()
        let first = try await folder.cairn("demo", "--journal", "a", "--format", "json")
        let second = try await folder.cairn("demo", "--journal", "b", "--format", "json")
        #expect((first.json as? [String: Any])?["requests"] as? Int == 200)
        let rows = try await folder.cairn("export", "--journal", "a").output
        #expect(try await folder.cairn("export", "--journal", "b").output == rows)
        #expect(second.status == 0)
        let again = try await folder.cairn("demo", "--journal", "a", "--format", "json")
        #expect((again.json as? [String: Any])?["events"] as? Int == 0)
        #expect(try await folder.cairn("export", "--journal", "a").output == rows)
    }

    @Test func `the demo leaves another journal alone`() async throws {
        let fixture = try await Fixture()
        let before = try fixture.bytes()
        let run = try await fixture.cairn("demo")
        #expect(run.status == 64)
        #expect(run.error.contains("another journal"))
        #expect(try fixture.bytes() == before)
    }

    @Test func `it goes where the environment says`() async throws {
        let folder = try ScratchFolder()
        var command = try CairnProcess.command(["demo", "--format", "json"], in: folder.url)
        command.environment["CAIRN_JOURNAL"] = "here"
        #expect(try await command.run() == .exit(0))
        #expect(try folder.names() == ["here"])
    }

    @Test func `an empty word of the environment says nothing`() async throws {
        let folder = try ScratchFolder()
        var command = try CairnProcess.command(["demo", "--format", "json"], in: folder.url)
        command.environment["CAIRN_JOURNAL"] = ""
        #expect(try await command.run() == .exit(0))
        #expect(try folder.names() == ["cairn-demo"])
    }

    @Test func `its requests are odd only where they are meant to be`() async throws {
        let folder = try ScratchFolder()
        _ = try await folder.cairn("demo")
        func count(_ predicate: String) async throws -> Int? {
            let run = try await folder.cairn(
                "requests",
                "--where",
                predicate,
                "--journal",
                "cairn-demo",
                "--format",
                "json"
            )
            return (run.json as? [Any])?.count
        }
        #expect(try await count("anomaly_count > 0") == 1)
        #expect(try await count("reopened_count == 1 and terminal") == 1)
        #expect(try await count("not terminal") == 2)
        #expect(try await count("attempt_max > 1") ?? 0 > 10)
    }
}
