internal import CairnCore
public import CairnJournal

/// A projection of one journal, caught up whenever it is asked.
///
/// What the store beside the journal has is gone on from; the events behind it are taken in, in
/// memory, before a query sees the tables. A process that may write stores what it made now and
/// then; one that reads only writes nothing and answers the same. A mark that is of other rules,
/// another journal or does not match its checksum is passed over (law 8).
///
/// Queries run one after another, and each must be short.
public actor LiveProjection<Rules: Projection> {
    public typealias Failure = EngineError<Never>

    /// Changed entries in memory with which what was made is stored.
    public static var changedCountMax: Int { 262_144 }
    /// Events beyond the stored tables with which a query stores what it made.
    public static var behindCountMax: UInt64 { 16_384 }
    /// Entries that were looked up or stored and are kept at hand.
    private static var keptCountMax: Int { changedCountMax }
    /// How often the store may fail a fold before it is done without.
    private static var mendCountMax: Int { 8 }
    /// How often catching up waits anew for another writer.
    private static var busyCountMax: Int { 5 }
    /// How often in a row others may begin the tables anew before a query gives up.
    private static var attemptCountMax: Int { 64 }

    public nonisolated let rules: Rules
    public nonisolated let table: ProjectionTable
    private let journal: any Journal
    /// Nil where nothing is stored, or what is stored is of no use.
    private var store: (any ProjectionStore)?
    private var fold: ProjectionFold<Rules>
    private let compiled: CompiledRules<Rules>
    /// A mark whose event was compared with the journal's.
    private var verified: ProjectionMark?
    /// The position from which storing is tried again after it has failed.
    private var nextStore = Position.zero
    private var isBusy = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// Looks at a journal; no event is read before the first question.
    @inlinable
    public init(_ rules: Rules, of journal: any Journal) {
        self.init(rules, of: journal, CompiledRules())
    }

    @usableFromInline
    init(_ rules: Rules, of journal: any Journal, _ compiled: CompiledRules<Rules>) {
        self.rules = rules
        self.journal = journal
        self.compiled = compiled
        table = rules.table
        store = journal.projectionStore
        fold = ProjectionFold(ProjectionEntries(rules, table, in: store))
    }

    /// Answers a query from the tables as they are after the journal's last event.
    ///
    /// - Parameters:
    ///   - kind: What the query needs.
    ///   - query: Looks at the tables; may run more than once.
    /// - Returns: What the query answers.
    /// - Throws: ``EngineError``, and what the query throws.
    /// - Complexity: What the query costs, and the taking in of the events that came since.
    public func read<Answer: Sendable>(
        _ kind: QueryKind = .inOrder,
        _ query: @Sendable (ProjectionView<Rules>) throws(Failure) -> Answer
    ) async throws(Failure) -> Answer {
        guard let answer = try await read(kind, isCancellable: false, query) else {
            throw .journal(.busy(path: "the tables of the projection \(table.name)"))
        }
        return answer
    }

    /// Answers a query as ``read(_:_:)`` does, unless the caller is cancelled meanwhile: for those
    /// to whom an answer is a help and no need.
    ///
    /// - Returns: What the query answers; nil where the caller was cancelled before all events were
    ///   taken in, of which none is lost, or where others began the tables anew all the time.
    /// - Throws: ``EngineError``, and what the query throws.
    public func readUnlessCancelled<Answer: Sendable>(
        _ kind: QueryKind = .inOrder,
        _ query: @Sendable (ProjectionView<Rules>) throws(Failure) -> Answer
    ) async throws(Failure) -> Answer? {
        try await read(kind, isCancellable: true, query)
    }

    private func read<Answer: Sendable>(
        _ kind: QueryKind,
        isCancellable: Bool,
        _ query: @Sendable (ProjectionView<Rules>) throws(Failure) -> Answer
    ) async throws(Failure) -> Answer? {
        await enter()
        defer { leave() }
        // Nothing came since the last question, as the answer's own view will tell.
        if try await isCaughtUp, let answer = try await answer(kind, query) { return answer }
        for _ in 0..<Self.attemptCountMax {
            guard try await takeAll(isCancellable: isCancellable) else { return nil }
            await storeIfBehind()
            if let answer = try await answer(kind, query) { return answer }
        }
        return nil
    }

    /// Takes in every event there is, and stores the tables if they are some number of events
    /// behind and can be stored.
    ///
    /// For the end of work that asked many queries, so that the next process begins with it. A
    /// caller that is cancelled does not wait for it.
    public func storeIfBehind(by count: UInt64) async {
        await enter()
        defer { leave() }
        do throws(Failure) {
            guard try await takeAll(isCancellable: true) else { return }
        } catch {
            return
        }
        let base = fold.entries.base?.position ?? .zero
        guard mayStore, fold.entries.position.rawValue - base.rawValue >= count else { return }
        await storeOrGoOn()
    }

    /// Takes in every event there is, and stores the tables.
    ///
    /// - Returns: How far they are, and their state in sum.
    /// - Throws: ``EngineError``; `JournalError.readOnly` where nothing can be stored.
    @discardableResult
    public func catchUp() async throws(Failure) -> ProjectionMark? {
        try await catchUp(isCancellable: false)
    }

    /// Takes in every event there is, and stores the tables, unless the caller is cancelled
    /// meanwhile: for those that bring tables up again and again.
    ///
    /// - Returns: As ``catchUp()`` does; nil as well where the caller was cancelled before all
    ///   events were taken in, of which none is lost.
    /// - Throws: As ``catchUp()`` does.
    @discardableResult
    public func catchUpUnlessCancelled() async throws(Failure) -> ProjectionMark? {
        try await catchUp(isCancellable: true)
    }

    private func catchUp(isCancellable: Bool) async throws(Failure) -> ProjectionMark? {
        await enter()
        defer { leave() }
        guard let store = journal.projectionStore, !store.isReadOnly else {
            throw .journal(.readOnly)
        }
        if self.store == nil {
            // What was made without it was never compared with what it has.
            self.store = store
            restart(from: nil)
        }
        var busyCount = 0
        for _ in 0..<Self.attemptCountMax {
            guard try await takeAll(isCancellable: isCancellable) else { return nil }
            do throws(JournalError) {
                if fold.entries.position == .zero { return nil }
                if let base = fold.entries.base, base.position == fold.entries.position {
                    return base
                }
                if let mark = try await storeChanges() { return mark }
            } catch .busy where busyCount < Self.busyCountMax {
                // Another writer is at it; what it makes is gone on from.
                busyCount += 1
            } catch {
                throw .journal(error)
            }
        }
        throw .journal(.busy(path: "the tables of the projection \(table.name)"))
    }

    /// Forgets the tables, here and in the store.
    ///
    /// - Throws: ``EngineError``.
    public func reset() async throws(Failure) {
        await enter()
        defer { leave() }
        do throws(JournalError) {
            if let store = journal.projectionStore, !store.isReadOnly {
                try await store.remove(table)
            }
        } catch {
            throw .journal(error)
        }
        restart(from: nil)
    }

    // MARK: one after another

    private func enter() async {
        guard isBusy else {
            isBusy = true
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    private func leave() {
        if waiting.isEmpty { isBusy = false } else { waiting.removeFirst().resume() }
    }

    // MARK: taking in

    private var isCaughtUp: Bool {
        get async throws(Failure) {
            guard fold.entries.position > .zero else { return false }
            do throws(JournalError) {
                return try await journal.head().lastPosition == fold.entries.position
            } catch {
                throw .journal(error)
            }
        }
    }

    /// - Returns: Whether all events are in; false where the caller was cancelled and may be.
    private func takeAll(isCancellable: Bool) async throws(Failure) -> Bool {
        let head: Position
        do throws(JournalError) { head = try await journal.head().lastPosition } catch {
            throw .journal(error)
        }
        try await goOnFromStore(head)
        var mendCount = 0
        while fold.entries.position < head {
            if isCancellable, Task.isCancelled { return false }
            // A page may only have found a stream's name; the next one goes on.
            var taken = ProjectionFold(ProjectionEntries(rules, table, in: nil))
            swap(&taken, &fold)
            let result: Result<Void, Failure>
            do throws(Failure) {
                try await compiled.takePage(&taken, journal, head)
                result = .success(())
            } catch {
                result = .failure(error)
            }
            swap(&taken, &fold)
            if let failure = fold.entries.failure {
                // What was taken in without the value that was there is of no worth.
                restart(from: nil)
                mendCount += 1
                if mendCount > Self.mendCountMax { store = nil }
                try await mend(failure)
                try await goOnFromStore(head)
                continue
            }
            try result.get()
            if fold.entries.changedCount >= Self.changedCountMax, mayStore {
                await storeOrGoOn()
            } else if fold.entries.unchangedCount >= Self.keptCountMax {
                compiled.forgetUnchanged(&fold)
            }
        }
        return true
    }

    /// Takes over what the store has, where that is further or other than what is known here.
    private func goOnFromStore(_ head: Position) async throws(Failure) {
        if fold.entries.position > head { restart(from: nil) }
        do throws(JournalError) {
            guard let mark = try await storedMark() else {
                if !fold.entries.fits(nil) { restart(from: nil) }
                return
            }
            if verified != mark {
                // The journal may have gone on since its head was read, and the mark with it.
                guard try await journal.eventDigest(at: mark.position) == mark.eventDigest else {
                    return try await discardStored()
                }
                verified = mark
            }
            if fold.entries.fits(mark) {
                if fold.entries.base != nil { fold.entries.base = mark }
            } else {
                restart(from: mark)
            }
        } catch {
            throw .journal(error)
        }
    }

    private func storedMark() async throws(JournalError) -> ProjectionMark? {
        guard let store else { return nil }
        let table = table
        do throws(JournalError) {
            return try store.read(table) { stored throws(JournalError) in stored.mark }
        } catch {
            try await mendStore(error)
            return nil
        }
    }

    private func restart(from mark: ProjectionMark?) {
        fold.entries = ProjectionEntries(rules, table, in: store)
        fold.entries.restart(from: mark)
        if mark == nil { nextStore = .zero }
    }

    private func mend(_ failure: ProjectionEntries<Rules>.Failure) async throws(Failure) {
        switch failure {
        case .outrun: restart(from: nil)
        case .store(let error):
            do throws(JournalError) { try await mendStore(error) } catch { throw .journal(error) }
        }
    }

    private func mendStore(_ error: JournalError) async throws(JournalError) {
        switch error {
        case .closed, .otherProcess, .readersFull, .busy: throw error
        default: try await discardStored()
        }
    }

    /// Does without what is stored, and removes it where that is allowed.
    private func discardStored() async throws(JournalError) {
        if let store, !store.isReadOnly {
            do throws(JournalError) { try await store.remove(table) } catch { self.store = nil }
        } else {
            store = nil
        }
        restart(from: nil)
    }

    // MARK: storing

    private var mayStore: Bool {
        guard let store, !store.isReadOnly else { return false }
        return fold.entries.position >= nextStore
    }

    private func storeIfBehind() async {
        let base = fold.entries.base?.position ?? .zero
        guard mayStore, fold.entries.position.rawValue - base.rawValue >= Self.behindCountMax
        else { return }
        await storeOrGoOn()
    }

    /// Stores; what cannot be stored now stays in memory, and is tried again later.
    private func storeOrGoOn() async {
        do throws(JournalError) { _ = try await storeChanges() } catch {
            let (next, overflow) = fold.entries.position.rawValue
                .addingReportingOverflow(UInt64(Self.changedCountMax))
            nextStore = Position(rawValue: overflow ? .max : next)
        }
    }

    /// - Returns: The new mark; nil if others were faster, whose tables are gone on from.
    private func storeChanges() async throws(JournalError) -> ProjectionMark? {
        guard let store else { return nil }
        let mark = try await storedMark()
        guard fold.entries.fits(mark),
            let digest = try await journal.eventDigest(at: fold.entries.position)
        else { return nil }
        let changes = compiled.writeChanges(&fold, digest)
        let new = try await store.write(changes, to: table, expecting: mark)
        if let new {
            verified = new
            fold.entries.goOn(from: new, keepingAtMost: Self.keptCountMax)
        }
        return new
    }

    // MARK: answering

    private func answer<Answer: Sendable>(
        _ kind: QueryKind,
        _ query: (ProjectionView<Rules>) throws(Failure) -> Answer
    ) async throws(Failure) -> Answer? {
        if case .inOrder = kind { fold.entries.keys.sort() }
        let entries = fold.entries
        guard entries.base != nil else { return try query(ProjectionView(entries, nil)) }
        guard let store else {
            restart(from: nil)
            return nil
        }
        var result: Result<Answer, Failure>?
        do throws(JournalError) {
            try store.read(table) { stored throws(JournalError) in
                guard entries.fits(stored.mark) else { return }
                do throws(Failure) {
                    result = .success(try query(ProjectionView(entries, stored)))
                } catch {
                    result = .failure(error)
                }
            }
            // All that a view reads of a journal is what the store has.
            if case .failure(.journal(let error)) = result { throw error }
        } catch {
            do throws(JournalError) { try await mendStore(error) } catch { throw .journal(error) }
            return nil
        }
        return try result?.get()
    }
}
