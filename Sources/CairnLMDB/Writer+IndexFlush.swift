internal import CairnCore
internal import CairnJournal

// The index flush, on the writer's thread between batches.
extension Writer {
    /// Writes a slice of the oldest sealed segment; more if the flush is behind.
    func flushSome() {
        guard !hasFailed, sealForRequests() else { return }
        let deadline = MonotonicInstant.now.adding(nanoseconds: Self.flushNanosecondsMax)
        while let oldest = oldestSealed() {
            if flush?.segment !== oldest { flush = IndexFlush(oldest) }
            guard writeSlice() else { return }
            answerFlushRequests()
            let (sealedCount, isFull) = tail.monitor.withLock {
                (tail.all.count - 1, tail.active.eventCount >= tail.segmentEventCountMax)
            }
            let isBehind = sealedCount > 1 || (sealedCount > 0 && isFull)
            let mustGoOn = sealedCount > Self.sealedSegmentCountMax
            guard mustGoOn || (isBehind && MonotonicInstant.now < deadline) else { return }
        }
        flush = nil
        answerFlushRequests()
        guard !sealedRequests.isEmpty else { return }
        // A failed commit has begun the tail anew: what they wait for has to be sealed again.
        let lost = sealedRequests.map(\.request)
        sealedRequests = []
        monitor.withLock { flushRequests += lost }
    }

    /// Everything that the tail has, at the end of the writer.
    func flushAll() {
        guard !hasFailed, sealForRequests(always: true) else { return }
        while let oldest = oldestSealed() {
            if flush?.segment !== oldest { flush = IndexFlush(oldest) }
            guard writeSlice() else { return }
        }
        flush = nil
        answerFlushRequests()
    }

    private func oldestSealed() -> TailSegment? {
        tail.monitor.withLock { tail.all.count > 1 ? tail.all[0] : nil }
    }

    /// Takes new requests in: what they mean is everything up to now.
    ///
    /// - Returns: False if the journal could not be read.
    private func sealForRequests(always: Bool = false) -> Bool {
        let requests = monitor.withLock {
            defer { flushRequests = [] }
            return flushRequests
        }
        guard always || !requests.isEmpty else { return true }
        do throws(JournalError) {
            let target = try environment.read { view throws(JournalError) in
                let head = try view.head()
                try tail.monitor.withLock { () throws(JournalError) in
                    tail.drop(indexedUpTo: head.indexedPosition)
                    try tail.catchUp(view, head)
                    if tail.active.eventCount > 0 { tail.seal() }
                }
                return head.lastPosition
            }
            sealedRequests += requests.map { (target, $0) }
            return true
        } catch {
            for request in requests + sealedRequests.map(\.request) { request.answer(error) }
            sealedRequests = []
            return false
        }
    }

    /// Writes the next slice of the flush in work.
    ///
    /// - Returns: Whether it was written. If not, the journal is whole without it, the tail keeps
    ///   the entries, and who asked for a flush has been told.
    private func writeSlice() -> Bool {
        do {
            try attemptSlice()
            flushFailure = nil
            return true
        } catch {
            flushFailure = error
            flush = nil
            let requests = sealedRequests
            sealedRequests = []
            if Self.poisons(error) { poison() }
            for (_, request) in requests { request.answer(error) }
            return false
        }
    }

    private func attemptSlice() throws(JournalError) {
        while let flush {
            do throws(JournalError) {
                let isDone = try environment.latch.withShared { () throws(JournalError) in
                    try attemptSlice(flush)
                }
                if isDone { self.flush = nil }
                return
            } catch .mapMoved {
                try environment.adoptMapSize()
            } catch .mapFull {
                try environment.grow()
            }
            // What the slice took out of the flush was rolled back: the segment is begun again,
            // and what is in the tables already is written once more.
            self.flush = IndexFlush(flush.segment)
        }
    }

    private func attemptSlice(_ flush: IndexFlush) throws(JournalError) -> Bool {
        let transaction = try Transaction(environment, isReadOnly: false)
        let before = try transaction.head()
        var head = before
        var isDone = head.indexedPosition >= flush.segment.last
        if !isDone {
            isDone = try flush.writeSlice(transaction)
            if isDone { head.indexedPosition = flush.segment.last }
            head.transactionID = transaction.id
            try transaction.putHead(head)
            do throws(CommitFailure) {
                try commit(transaction, after: before, room: Self.sliceByteCountMax)
            } catch {
                throw error.isUndone ? error.reason : .outcomeUnknown
            }
        }
        tail.monitor.withLock { tail.drop(indexedUpTo: head.indexedPosition) }
        return isDone
    }

    private func answerFlushRequests() {
        guard !sealedRequests.isEmpty else { return }
        let indexed = tail.monitor.withLock { tail.all[0].base }
        for (target, request) in sealedRequests where target <= indexed {
            request.answer(nil)
        }
        sealedRequests.removeAll { $0.target <= indexed }
    }
}
