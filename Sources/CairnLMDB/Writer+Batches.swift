internal import CairnCore
internal import CairnJournal

// Batches, on the writer's thread.
extension Writer {
    /// How a batch ended for the first turns of those it was given.
    private enum BatchEnd {
        case committed(turnCount: Int)
        /// Nothing of it is in the journal, and the writer goes on.
        case refused(turnCount: Int, JournalError)
        /// The writer cannot go on.
        case broken(turnCount: Int, JournalError)
    }

    /// Runs turns that were taken together, and those that join them, in as few batches as hold them.
    func run(_ taken: [WaitingTurn]) {
        var rest = taken
        var doneCount = 0
        while !rest.isEmpty {
            // What is left over gets batches that nobody joins, so that this ends.
            switch runBatch(&rest, gathers: doneCount == 0) {
            case .committed(let count):
                for turn in rest.prefix(count) { turn.answer() }
                doneCount += count
                rest.removeFirst(count)
            case .refused(let count, let error):
                for turn in rest.prefix(count) { turn.fail(error) }
                doneCount += count
                rest.removeFirst(count)
            case .broken(let count, let error):
                // First the state, then the answers: who hears of it and asks again is refused.
                poison()
                for turn in rest.prefix(count) { turn.fail(error) }
                for turn in rest.dropFirst(count) { turn.fail(.poisoned) }
                return
            }
        }
        gatherCount = doneCount
    }

    /// Runs and commits one batch, starting again with a larger map where it did not fit.
    ///
    /// Adds the turns that have joined it.
    private func runBatch(_ turns: inout [WaitingTurn], gathers: Bool) -> BatchEnd {
        let sealedCount = tail.monitor.withLock { tail.all.count - 1 }
        if sealedCount > Self.sealedSegmentCountMax, let flushFailure {
            return .refused(turnCount: turns.count, flushFailure)
        }
        while true {
            do throws(JournalError) {
                do throws(JournalError) {
                    return try environment.latch.withShared { () throws(JournalError) in
                        try attemptBatch(&turns, gathers: gathers)
                    }
                } catch .mapMoved {
                    try environment.adoptMapSize()
                } catch .mapFull {
                    try environment.grow()
                }
            } catch {
                // Nothing of it was on its way to the disk yet.
                return Self.poisons(error)
                    ? .broken(turnCount: turns.count, error)
                    : .refused(turnCount: turns.count, error)
            }
        }
    }

    private func attemptBatch(
        _ turns: inout [WaitingTurn],
        gathers: Bool
    ) throws(JournalError) -> BatchEnd {
        let transaction = try Transaction(environment, isReadOnly: false)
        let head = try openTail(transaction)
        let batch = WriterBatch(
            transaction,
            head: head,
            tail: tail,
            view: tail.view(of: transaction, last: Position(rawValue: .max)),
            now: clock(),
            reusing: buffer
        )
        buffer = []
        defer { buffer = batch.takeBuffer() }
        let deadline = MonotonicInstant.now.adding(nanoseconds: Self.gatherNanosecondsMax)
        var count = 0
        var askedCount = 0
        while batch.byteCount < WriterBatch.byteCountTarget {
            if count == turns.count {
                if gathers { turns += gather(after: count, until: deadline) }
                guard count < turns.count else { break }
                batch.lookAtClock(clock())
            }
            if count == askedCount {
                askedCount = min(count + IndexView.askCountMax, turns.count)
                batch.ask(for: turns[count..<askedCount])
            }
            turns[count].run(in: batch)
            count += 1
        }
        // Turns that only read, or were refused, need no commit.
        guard batch.eventCount > 0 else { return .committed(turnCount: count) }
        guard !environment.isRemoved else {
            batch.unstage(to: 0)
            return .refused(turnCount: count, .notFound(path: environment.path))
        }
        var next: HeadRecord
        do {
            next = try batch.write()
            next.transactionID = transaction.id
            try transaction.putHead(next)
            fileExtension.extend(environment)
        } catch {
            batch.unstage(to: 0)
            throw error
        }
        let commitStart = MonotonicInstant.now
        tail.monitor.withLock { tail.beginCommit(after: head.lastPosition) }
        do throws(CommitFailure) {
            try commit(transaction, after: head, room: 2 * batch.byteCount + (1 << 20))
            tail.monitor.withLock { tail.endCommit() }
        } catch {
            // Others may have committed since the transaction ended, in the place of what this
            // batch staged: the tail begins anew.
            tail.monitor.withLock {
                tail.restart(indexedUpTo: head.indexedPosition)
                tail.endCommit()
            }
            guard error.isUndone else { return .broken(turnCount: count, .outcomeUnknown) }
            if case .mapFull = error.reason { throw error.reason }
            return Self.poisons(error.reason)
                ? .broken(turnCount: count, error.reason)
                : .refused(turnCount: count, error.reason)
        }
        onCommit(
            CommitFacts(
                turnCount: count,
                eventCount: batch.eventCount,
                byteCount: batch.byteCount,
                commitNanoseconds: commitStart.nanosecondsUntilNow
            )
        )
        return .committed(turnCount: count)
    }

    /// Why a commit did not succeed.
    struct CommitFailure: Error {
        let reason: JournalError
        /// Whether it is certain that nothing was committed.
        let isUndone: Bool
    }

    /// Commits, and tells a full disk from a broken one.
    ///
    /// LMDB calls it an input/output error when the disk takes only part of a write. That nothing
    /// was committed is certain only if the journal can be read and ends where it did: a failure
    /// in the meta page itself leaves LMDB refusing every transaction.
    func commit(
        _ transaction: Transaction,
        after head: HeadRecord,
        room byteCount: Int
    ) throws(CommitFailure) {
        do throws(JournalError) {
            try transaction.commit()
        } catch .mapFull(let byteCount) {
            // Said before anything is written.
            throw CommitFailure(reason: .mapFull(byteCount: byteCount), isUndone: true)
        } catch .outcomeUnknown {
            throw CommitFailure(reason: .outcomeUnknown, isUndone: false)
        } catch {
            let now = try? environment.read { view throws(JournalError) in try view.head() }
            guard now == head else { throw CommitFailure(reason: error, isUndone: false) }
            var reason = error
            if case .inputOutput = error,
                FileSystem.isFull(environment.path + "/data.mdb", growingBy: byteCount)
            {
                reason = .outOfSpace(path: environment.path)
            }
            throw CommitFailure(reason: reason, isUndone: true)
        }
    }

    /// Folds in what other processes appended, and makes room in the tail.
    private func openTail(_ transaction: Transaction) throws(JournalError) -> HeadRecord {
        let head = try transaction.head()
        try tail.monitor.withLock { () throws(JournalError) in
            tail.drop(indexedUpTo: head.indexedPosition)
            try tail.catchUp(transaction, head)
            if tail.active.eventCount >= tail.segmentEventCountMax { tail.seal() }
        }
        return head
    }
}
