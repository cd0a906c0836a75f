import CairnTestSupport
import Testing

/// What `cairn index` says of the tables that it brings up to date.
struct IndexVerbTests {
    private static let projections = [
        "cairn.keys", "cairn.prompts", "cairn.system-events", "cairn.summary",
    ]

    @Test func `the index and all tables are brought to the end`() async throws {
        let fixture = try await Fixture()
        let text = try await fixture.cairn("index")
        #expect(text.status == 0)
        #expect(text.error == "")
        let lines = text.output.split(separator: "\n").map { $0.split(separator: " ") }
        #expect(lines.first == ["indexed_position", "10"])
        for name in Self.projections {
            let line = try #require(lines.first { $0.first.map(String.init) == name })
            #expect(line[1] == "10", "\(name)")
        }
        let json = try await fixture.cairn("index --check --format json")
        #expect(json.output.hasPrefix(#"{"indexed_position":10,"projections":[{"projection":"#))
        #expect(json.output.hasSuffix(#""damaged":[]}"# + "\n"))
        #expect(json.status == 0)
    }

    @Test func `tables that are built anew are the same`() async throws {
        let fixture = try await Fixture()
        let first = try await fixture.cairn("index")
        let again = try await fixture.cairn("index --rebuild")
        #expect(again.output == first.output)
        #expect(again.status == 0)
    }
}
