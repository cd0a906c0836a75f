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
        let found: Rules.Value?? = try look(atEntryOf: key) { value in
            value
        } stored: { content throws(TruncatedBytes) in
            try entries.rules.readValue(content)
        }
        return found ?? nil
    }

    /// The values of many keys, in fewer steps than one by one.
    ///
    /// Keys in the order of their bytes are found fastest.
    ///
    /// - Parameters:
    ///   - keys: What the keys are written from, in any order.
    ///   - write: Writes a key's bytes.
    /// - Returns: One for each key, nil where there is no entry.
    /// - Throws: What `write` throws; ``EngineError/journal(_:)`` where the tables are damaged.
    /// - Complexity: A look into memory and one into the tables for each key, and memory for all
    ///   keys and values.
    @inlinable
    public func values<Source: RandomAccessCollection>(
        of keys: Source,
        _ write: (Source.Element, inout ByteWriter) throws(Failure) -> Void
    ) throws(Failure) -> [Rules.Value?] {
        var list = ProjectionKeyList(capacity: keys.count)
        for key in keys {
            try list.add { bytes throws(Failure) in try write(key, &bytes) }
        }
        var values = [Rules.Value?](repeating: nil, count: list.count)
        // What is at hand is newer than what is stored, which is asked for the others.
        var others: [Int]?
        if entries.keys.count > 0 {
            (list, others) = takeKnown(of: list, into: &values)
        }
        guard let stored else { return values }
        let rules = entries.rules
        var isUnreadable = false
        do throws(JournalError) {
            try stored.forEachValue(of: list) { place, content in
                do throws(TruncatedBytes) {
                    values[others?[place] ?? place] = try rules.readValue(content)
                } catch {
                    isUnreadable = true
                }
            }
        } catch {
            throw .journal(error)
        }
        if isUnreadable { throw .journal(ProjectionEntries<Rules>.unreadable) }
        return values
    }

    /// Sets the values that are at hand; the keys of the others, and their numbers in the list.
    @inlinable
    func takeKnown(
        of keys: ProjectionKeyList,
        into values: inout [Rules.Value?]
    ) -> (ProjectionKeyList, [Int]) {
        var others = ProjectionKeyList(capacity: keys.count)
        var indexes: [Int] = []
        let bytes = keys.bytes
        for index in 0..<keys.count {
            let key = bytes.span.bytes.extracting(keys.range(of: index))
            if let number = entries.keys.number(of: key) {
                values[index] = entries.values[number]
            } else {
                others.add { $0.raw(key) }
                indexes.append(index)
            }
        }
        return (others, indexes)
    }

    /// Looks at the value of a key where it stands, for queries that need a part of a large one.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - atHand: Looks at a value that is in memory.
    ///   - stored: Looks at the bytes of one that is not.
    /// - Returns: What they say; nil where there is no entry.
    /// - Throws: ``EngineError``; bytes that are found to be truncated are a damaged store's.
    @inlinable
    public func look<Answer>(
        at key: Rules.Key,
        atHand: (Rules.Value) -> Answer,
        stored: (RawSpan) throws(TruncatedBytes) -> Answer
    ) throws(Failure) -> Answer? {
        let found: Answer?? = try look(atEntryOf: key) { value in
            value.map(atHand)
        } stored: { content throws(TruncatedBytes) in
            try stored(content)
        }
        return found ?? nil
    }

    @inlinable
    func look<Answer>(
        atEntryOf key: Rules.Key,
        atHand: (Rules.Value?) -> Answer,
        stored look: (RawSpan) throws(TruncatedBytes) -> Answer
    ) throws(Failure) -> Answer? {
        scratch.bytes.removeAll()
        entries.rules.write(key, to: &scratch.bytes)
        let key = scratch.bytes.bytes
        if let number = entries.keys.number(of: key.span.bytes) {
            return atHand(entries.values[number])
        }
        guard let stored else { return nil }
        var answer: Answer?
        var isUnreadable = false
        do throws(JournalError) {
            _ = try stored.withValue(of: key.span.bytes) { content in
                do throws(TruncatedBytes) { answer = try look(content) } catch {
                    isUnreadable = true
                }
            }
        } catch {
            throw .journal(error)
        }
        if isUnreadable { throw .journal(ProjectionEntries<Rules>.unreadable) }
        return answer
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
    @inlinable
    public func forEach(
        inPrefix prefix: [UInt8] = [],
        from start: Rules.Key? = nil,
        _ direction: PageDirection = .forwards,
        _ body: (Rules.Key, Rules.Value) -> PageFlow
    ) throws(Failure) {
        let rules = entries.rules
        try forEach(inPrefix: prefix, from: start, direction) {
            name,
            value throws(TruncatedBytes) in
            body(try rules.readKey(name), value)
        } stored: { name, content throws(TruncatedBytes) in
            body(try rules.readKey(name), try rules.readValue(content))
        }
    }

    /// Goes through entries as ``forEach(inPrefix:from:_:_:)`` does and lends them as they stand,
    /// for queries that need a part of each.
    ///
    /// - Parameters:
    ///   - prefix: What the keys begin with; empty for all.
    ///   - start: The first key of interest; nil for the first, or going backwards the last.
    ///   - direction: Which way to go.
    ///   - atHand: Gets the key's bytes and the value of an entry that is in memory.
    ///   - look: Gets the bytes of one that is not.
    /// - Throws: ``EngineError``; bytes that are found to be truncated are a damaged store's.
    @inlinable
    public func forEach(
        inPrefix prefix: [UInt8],
        from start: Rules.Key?,
        _ direction: PageDirection,
        atHand: (RawSpan, Rules.Value) throws(TruncatedBytes) -> PageFlow,
        stored look: (RawSpan, RawSpan) throws(TruncatedBytes) -> PageFlow
    ) throws(Failure) {
        let start = start.map { entries.rules.bytes(of: $0) }
        var changed = entries.keys.walk(inPrefix: prefix, from: start, direction)
        var isStopped = false
        var isUnreadable = false
        let keys = entries.keys

        /// Gives the next changed entry; false if it stops the walk.
        func giveNext(_ number: Int) -> Bool {
            changed.advance()
            guard let value = entries.values[number] else { return true }
            do throws(TruncatedBytes) {
                let bytes = keys.key(number)
                if case .proceed = try atHand(bytes.span.bytes, value) { return true }
                isStopped = true
            } catch {
                isUnreadable = true
            }
            return false
        }

        do throws(JournalError) {
            try stored?.forEach(inPrefix: prefix, from: start, direction) { name, content in
                while let number = changed.peek {
                    let order = keys.order(of: number, and: name)
                    // The changed entry is the newer one, and says so itself.
                    if order == 0 { return .proceed }
                    guard direction == .forwards ? order < 0 : order > 0 else { break }
                    guard giveNext(number) else { return .stop }
                }
                do throws(TruncatedBytes) {
                    let flow = try look(name, content)
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
        while !isStopped, !isUnreadable, let number = changed.peek {
            guard giveNext(number) else { break }
        }
        if isUnreadable { throw .journal(ProjectionEntries<Rules>.unreadable) }
    }
}

/// Room to write keys into, used for one after another.
@usableFromInline
final class ViewScratch {
    @usableFromInline var bytes = ByteWriter(capacity: 64)

    @usableFromInline
    init() {}
}

/// What a query looks at.
public enum QueryKind: Sendable {
    /// Single keys only, which is the cheapest.
    case byKey
    /// Entries in the order of their keys, too.
    case inOrder
}
