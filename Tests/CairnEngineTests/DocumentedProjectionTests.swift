import CairnCore
import CairnEngine
import CairnJournal
import Foundation
import Testing

struct EventsPerType: Projection {
    let name = "docs.events-per-type"
    let version: UInt32 = 1

    func take(
        _ header: EventHeader,
        _ frame: RawSpan,
        of stream: StreamID?,
        into entries: inout ProjectionEntries<Self>
    ) throws(EventCodecError) {
        entries.update(header.type(in: frame)) { $0 = ($0 ?? 0) + 1 }
    }

    func write(_ key: String, to bytes: inout ByteWriter) { bytes.raw(key.utf8) }
    func readKey(_ bytes: RawSpan) throws(TruncatedBytes) -> String { bytes.text() }
    func write(_ value: UInt64, to bytes: inout ByteWriter) { bytes.variable(value) }

    func readValue(_ bytes: RawSpan) throws(TruncatedBytes) -> UInt64 {
        var reader = ByteReader()
        return try reader.variable(in: bytes)
    }
}

struct DocumentedProjectionTests {
    @Test func `the article's projection counts, and is the one that is compiled here`()
        async throws
    {
        let journal = MemoryJournal()
        for type in ["touch.send_success", "touch.send_attempt", "touch.send_success"] {
            let event = try NewEvent(type: type, occurredAt: .unixEpoch, payload: [])
            try await journal.append(event, to: try StreamID("s/1"))
        }
        let live = LiveProjection(EventsPerType(), of: journal)
        let count = try await live.read { view throws(EngineError<Never>) in
            try view.value(of: "touch.send_success") ?? 0
        }
        #expect(count == 2)

        let article = try text("Sources/Cairn/Cairn.docc/Projections.md")
        let source = try text("Tests/CairnEngineTests/DocumentedProjectionTests.swift")
        let blocks = article.components(separatedBy: "```swift\n").dropFirst()
            .compactMap { $0.components(separatedBy: "```").first }
        #expect(blocks.count == 2)
        let compiled = source.replacing("\n        ", with: "\n")
        for block in blocks {
            #expect(source.contains(block) || compiled.contains(block), "\(block)")
        }
    }

    private func text(_ path: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }
}
