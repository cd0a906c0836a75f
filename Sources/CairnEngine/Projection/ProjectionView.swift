public import CairnCore
public import CairnJournal

/// A projection's tables as they are after one event, for the length of a query.
///
/// Not to be kept beyond the closure that it is lent to.
public struct ProjectionView<Rules: Projection> {
    public typealias Failure = EngineError<Never>

    /// The last event that is in the tables.
    public let position: Position
    @usableFromInline let entries: ProjectionEntries<Rules>
    /// Nil where nothing is stored.
    @usableFromInline let stored: (any StoredProjection)?
    @usableFromInline let scratch = ViewScratch()

    @usableFromInline
    init(_ entries: ProjectionEntries<Rules>, _ stored: (any StoredProjection)?) {
        position = entries.position
        self.entries = entries
        self.stored = stored
    }

    public var rules: Rules { entries.rules }

    /// The value of a key; nil where there is no entry.
    ///
    /// - Complexity: A look into memory, and one into the store's tree; keys asked for in order
    ///   are found fastest.
    @inlinable
    public func value(of key: Rules.Key) throws(Failure) -> Rules.Value? {
        if let slot = entries.slots[key] { return slot.value }
        guard let stored else { return nil }
        scratch.bytes.removeAll()
        entries.rules.write(key, to: &scratch.bytes)
        return try value(at: scratch.bytes.bytes, in: stored)
    }

    /// The value of a key whose bytes are at hand, for callers to whom making the key is dear.
    ///
    /// - Parameters:
    ///   - write: Writes the key's bytes.
    ///   - key: Makes the key, to look among the changes that are not stored yet.
    /// - Returns: The value; nil where there is no entry.
    /// - Throws: ``EngineError``.
    @inlinable
    public func value(
        _ write: (inout ByteWriter) -> Void,
        orChanged key: () throws(Failure) -> Rules.Key
    ) throws(Failure) -> Rules.Value? {
        scratch.bytes.removeAll()
        write(&scratch.bytes)
        let bytes = scratch.bytes.bytes
        if entries.order.mayHold(bytes.span.bytes), let slot = entries.slots[try key()] {
            return slot.value
        }
        guard let stored else { return nil }
        return try value(at: bytes, in: stored)
    }

    @inlinable
    func value(
        at key: [UInt8],
        in stored: any StoredProjection
    ) throws(Failure) -> Rules.Value? {
        var value: Rules.Value?
        var isUnreadable = false
        do throws(JournalError) {
            _ = try stored.withValue(of: key.span.bytes) { content in
                do throws(TruncatedBytes) { value = try entries.rules.readValue(content) } catch {
                    isUnreadable = true
                }
            }
        } catch {
            throw .journal(error)
        }
        if isUnreadable { throw .journal(ProjectionEntries<Rules>.unreadable) }
        return value
    }

    /// Goes through the entries whose keys' bytes begin with a prefix, in order.
    ///
    /// Only in a query that was asked with ``QueryKind/inOrder``, as all are unless they say
    /// otherwise.
    ///
    /// - Parameters:
    ///   - prefix: What the keys begin with; empty for all.
    ///   - start: The first key of interest; nil for the first, or going backwards the last.
    ///   - direction: Which way to go.
    ///   - body: Gets each entry, and says whether to go on.
    /// - Throws: ``EngineError``.
    public func forEach(
        inPrefix prefix: [UInt8] = [],
        from start: Rules.Key? = nil,
        _ direction: PageDirection = .forwards,
        _ body: (Rules.Key, Rules.Value) -> PageFlow
    ) throws(Failure) {
        let start = start.map { entries.rules.bytes(of: $0) }
        var changed = changedKeys(inPrefix: prefix, from: start, direction)
        var isStopped = false
        var isUnreadable = false

        /// Gives the changed entries that come before a key, or all; false if one stops it.
        func giveChanged(before bytes: [UInt8]?) -> Bool {
            while let next = changed.peek {
                if let bytes, !Self.comes(next.bytes, before: bytes, direction) { return true }
                changed.advance()
                guard let value = entries.slots[next.key]?.value else { continue }
                if case .stop = body(next.key, value) {
                    isStopped = true
                    return false
                }
            }
            return true
        }

        do throws(JournalError) {
            try stored?.forEach(inPrefix: prefix, from: start, direction) { name, content in
                let bytes = name.array()
                guard giveChanged(before: bytes) else { return .stop }
                // The changed entry is the newer one, and says so itself.
                if changed.peek?.bytes == bytes { return .proceed }
                do throws(TruncatedBytes) {
                    let key = try entries.rules.readKey(name)
                    let flow = body(key, try entries.rules.readValue(content))
                    if case .stop = flow { isStopped = true }
                    return flow
                } catch {
                    isUnreadable = true
                    return .stop
                }
            }
        } catch {
            throw .journal(error)
        }
        if isUnreadable { throw .journal(ProjectionEntries<Rules>.unreadable) }
        if !isStopped { _ = giveChanged(before: nil) }
    }

    private static func comes(
        _ left: [UInt8],
        before right: [UInt8],
        _ direction: PageDirection
    ) -> Bool {
        direction == .forwards
            ? left.lexicographicallyPrecedes(right) : right.lexicographicallyPrecedes(left)
    }

    private func changedKeys(
        inPrefix prefix: [UInt8],
        from start: [UInt8]?,
        _ direction: PageDirection
    ) -> ChangedWalk<Rules.Key> {
        let order = entries.order
        let first = order.firstIndex(notBefore: prefix)
        var end = first
        // The end of the prefix: beyond every key that begins with it.
        var high = order.sorted.count
        var low = first
        while low < high {
            let middle = (low + high) / 2
            if order.sorted[middle].bytes.starts(with: prefix) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        end = low
        switch direction {
        case .forwards:
            let from = start.map { max(order.firstIndex(notBefore: $0), first) } ?? first
            return ChangedWalk(order.sorted, from: from, until: max(end, from), step: 1)
        case .backwards:
            var last = end - 1
            if let start {
                var index = order.firstIndex(notBefore: start)
                if index < order.sorted.count, order.sorted[index].bytes != start { index -= 1 }
                last = min(last, index)
            }
            return ChangedWalk(order.sorted, from: last, until: first - 1, step: -1)
        }
    }
}

/// Room to write keys into, used for one after another.
@usableFromInline
final class ViewScratch {
    @usableFromInline var bytes = ByteWriter(capacity: 64)

    @usableFromInline
    init() {}
}

/// A walk along changed keys, one way or the other.
private struct ChangedWalk<Key: Hashable & Sendable> {
    private let keys: [ChangedKeys<Key>.Entry]
    private var index: Int
    private let end: Int
    private let step: Int

    init(_ keys: [ChangedKeys<Key>.Entry], from start: Int, until end: Int, step: Int) {
        self.keys = keys
        index = start
        self.end = end
        self.step = step
    }

    var peek: ChangedKeys<Key>.Entry? {
        guard step > 0 ? index < end : index > end else { return nil }
        return keys[index]
    }

    mutating func advance() { index += step }
}
