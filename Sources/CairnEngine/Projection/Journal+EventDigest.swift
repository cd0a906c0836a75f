package import CairnCore
package import CairnJournal

extension Journal {
    /// A digest of an event's place and content, by which a mark knows its journal again; nil where
    /// there is no such event.
    package func eventDigest(at position: Position) async throws(JournalError) -> ContentDigest? {
        var digest: ContentDigest?
        _ = try await page(
            from: position,
            .forwards,
            upTo: position,
            limit: PageLimit(eventCountMax: 1)
        ) { header, frame in
            var writer = ByteWriter(capacity: 64)
            writer.littleEndian(header.position.rawValue)
            writer.littleEndian(header.streamNumber.rawValue)
            writer.littleEndian(header.sequence.rawValue)
            writer.littleEndian(header.recordedAt.nanoseconds)
            writer.raw(header.contentDigest(in: frame).bytes)
            digest = ContentDigest(type: "event", content: writer.finish().span.bytes)
            return .stop
        }
        return digest
    }
}
