internal import CairnCore
internal import CairnEngine
internal import CairnJournal

/// A projection that counts the events of each stream.
struct EventCounts: Projection {
    let name = "cairn.testing.event-counts"
    let version: UInt32 = 1
    let isKnownByVersion = true

    func take(
        _ header: EventHeader,
        _ frame: RawSpan,
        of stream: StreamID?,
        into entries: inout ProjectionEntries<Self>
    ) throws(EventCodecError) {
        guard let stream else { return }
        entries.update(stream.name) { $0 = ($0 ?? 0) + 1 }
    }

    func write(_ key: String, to bytes: inout ByteWriter) { bytes.raw(key.utf8) }

    func readKey(_ bytes: RawSpan) throws(TruncatedBytes) -> String { bytes.text() }

    func write(_ value: UInt64, to bytes: inout ByteWriter) { bytes.variable(value) }

    func readValue(_ bytes: RawSpan) throws(TruncatedBytes) -> UInt64 {
        var reader = ByteReader()
        return try reader.variable(in: bytes)
    }

    /// The counts of a journal, gone on from what is stored.
    static func read(_ journal: any Journal) async throws -> [String: UInt64] {
        let live = LiveProjection(EventCounts(), of: journal)
        return try await live.read { view throws(EngineError<Never>) in
            var counts: [String: UInt64] = [:]
            try view.forEach { key, value in
                counts[key] = value
                return .proceed
            }
            return counts
        }
    }
}
