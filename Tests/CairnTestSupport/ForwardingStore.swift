public import CairnJournal

/// A store of tables that hands everything on to another one; who conforms says what it does
/// otherwise.
public protocol ForwardingStore: ProjectionStore {
    /// Who answers.
    var base: any ProjectionStore { get }
}

extension ForwardingStore {
    public var isReadOnly: Bool { base.isReadOnly }

    public func read<Value>(
        _ table: ProjectionTable,
        _ body: (any StoredProjection) throws(JournalError) -> Value
    ) throws(JournalError) -> Value {
        try base.read(table, body)
    }

    public func write(
        _ changes: ProjectionChanges,
        to table: ProjectionTable,
        expecting expected: ProjectionMark?
    ) async throws(JournalError) -> ProjectionMark? {
        try await base.write(changes, to: table, expecting: expected)
    }

    public func remove(_ table: ProjectionTable) async throws(JournalError) {
        try await base.remove(table)
    }

    public func tables() throws(JournalError) -> [(table: ProjectionTable, mark: ProjectionMark)] {
        try base.tables()
    }
}

/// A view of tables that hands everything on to another one; who conforms says what it does
/// otherwise.
///
/// Values of many keys are asked for one by one, so that each passes through `withValue(of:_:)`.
public protocol ForwardingProjection: StoredProjection {
    /// Who answers.
    var base: any StoredProjection { get }
}

extension ForwardingProjection {
    public var mark: ProjectionMark? { base.mark }

    public func withValue(
        of key: RawSpan,
        _ body: (RawSpan) -> Void
    ) throws(JournalError) -> Bool {
        try base.withValue(of: key, body)
    }

    public func forEach(
        inPrefix prefix: [UInt8],
        from start: [UInt8]?,
        _ direction: PageDirection,
        _ body: (_ key: RawSpan, _ value: RawSpan) -> PageFlow
    ) throws(JournalError) {
        try base.forEach(inPrefix: prefix, from: start, direction, body)
    }
}

/// A journal whose tables are kept in a certain store.
public final class StoredJournal: ForwardingJournal {
    public let base: any Journal
    public let projectionStore: (any ProjectionStore)?

    public init(_ base: any Journal, _ store: any ProjectionStore) {
        self.base = base
        projectionStore = store
    }
}
