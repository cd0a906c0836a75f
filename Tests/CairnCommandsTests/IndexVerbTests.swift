import CairnTestSupport
import Foundation
import Testing

/// What `cairn index` says of the tables that it brings up to date.
struct IndexVerbTests {
    private static let projections = [
        "cairn.keys", "cairn.prompts", "cairn.system-events", "cairn.summary", "cairn.requests",
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

    @Test func `tables in a damaged file are built anew, whatever is damaged`() async throws {
        let fixture = try await Fixture()
        #expect(try await fixture.cairn("index").status == 0)
        let file = fixture.folder.url.appendingPathComponent("j/projections/data.mdb")
        let sound = try Data(contentsOf: file)
        let expected = try await fixture.cairn("index --check").output
        #expect(sound.count > 3 * 4_096)
        // Page numbers, flags, bounds and pointers of each page, and bytes in its middle.
        for (number, offset) in [0, 10, 12, 14, 16, 18, 20, 2_000, 4_000].enumerated() {
            for page in 2..<sound.count / 4_096 {
                var bytes = sound
                bytes[4_096 * page + offset] ^= 1 << UInt8(number % 8)
                try bytes.write(to: file)
                let check = try await fixture.cairn("index --check")
                #expect(check.status == 0 || check.status == 1, "\(page) \(offset): \(check)")
                #expect(check.output == expected, "\(page) \(offset)")
                try bytes.write(to: file)
                let rebuilt = try await fixture.cairn("index --rebuild")
                #expect(rebuilt.status == 0 && rebuilt.error == "", "\(page) \(offset): \(rebuilt)")
                #expect(rebuilt.output == expected)
            }
        }
    }
}
