import CairnTestSupport
import Foundation
import Testing

/// Journals that are not what they should be: named, never trusted, and rescued where possible.
struct DamageTests {
    static let verbs = [
        "timeline R-1", "state R-1", "requests", "stuck", "retries", "stats --as-of 10",
        "slowest --as-of 10", "find", "export", "tail", "info", "index", "backup copy",
    ]

    @Test(arguments: verbs)
    func `a file that was cut short ends every verb with 74`(_ verb: String) async throws {
        let fixture = try await Fixture()
        let bytes = try fixture.bytes()
        try fixture.folder.file("j/data.mdb", bytes.prefix(9_000))
        let run = try await fixture.cairn(verb)
        #expect(run.status == 74, "\(run.error)")
        #expect(run.error.split(separator: "\n").count == 1)
        #expect(run.error.contains("cairn verify"))
    }

    @Test func `verify ends with 1 and says where the damage is`() async throws {
        let fixture = try await Fixture()
        var bytes = try fixture.bytes()
        let word = try #require(bytes.range(of: Data("no answer, twice".utf8)))
        bytes[word.lowerBound] ^= 1
        try fixture.folder.file("j/data.mdb", bytes)
        let run = try await fixture.cairn("verify --format json")
        #expect(run.status == 1)
        let object = try #require(run.json as? [String: Any])
        #expect(object["ok"] as? Bool == false)
        let damages = try #require(object["damages"] as? [[String: Any]])
        #expect(damages.first?["position"] as? Int == 8)
        let text = try await fixture.cairn("verify")
        #expect(text.status == 1)
        #expect(text.output.contains("checksum"))
        let timeline = try await fixture.cairn("timeline R-3")
        #expect(timeline.status == 74)
        #expect(timeline.error.contains("position 8"))
    }

    @Test func `salvage saves what stands before the damage and says what is lost`() async throws {
        let fixture = try await Fixture()
        _ = try await fixture.folder.cairn("demo", "--journal", "demo", "--format", "json")
        let before = try await fixture.folder.cairn("info", "--journal", "demo", "--format", "json")
        let count = try #require((before.json as? [String: Any])?["events"] as? Int)
        var bytes = try fixture.folder.data("demo/data.mdb")
        let middle = try #require(
            bytes.range(of: Data("HTTP 503".utf8), in: bytes.count / 2..<bytes.count)
        )
        bytes[middle.lowerBound] ^= 1
        try fixture.folder.file("demo/data.mdb", bytes)
        let run = try await fixture.folder.cairn(
            "salvage",
            "saved",
            "--journal",
            "demo",
            "--format",
            "json"
        )
        #expect(run.status == 1)
        let object = try #require(run.json as? [String: Any])
        let saved = try #require(object["last_position"] as? Int)
        #expect(saved > 0 && saved < count)
        #expect(object["stated_last_position"] as? Int == count)
        #expect((object["lost"] as? [Any])?.isEmpty == false)
        #expect(try await fixture.folder.cairn("verify", "--journal", "saved").status == 0)
    }

    @Test func `what is no journal is told apart from damage`() async throws {
        let folder = try ScratchFolder()
        try folder.file("file", "text")
        #expect(try await folder.cairn("info", "--journal", "file").status == 66)
        #expect(try await folder.cairn("info", "--journal", "nosuch").status == 66)
        #expect(try await folder.cairn("verify", "--journal", "nosuch").status == 66)
        let folderOnly = try await folder.cairn("info", "--journal", ".")
        #expect(folderOnly.status == 66)
        #expect(folderOnly.error.contains("no journal at ."))
        try folder.file("rows.csv", Fixture.csv)
        #expect(try await folder.cairn("import", "rows.csv", "--journal", "file").status == 66)
        #expect(try folder.text("file") == "text")
    }
}
