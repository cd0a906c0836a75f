import CairnCore
import CairnEngine
import CairnJournal
import CairnTesting
import Testing

/// A projection for tests: how often each stream was written to, and every event by a time of its
/// own, which repeats and goes back.
struct Ledger: Projection {
    var name = "test.ledger"
    var version: UInt32 = 1
    var isKnownByVersion = true

    enum Key: Hashable, Sendable {
        case count(StreamID)
        case timed(Int64, Position)
    }

    func concerns(_ header: EventHeader, _ frame: RawSpan) -> Bool {
        !frame.extracting(header.typeRange).equals("noise")
    }

    func take(
        _ header: EventHeader,
        _ frame: RawSpan,
        of stream: StreamID?,
        into entries: inout ProjectionEntries<Self>
    ) throws(EventCodecError) {
        if frame.extracting(header.typeRange).equals("strange") {
            throw .unknownType("strange")
        }
        guard let stream else { return }
        var total: UInt64 = 0
        entries.update(.count(stream)) { count in
            count = (count ?? 0) + version.asUInt64
            total = count ?? 0
        }
        // Every seventh time takes the stream's last entry away again.
        if total % 7 == 0, let last = entries.value(of: .timed(-1, .zero)) {
            entries.set(last + 1, for: .timed(-1, .zero))
        } else {
            entries.set(total, for: .timed(header.occurredAt.nanoseconds, header.position))
            entries.update(.timed(-1, .zero)) { $0 = ($0 ?? 0) + 1 }
        }
        if total % 11 == 0 { entries.set(nil, for: .timed(-1, .zero)) }
    }

    func write(_ key: Key, to bytes: inout ByteWriter) {
        switch key {
        case .count(let stream):
            bytes.bigEndian(UInt8(1))
            bytes.raw(stream.name.utf8)
        case .timed(let time, let position):
            bytes.bigEndian(UInt8(2))
            bytes.bigEndian(UInt64(bitPattern: time) ^ (1 << 63))
            bytes.bigEndian(position.rawValue)
        }
    }

    func readKey(_ bytes: RawSpan) throws(TruncatedBytes) -> Key {
        var reader = ByteReader()
        let tag = try reader.littleEndian(UInt8.self, in: bytes)
        if tag == 1 {
            let rest = bytes.extracting(1..<bytes.byteCount)
            do throws(LimitError) { return .count(try StreamID(rest.text())) } catch {
                throw TruncatedBytes(offset: 1)
            }
        }
        let place = try reader.take(16, in: bytes)
        let time: UInt64 = bytes.bigEndian(at: place.lowerBound)
        return .timed(
            Int64(bitPattern: time ^ (1 << 63)),
            Position(rawValue: bytes.bigEndian(at: place.lowerBound + 8))
        )
    }

    func write(_ value: UInt64, to bytes: inout ByteWriter) { bytes.variable(value) }

    func readValue(_ bytes: RawSpan) throws(TruncatedBytes) -> UInt64 {
        var reader = ByteReader()
        return try reader.variable(in: bytes)
    }
}

extension UInt32 {
    fileprivate var asUInt64: UInt64 { UInt64(self) }
}

extension Ledger {
    /// Everything in the tables, oldest bytes first.
    static func all(_ live: LiveProjection<Ledger>) async throws -> [[UInt64]] {
        try await live.read { view throws(EngineError<Never>) in try entries(of: view) }
    }

    static func entries(
        of view: ProjectionView<Ledger>
    ) throws(EngineError<Never>) -> [[UInt64]] {
        var found: [[UInt64]] = []
        var known: [Key: UInt64] = [:]
        var asked: [Key] = []
        try view.forEach { key, value in
            known[key] = value
            asked.append(key)
            switch key {
            case .count(let stream):
                found.append([UInt64(stream.name.utf8.reduce(0) { $0 * 31 + Int($1) }), value])
            case .timed(let time, let position):
                found.append([UInt64(bitPattern: time), position.rawValue, value])
            }
            return .proceed
        }
        // Some that are there twice, and as many that are not there.
        for index in stride(from: 0, to: asked.count, by: 3) {
            asked += [asked[index], .timed(7, Position(rawValue: .max - UInt64(index)))]
        }
        let together = try view.values(of: asked) { key, bytes in
            view.rules.write(key, to: &bytes)
        }
        for (key, value) in zip(asked, together) {
            let single = try view.value(of: key)
            #expect(single == known[key], "\(key) alone")
            #expect(value == known[key], "\(key) among others")
        }
        #expect(together.count == asked.count)
        return found
    }

    /// The same by a fold of its own, in dictionaries and without any table.
    static func naive(_ journal: any Journal) async throws -> [[UInt64]] {
        var counts: [String: UInt64] = [:]
        var timed: [[UInt64]: UInt64] = [:]
        var tally: UInt64?
        var streams: [StreamNumber: String] = [:]
        try await journal.forEachEvent { header, frame in
            if let stream = header.streamID(in: frame) {
                streams[header.streamNumber] = stream.name
            }
            guard header.type(in: frame) != "noise" else { return .proceed }
            let stream = streams[header.streamNumber] ?? ""
            let total = counts[stream, default: 0] + 1
            counts[stream] = total
            if total % 7 == 0, let before = tally {
                tally = before + 1
            } else {
                let time = UInt64(bitPattern: header.occurredAt.nanoseconds)
                timed[[time ^ (1 << 63), header.position.rawValue]] = total
                tally = (tally ?? 0) + 1
            }
            if total % 11 == 0 { tally = nil }
            return .proceed
        }
        if let tally { timed[[UInt64(bitPattern: -1) ^ (1 << 63), 0]] = tally }
        let first = counts.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            .map { [UInt64($0.key.utf8.reduce(0) { $0 * 31 + Int($1) }), $0.value] }
        let second = timed.sorted { $0.key.lexicographicallyPrecedes($1.key) }
            .map { [$0.key[0] ^ (1 << 63), $0.key[1], $0.value] }
        return first + second
    }
}
