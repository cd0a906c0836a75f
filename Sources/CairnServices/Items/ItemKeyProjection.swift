internal import CairnCore
internal import CairnDomains
internal import CairnEngine
internal import CairnJournal

/// What every idempotency key tells at a glance, by the bytes of the key: so that a batch that is
/// offered again costs one look into a table a message, and not a fold of each.
struct ItemKeyProjection: Projection {
    let name = "cairn.keys"
    let version: UInt32 = 1
    let isKnownByVersion = true

    private static let prefix = Array("\(ItemKey.streamKind.name)/".utf8)
    private static let namespaces = ItemEventKind.namespaces.map { Array($0.utf8) }

    func concerns(_ header: EventHeader, _ frame: RawSpan) -> Bool {
        let type = frame.extracting(header.typeRange)
        for namespace in Self.namespaces where type.byteCount > namespace.count {
            if type.extracting(0..<namespace.count).equals(namespace.span.bytes) { return true }
        }
        return false
    }

    func take(
        _ header: EventHeader,
        _ frame: RawSpan,
        of stream: StreamID?,
        into entries: inout ProjectionEntries<Self>
    ) throws(EventCodecError) {
        guard let stream, stream.name.utf8.starts(with: Self.prefix) else { return }
        // A stream's first event finds nothing of it in tables that end before.
        let first = header.sequence.rawValue == 1 ? header.position : .first
        entries.update(stream, since: first) { glance in
            var next = glance ?? .fresh
            next.take(header, frame)
            glance = next
        }
    }

    func write(_ key: StreamID, to bytes: inout ByteWriter) {
        bytes.raw(key.name.utf8)
    }

    /// Writes the key of an idempotency key that stands in its stream's name as it is.
    func write(_ key: ItemKey, to bytes: inout ByteWriter) {
        bytes.raw(Self.prefix)
        bytes.raw(key.name.utf8)
    }

    func readKey(_ bytes: RawSpan) throws(TruncatedBytes) -> StreamID {
        do throws(LimitError) { return try StreamID(bytes.text()) } catch {
            throw TruncatedBytes(offset: 0)
        }
    }

    private enum Tag {
        static let other: UInt8 = 0
        static let begun: UInt8 = 1
        static let done: UInt8 = 2
    }

    func write(_ glance: KeyGlance, to bytes: inout ByteWriter) {
        switch glance {
        case .fresh, .other: bytes.littleEndian(Tag.other)
        case .begun(let request): write(request, Tag.begun, to: &bytes)
        case .done(let request): write(request, Tag.done, to: &bytes)
        }
    }

    private func write(_ request: KeyedRequest, _ tag: UInt8, to bytes: inout ByteWriter) {
        bytes.littleEndian(tag)
        bytes.raw(request.content.bytes)
        if let mark = request.jobMark { bytes.littleEndian(mark) }
    }

    func readValue(_ bytes: RawSpan) throws(TruncatedBytes) -> KeyGlance {
        var reader = ByteReader()
        let tag = try reader.littleEndian(UInt8.self, in: bytes)
        if tag == Tag.other { return .other }
        let content = try reader.take(ContentDigest.byteCount, in: bytes)
        var mark: UInt64?
        if reader.offset < bytes.byteCount { mark = try reader.littleEndian(in: bytes) }
        let request = KeyedRequest(
            content: ContentDigest(bytes: bytes.extracting(content)),
            jobMark: mark
        )
        switch tag {
        case Tag.begun: return .begun(request)
        case Tag.done: return .done(request)
        default: throw TruncatedBytes(offset: 0)
        }
    }
}

/// The keys of one journal at a glance, for whoever looks at many.
struct KeyTable: Sendable {
    private let projection: LiveProjection<ItemKeyProjection>
    /// Keys that are looked at in one view of the table.
    private static let chunkCount = 4_096

    init(_ journal: any Journal) {
        projection = LiveProjection(ItemKeyProjection(), of: journal)
    }

    /// Stores what the table has taken in, so that the next process that looks has it.
    func store() async { await projection.storeIfBehind(by: 4_096) }

    /// What keys tell at a glance; nil of those that the table lacks, which are fresh.
    ///
    /// Keys in the order of their bytes are found fastest.
    ///
    /// A table that cannot be had stops nobody: then each key has to be folded, and only what its
    /// own stream lacks is an error.
    func glances(at keys: [ItemKey]) async -> [KeyGlance?] {
        do throws(EngineError<Never>) { return try await found(at: keys) } catch {
            return [KeyGlance?](repeating: .other, count: keys.count)
        }
    }

    private func found(at keys: [ItemKey]) async throws(EngineError<Never>) -> [KeyGlance?] {
        var glances: [KeyGlance?] = []
        var start = 0
        while start < keys.count {
            let chunk = keys[start..<min(start + Self.chunkCount, keys.count)]
            let found = try await projection.readUnlessCancelled(.byKey) {
                view throws(EngineError<Never>) in
                let rules = view.rules
                return try view.values(of: chunk) { key, bytes throws(EngineError<Never>) in
                    try Self.write(key, to: &bytes, rules)
                }
            }
            // Who was cancelled asks for nothing that a look at the key itself could not tell.
            let known = found ?? [KeyGlance?](repeating: .other, count: chunk.count)
            if glances.isEmpty { glances = known } else { glances += known }
            start = chunk.endIndex
        }
        return glances
    }

    private static func write(
        _ key: ItemKey,
        to bytes: inout ByteWriter,
        _ rules: ItemKeyProjection
    ) throws(EngineError<Never>) {
        // Nearly all are: then no stream's name is made of it first.
        if StreamID.isPlain(longKey: key.name) {
            rules.write(key, to: &bytes)
        } else {
            rules.write(try stream(of: key), to: &bytes)
        }
    }

    private static func stream(of key: ItemKey) throws(EngineError<Never>) -> StreamID {
        do throws(LimitError) { return try key.stream } catch { throw .journal(.limit(error)) }
    }
}
