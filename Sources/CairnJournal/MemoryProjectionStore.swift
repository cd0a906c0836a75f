internal import CairnCore
internal import Synchronization

/// Projections' tables in memory: the reference that says what every other store must answer.
///
/// Made to be obviously right, not fast. Nothing survives the process.
public final class MemoryProjectionStore: ProjectionStore {
    private typealias Kept = [ProjectionTable: MemoryProjection]

    private let kept = Mutex<Kept>([:])

    /// Starts empty.
    public init() {}

    public var isReadOnly: Bool { false }

    public func read<Value>(
        _ table: ProjectionTable,
        _ body: (any StoredProjection) throws(JournalError) -> Value
    ) throws(JournalError) -> Value {
        try body(kept.withLock { $0[table] } ?? MemoryProjection(mark: nil, entries: [:]))
    }

    public func write(
        _ changes: ProjectionChanges,
        to table: ProjectionTable,
        expecting expected: ProjectionMark?
    ) async throws(JournalError) -> ProjectionMark? {
        kept.withLock { kept in
            let old = kept[table]
            guard old?.mark == expected else { return nil }
            var entries = old?.entries ?? [:]
            changes.forEach { key, value, isRemoved in
                entries[key.array()] = isRemoved ? nil : value.array()
            }
            var stateHash: UInt64 = 0
            for (key, value) in entries {
                stateHash &+= EntryHash.of(key: key.span.bytes, value: value.span.bytes)
            }
            let mark = ProjectionMark(
                position: changes.position,
                eventDigest: changes.eventDigest,
                entryCount: UInt64(entries.count),
                stateHash: stateHash
            )
            kept[table] = MemoryProjection(mark: mark, entries: entries)
            return mark
        }
    }

    public func remove(_ table: ProjectionTable) async throws(JournalError) {
        kept.withLock { $0[table] = nil }
    }

    public func tables() throws(JournalError) -> [(table: ProjectionTable, mark: ProjectionMark)] {
        kept.withLock { kept in
            kept.compactMap { table, projection in projection.mark.map { (table, $0) } }
                .sorted { $0.table.precedes($1.table) }
        }
    }
}

/// What is kept of one projection; never changed once it is there.
private final class MemoryProjection: StoredProjection, Sendable {
    let mark: ProjectionMark?
    let entries: [[UInt8]: [UInt8]]

    init(mark: ProjectionMark?, entries: [[UInt8]: [UInt8]]) {
        self.mark = mark
        self.entries = entries
    }

    func withValue(
        of key: RawSpan,
        _ body: (RawSpan) -> Void
    ) throws(JournalError) -> Bool {
        guard let value = entries[key.array()] else { return false }
        body(value.span.bytes)
        return true
    }

    func forEach(
        inPrefix prefix: [UInt8],
        from start: [UInt8]?,
        _ direction: PageDirection,
        _ body: (_ key: RawSpan, _ value: RawSpan) -> PageFlow
    ) throws(JournalError) {
        let isForwards = direction == .forwards
        var keys = entries.keys.filter { key in
            guard key.starts(with: prefix), let start else { return key.starts(with: prefix) }
            return isForwards
                ? !key.lexicographicallyPrecedes(start) : !start.lexicographicallyPrecedes(key)
        }
        keys.sort { $0.lexicographicallyPrecedes($1) == isForwards && $0 != $1 }
        for key in keys {
            guard let value = entries[key] else { continue }
            if case .stop = body(key.span.bytes, value.span.bytes) { return }
        }
    }
}

extension ProjectionTable {
    /// By name, and of one name by fingerprint.
    package func precedes(_ other: ProjectionTable) -> Bool {
        name == other.name
            ? fingerprint.bytes.lexicographicallyPrecedes(other.fingerprint.bytes)
            : name.utf8.lexicographicallyPrecedes(other.name.utf8)
    }
}
