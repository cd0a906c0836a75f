public import CairnCore
public import CairnJournal

/// A projection's tables while events are taken in: what is stored, and what has changed since.
///
/// Keys are told apart by the bytes that the rules write for them, here as in the store.
public struct ProjectionEntries<Rules: Projection>: Sendable {
    @usableFromInline let rules: Rules
    @usableFromInline let table: ProjectionTable
    @usableFromInline let store: (any ProjectionStore)?
    /// What is stored, and the changes go on from; nil for nothing.
    @usableFromInline var base: ProjectionMark?
    /// The last event that is in the changes.
    @usableFromInline var position: Position
    @usableFromInline var keys = EntryKeys()
    /// The value of each key at hand; nil where there is no entry.
    @usableFromInline var values: [Rules.Value?] = []
    /// Room for one key after another.
    @usableFromInline var scratch = ByteWriter(capacity: 64)
    /// Why a stored value could not be looked up: what was taken in since is of no worth.
    @usableFromInline var failure: Failure?

    var changedCount: Int { keys.changedCount }
    var unchangedCount: Int { keys.count - keys.changedCount }

    @usableFromInline
    enum Failure: Error, Sendable {
        /// Another process has begun the tables anew.
        case outrun
        case store(JournalError)
    }

    @usableFromInline
    init(_ rules: Rules, _ table: ProjectionTable, in store: (any ProjectionStore)?) {
        self.rules = rules
        self.table = table
        self.store = store
        position = .zero
    }

    /// Forgets everything, and goes on from what is stored.
    @usableFromInline
    mutating func restart(from mark: ProjectionMark?) {
        base = mark
        position = mark?.position ?? .zero
        failure = nil
        keys = EntryKeys()
        values = []
    }

    /// Forgets what was only looked up.
    @inlinable
    mutating func forgetUnchanged() {
        var (oldKeys, oldValues) = (EntryKeys(), [Rules.Value?]())
        swap(&keys, &oldKeys)
        swap(&values, &oldValues)
        for number in 0..<oldKeys.count where oldKeys.isChanged(number) {
            keys.noteChange(of: keys.take(oldKeys.key(number)).number)
            values.append(oldValues[number])
        }
    }

    /// Goes on after the changes were stored: they stay at hand, unless they are many.
    mutating func goOn(from mark: ProjectionMark, keepingAtMost countMax: Int) {
        guard keys.count <= countMax else { return restart(from: mark) }
        base = mark
        keys.forgetChanges()
    }

    /// Whether the changes hold on top of tables with a mark: each changed key has its value of
    /// ``position``, so tables that went on, but no further, are as good as the ones before.
    @inlinable
    func fits(_ mark: ProjectionMark?) -> Bool {
        guard let base else { return mark == nil || mark.map { $0.position <= position } ?? true }
        guard let mark else { return false }
        return mark.position >= base.position && mark.position <= position
    }

    /// The value of a key; nil where there is no entry.
    @inlinable
    public mutating func value(of key: Rules.Key) -> Rules.Value? {
        write(key)
        guard base != nil else {
            return keys.number(of: scratch.bytes.span.bytes).flatMap { values[$0] }
        }
        let number = number(loading: true)
        return values[number]
    }

    /// Changes the value of a key in place; nil removes the entry, or is what there is not yet.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - first: The first event that may be in the entry: it is not looked for in tables that end
    ///     before. The first of all where the rules cannot tell.
    ///   - change: Changes the value.
    @inlinable
    public mutating func update(
        _ key: Rules.Key,
        since first: Position = .first,
        _ change: (inout Rules.Value?) -> Void
    ) {
        write(key)
        let number = number(loading: base.map { $0.position >= first } ?? false)
        keys.noteChange(of: number)
        change(&values[number])
    }

    /// Puts an entry in, or one in its place.
    @inlinable
    public mutating func set(_ value: Rules.Value?, for key: Rules.Key) {
        write(key)
        let number = number(loading: false)
        keys.noteChange(of: number)
        values[number] = value
    }

    @inlinable
    mutating func write(_ key: Rules.Key) {
        scratch.removeAll()
        rules.write(key, to: &scratch)
    }

    /// The number of the key that was written.
    @inlinable
    mutating func number(loading: Bool) -> Int {
        let (number, isNew) = keys.take(scratch.bytes)
        if isNew { values.append(loading ? load(scratch.bytes) : nil) }
        return number
    }

    /// Looks a stored value up.
    @usableFromInline
    mutating func load(_ key: [UInt8]) -> Rules.Value? {
        guard let store, failure == nil else { return nil }
        var value: Rules.Value?
        var isUnreadable = false
        var isOutrun = false
        do throws(JournalError) {
            try store.read(table) { stored throws(JournalError) in
                guard fits(stored.mark) else {
                    isOutrun = true
                    return
                }
                _ = try stored.withValue(of: key.span.bytes) { content in
                    do throws(TruncatedBytes) { value = try rules.readValue(content) } catch {
                        isUnreadable = true
                    }
                }
            }
        } catch {
            failure = .store(error)
        }
        if isOutrun { failure = .outrun }
        if isUnreadable { failure = .store(Self.unreadable) }
        return value
    }

    @usableFromInline
    static var unreadable: JournalError {
        .damaged(path: "the projection's tables", reason: "an entry cannot be read")
    }

    /// What has changed since the tables' mark, as it is stored.
    @inlinable
    mutating func changes(_ eventDigest: ContentDigest) -> ProjectionChanges {
        keys.sort()
        var changes = ProjectionChanges(position: position, eventDigest: eventDigest)
        var content = ByteWriter(capacity: 256)
        for sorted in keys.sorted {
            let number = Int(sorted)
            content.removeAll()
            if let value = values[number] {
                rules.write(value, to: &content)
                changes.put(keys.key(number), content.bytes)
            } else {
                changes.remove(keys.key(number))
            }
        }
        return changes
    }
}
