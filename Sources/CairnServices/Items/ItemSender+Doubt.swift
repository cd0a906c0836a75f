internal import CairnCore
internal import CairnDomains
internal import CairnEngine
internal import CairnJournal
internal import Logging

extension ItemSender {
    /// Goes on with an attempt: at once with its steps, and with a repeat after a wait that grows,
    /// so that a provider that is down is not called at full speed.
    func goOn(
        _ cause: ItemBeginning.Cause,
        _ folded: Folded<ItemState>,
        in stream: StreamID,
        _ send: @escaping Send
    ) async throws(Failure) -> Answer {
        if cause == .dedup {
            let waited = timeInDoubt(folded, in: stream)
            let sendCount = folded.state.current?.resendCount ?? 0
            let wait = sendCount == 0 ? .zero : policy.attempts.retry.delay(afterAttempt: sendCount)
            if waited < wait {
                return .ended(.waiting(folded.state.verdict(), after: wait.less(waited)))
            }
        }
        return try await resume(cause, folded, in: stream, send)
    }

    /// Waits for a report of the provider: that nothing was reported sends nothing, so either
    /// clock may end the wait.
    func awaitReport(
        _ doubt: ItemDoubt,
        since: Timestamp,
        until: Timestamp,
        _ folded: Folded<ItemState>,
        in stream: StreamID
    ) -> Move {
        let age = max(timeInDoubt(folded, in: stream), elapsed(since: since))
        let rest = until.since(since).less(age)
        guard rest > .zero else { return .parked(doubt, since: since) }
        return .waiting(folded.state.verdict(), after: min(rest, Self.lookInterval))
    }

    /// Looks a doubt up at the provider, as soon as nothing is under way any more.
    func lookUp(
        _ doubt: ItemDoubt,
        since: Timestamp,
        _ folded: Folded<ItemState>,
        in stream: StreamID,
        _ send: @escaping Send
    ) async throws(Failure) -> Answer {
        guard case .ask(let settle, let question) = policy.doubt else {
            return .ended(.parked(doubt, since: since))
        }
        let waited = timeInDoubt(folded, in: stream)
        // A closure that ran out of its time may be at work still: then it is too early.
        if try await mayAnotherArrive(folded.state, stream, besides: 0) {
            worker.noteUnderWay(doubtOf: stream)
            guard waited.less(settle) < policy.timeout else {
                return .ended(.parked(doubt, since: since))
            }
            return .ended(.waiting(folded.state.verdict(), after: Self.lookInterval))
        }
        // What may still have to arrive has its time from when nothing was under way any more.
        let quiet = worker.quietTime(ofDoubt: stream, at: clock.boot())
        if quiet < settle {
            return .ended(.waiting(folded.state.verdict(), after: settle.less(quiet)))
        }
        return try await ask(question, doubt, since: since, folded, in: stream, send)
    }

    /// How long this worker has known of a doubt: on the boot clock, because the wall clock may be
    /// set.
    private func timeInDoubt(_ folded: Folded<ItemState>, in stream: StreamID) -> TimeSpan {
        worker.timeSince(doubtOf: stream, under: folded.fence, at: clock.boot())
    }

    /// Whether another send under the attempt's key may still arrive, so that what one of them is
    /// told is not true of them all.
    ///
    /// - Parameters:
    ///   - state: The item as the asking send has it.
    ///   - stream: Its stream.
    ///   - ownCount: The sends of this worker that are the asking one: one, or none before it
    ///     begins.
    /// - Returns: Whether there may be one.
    /// - Throws: `EngineError`.
    func mayAnotherArrive(
        _ state: ItemState,
        _ stream: StreamID,
        besides ownCount: Int
    ) async throws(Failure) -> Bool {
        for laggard in state.current?.laggards ?? [] {
            if laggard == worker.number {
                if worker.closureCount(of: stream) > ownCount { return true }
            } else if try await isSending(laggard, stream) {
                return true
            }
        }
        return false
    }

    private func ask(
        _ question: @escaping @Sendable (DoubtfulAttempt) async throws -> DoubtAnswer,
        _ doubt: ItemDoubt,
        since: Timestamp,
        _ folded: Folded<ItemState>,
        in stream: StreamID,
        _ send: @escaping Send
    ) async throws(Failure) -> Answer {
        let key = folded.state.name
        let number = folded.state.current?.number ?? 0
        let attempt = DoubtfulAttempt(
            key: key,
            providerKey: ItemAttempt.providerKey(key, attempt: number),
            number: number,
            doubt: doubt,
            since: since
        )
        let answer: DoubtAnswer
        switch await AttemptRace.run(
            timeout: policy.timeout,
            clock: clock,
            {
                try await question(attempt)
            }
        ) {
        case .returned(let given): answer = given
        case .threw(let error):
            logger.warning(
                "the provider could not be asked",
                metadata: ["stream": "\(stream)", "error": "\(error)"]
            )
            answer = .unknown
        case .timedOut:
            logger.warning("the provider did not answer", metadata: ["stream": "\(stream)"])
            answer = .unknown
        }
        switch answer {
        case .sent(let acceptance):
            return try await settleRace { () async throws(Failure) in
                let settlement = ItemSettlement(
                    .sent,
                    source: .ask,
                    by: policy.doubt.rule.word,
                    acceptance: named(acceptance)
                )
                _ = try await turn(.settle(settlement), stream, folded, under: folded.fence)
            }
        case .notSent:
            if policy.worksInSteps {
                return .ended(.parked(otherWay(false, stream), since: clock.now()))
            }
            return try await resume(.notSent, folded, in: stream, send)
        case .unknown: return .ended(.parked(doubt, since: since))
        }
    }

    /// How long ago something was recorded, by the wall clock; a clock that went back says zero.
    func elapsed(since instant: Timestamp) -> TimeSpan {
        max(clock.now().since(instant), .zero)
    }
}

extension TimeSpan {
    func less(_ other: TimeSpan) -> TimeSpan {
        TimeSpan(nanoseconds: nanoseconds - other.nanoseconds)
    }
}

extension ItemState {
    /// What the item is called: its key, or the interaction's uuid where it has none.
    var name: String { request?.key?.name ?? request?.message?.uuid ?? "" }
}
