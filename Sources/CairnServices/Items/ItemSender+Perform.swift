internal import CairnCore
internal import CairnDomains
internal import CairnEngine
internal import CairnJournal
internal import CoreMetrics
internal import Logging

extension ItemSender {
    /// Runs the send closure of an attempt that is durable, and records how it ended.
    func perform(
        _ begun: Folded<ItemState>,
        in stream: StreamID,
        isRepeat: Bool,
        _ send: @escaping Send
    ) async throws(Failure) -> Move {
        let session = AttemptSession(
            journal: journal,
            clock: clock,
            stream: stream,
            folded: begun,
            metrics: metrics
        )
        let name = begun.state.name
        let number = begun.state.current?.number ?? 1
        let attempt = Attempt(
            number: number,
            key: name,
            providerKey: ItemAttempt.providerKey(name, attempt: number),
            isRepeat: isRepeat,
            session: session
        )
        metrics.sends.increment()
        worker.forget(doubtOf: stream)
        // What is under way now may arrive while this one is refused for it.
        let overlaps = isRepeat ? await mayAnother(begun.state, stream, besides: 0) : false
        // It stays while the closure runs on after its time.
        worker.mark(stream, .closure)
        let end = await AttemptRace.run(timeout: policy.timeout, clock: clock) {
            try await send(attempt)
        } late: { [self] end in
            // That its time was over is written first, or what follows would be read wrongly.
            await session.untilWritten()
            await recordLate(end, session, overlaps: overlaps)
            worker.unmark(stream, .closure)
        }
        defer { session.endWriting() }
        if case .timedOut = end { return try await record(end, session) }
        defer { worker.unmark(stream, .closure) }
        return try await record(await told(end, session, overlaps: overlaps), session)
    }

    /// What an answer says of all that was sent under the attempt's key.
    ///
    /// A refusal is no failure where another send under the key was under way meanwhile, and may
    /// have arrived or still arrive.
    private func told(
        _ end: SendEnd,
        _ session: AttemptSession,
        overlaps: Bool
    ) async -> SendEnd {
        guard case .returned(.rejected(_, let reason)) = end else { return end }
        var mayArrive = overlaps
        if !mayArrive {
            mayArrive = await mayAnother(session.folded.state, session.stream, besides: 1)
        }
        return mayArrive ? .threw(StillUnderWay(reason: reason)) : end
    }

    private func mayAnother(
        _ state: ItemState,
        _ stream: StreamID,
        besides ownCount: Int
    ) async -> Bool {
        do throws(Failure) {
            return try await mayAnotherArrive(state, stream, besides: ownCount)
        } catch {
            // Whoever cannot be asked may be alive.
            return true
        }
    }

    /// Writes an outcome as soon as the journal takes it.
    ///
    /// Until then the item stays this worker's, because nobody else can tell what became of it.
    private func keepTrying(_ command: ItemCommand, after end: SendEnd, _ session: AttemptSession) {
        worker.mark(session.stream, .closure)
        session.beginWriting()
        Task {
            defer {
                worker.unmark(session.stream, .closure)
                // The late end counts what else is under way.
                session.endWriting()
            }
            var isLast = false
            while !isLast {
                try? await clock.sleep(Self.writeInterval)
                isLast = !worker.isHeld
                do throws(Failure) {
                    _ = try await write(command, after: end, session)
                    return
                } catch .journal(let error) where error.mayPass {
                    continue
                } catch {
                    return
                }
            }
        }
    }

    /// How long to wait before an outcome is written again that the journal did not take.
    private static var writeInterval: TimeSpan { .seconds(1) }

    /// Records how a send ended.
    ///
    /// What another holder took over meanwhile is refused by its fence; then the item is looked
    /// at again.
    private func record(_ end: SendEnd, _ session: AttemptSession) async throws(Failure) -> Move {
        // The end of a step is told to nobody else.
        let command =
            command(for: end, session) ?? session.lastUnwritten.map { ItemCommand.endStep($0) }
        guard let command else { return try await move(after: session.folded, in: session.stream) }
        let folded: Folded<ItemState>
        do throws(Failure) {
            folded = try await write(command, after: end, session)
        } catch .journal(let error) where error.mayPass {
            keepTrying(command, after: end, session)
            throw .journal(error)
        } catch {
            throw error
        }
        if let change = stepChange(end, session), folded.state.isReleased {
            logger.error(
                "the steps of an item are not those it was begun with",
                metadata: ["stream": "\(session.stream)", "change": "\(change)"]
            )
            return .parked(ItemDoubt(.step, detail: change), since: clock.now())
        }
        return try await move(after: folded, in: session.stream)
    }

    /// Writes what an end calls for, and what that leaves to be said.
    private func write(
        _ command: ItemCommand,
        after end: SendEnd,
        _ session: AttemptSession
    ) async throws(Failure) -> Folded<ItemState> {
        var folded: Folded<ItemState>
        do throws(Failure) {
            folded = try await session.write(command, seed: seed())
        } catch .journal(.limit(let limit)) {
            logger.error(
                "an outcome is too large and is kept without its body and metadata",
                metadata: ["stream": "\(session.stream)", "limit": "\(limit)"]
            )
            guard let short = command.shortened else { throw .journal(.limit(limit)) }
            folded = try await session.write(short, seed: seed())
        } catch .refused(let refusal) {
            logger.warning(
                "an outcome came too late to be written",
                metadata: ["stream": "\(session.stream)", "refusal": "\(refusal)"]
            )
            let fold = StreamFold(ItemMachine(), of: session.stream)
            folded = try await fold.folded(in: journal, from: session.folded)
        } catch {
            throw error
        }
        guard folded.fence == session.fence, let rest = rest(after: end, folded.state) else {
            return folded
        }
        return try await session.write(.doubt(rest), seed: seed())
    }

    /// What is still to be said of a send, whatever was written of its end.
    private func rest(after end: SendEnd, _ state: ItemState) -> ItemDoubt? {
        switch end {
        // It began a step just then, and so has something open after all.
        case .timedOut:
            if case .open = state.current?.standing { ItemDoubt(.timeout) } else { nil }
        case .threw(let error): state.isLate ? ItemDoubt(of: error) : nil
        case .returned: state.isLate ? ItemDoubt(.error, detail: "it has returned") : nil
        }
    }

    /// How the steps that were met differ from those of earlier runs; nil where they do not.
    ///
    /// Such an item is given back as it is and counts no attempt, so that the code it was begun
    /// with can finish it.
    private func stepChange(_ end: SendEnd, _ session: AttemptSession) -> String? {
        switch end {
        case .threw(let error as StepError):
            switch error {
            case .refused(.stepMismatch), .result: return error.description
            case .inDoubt, .refused, .journal, .unreadable: return nil
            }
        case .returned:
            let item = session.itemToBe
            let number = session.stepNumber
            guard item.isStepwise, let step = item.step(number + 1) else { return nil }
            return "step \(number + 1) '\(step.name)' was not met any more"
        case .threw, .timedOut: return nil
        }
    }

    /// The event that an end calls for; nil where nothing more is to be said.
    private func command(for end: SendEnd, _ session: AttemptSession) -> ItemCommand? {
        let state = session.itemToBe
        if state.isBetweenSteps, case .open = state.current?.standing,
            stepChange(end, session) != nil
        {
            return .release
        }
        if case .returned = end, state.hasOpenStep {
            return unknown("the send returned while a step was open", of: state)
        }
        switch end {
        case .returned(.accepted(let acceptance)): return .accept(named(acceptance))
        case .returned(.rejected(let isFinal, let reason)):
            return .reject(.provider, isFinal: isFinal, reason: reason, policy.attempts)
        case .timedOut where state.isBetweenSteps: return timedOutBetweenSteps(state)
        case .timedOut: return .doubt(ItemDoubt(.timeout))
        // It says nothing more where nobody waits for it: the item was given back, or has failed.
        case .threw where !state.isOpen && !state.isLate: return nil
        case .threw(let error as NotSent):
            // Of a step in doubt nobody but a person has any news.
            if state.hasOpenStep { return unknown("\(error)", of: state) }
            return .reject(
                .sender,
                isFinal: error.isFinal,
                reason: error.reason,
                policy.attempts
            )
        case .threw(let error):
            guard state.isBetweenSteps else { return .doubt(ItemDoubt(of: error)) }
            // A closure may throw it, too, that nobody has cancelled.
            if error is CancellationError, Task.isCancelled, state.isOpen { return .release }
            return .reject(.steps, isFinal: false, reason: "\(error)", policy.attempts)
        }
    }

    /// What is to be said of a send that has ended and leaves a step of which nobody knows.
    private func unknown(_ reason: String, of state: ItemState) -> ItemCommand? {
        // Whoever passes over a step's doubt knows no more than the step does.
        state.isOpen || state.isLate ? .doubt(ItemDoubt(.error, detail: reason)) : nil
    }

    /// What becomes of an item whose closure ran out of its time while no step was open.
    ///
    /// One that sleeps is gone on with, and its timer with it, and has the time of a send for what
    /// follows; so is one whose run was stopped. One that hangs has failed: all that it does
    /// outside is done in steps.
    private func timedOutBetweenSteps(_ state: ItemState) -> ItemCommand {
        if Task.isCancelled || state.isAsleep(timeout: policy.timeout, clock) { return .release }
        let reason = "it ran out of its time between two steps"
        return .reject(.steps, isFinal: false, reason: reason, policy.attempts)
    }

    /// Takes an end that nobody waits for any more.
    private func recordLate(
        _ end: SendEnd,
        _ session: AttemptSession,
        overlaps: Bool
    ) async {
        if case .timedOut = end { return }
        do throws(Failure) {
            _ = try await record(await told(end, session, overlaps: overlaps), session)
        } catch {
            logger.warning(
                "a late answer could not be written",
                metadata: ["stream": "\(session.stream)", "error": "\(error)"]
            )
        }
    }

    /// Where an item is after its outcome was recorded.
    private func move(
        after folded: Folded<ItemState>,
        in stream: StreamID
    ) async throws(Failure) -> Move {
        let verdict = folded.state.verdict()
        switch verdict {
        case .done(let acceptance): return .done(acceptance, isNew: true)
        case .failedFinal(let reason): return .failed(reason: reason)
        case .failedRetryable(let reason, let retryAt):
            return try await retry(reason, at: retryAt, folded, in: stream)
                ?? .waiting(verdict, after: .zero)
        case .inDoubt(let doubt, let since):
            switch policy.doubt {
            case .park: return .parked(doubt, since: since)
            case .dedupByKey, .ask, .awaitCallback:
                return folded.state.isStepwise
                    ? .parked(doubt, since: since) : .waiting(verdict, after: .zero)
            }
        case .fresh, .inFlight, .conflict: return .waiting(verdict, after: Self.lookInterval)
        }
    }

    /// When a failure is tried again, which is written down where its events do not say it yet.
    ///
    /// - Returns: The wait, or that this policy tries it no more; nil where the item is to be
    ///   looked at again.
    /// - Throws: `EngineError`.
    func retry(
        _ reason: String,
        at instant: Timestamp?,
        _ folded: Folded<ItemState>,
        in stream: StreamID
    ) async throws(Failure) -> Move? {
        if folded.state.isReleased { return nil }
        let failure = KeyVerdict.failedRetryable(reason: reason, retryAt: instant)
        guard policy.skip.allowsAttempt(after: failure) else { return .skipped(reason: reason) }
        var retryAt = instant
        if retryAt == nil {
            let planned: Folded<ItemState>
            do throws(Failure) {
                let plan = ItemCommand.planRetry(policy.attempts)
                planned = try await turn(plan, stream, folded, under: folded.fence)
            } catch .refused(.fenced), .refused(.notOpen) {
                return nil
            } catch {
                throw error
            }
            if case .failedRetryable(_, let instant) = planned.state.verdict() {
                retryAt = instant
            }
        }
        // No attempt is left, or no time for one; another policy may go on.
        guard let retryAt else { return .failed(reason: reason) }
        return .retry(reason: reason, at: retryAt, after: wait(until: retryAt))
    }

    /// How long until a retry: never longer than its policy's longest wait, whatever the clock.
    func wait(until instant: Timestamp) -> TimeSpan {
        min(max(instant.since(clock.now()), .zero), policy.attempts.retry.delayMax)
    }
}

/// A provider's refusal that does not speak of a send which may still arrive.
private struct StillUnderWay: Error, CustomStringConvertible {
    let reason: String

    var description: String {
        "the provider refused it while another send under its key was under way: \(reason)"
    }
}

extension ItemDoubt {
    /// What is not known once a closure has ended with an error.
    fileprivate init(of error: any Error) {
        let cause: Cause =
            switch error {
            case is CancellationError: .cancelled
            case is StillUnderWay: .repeated
            default: .error
            }
        self.init(cause, detail: "\(error)")
    }
}

extension JournalError {
    /// Whether the journal may take later what it did not take now.
    fileprivate var mayPass: Bool {
        switch self {
        case .outOfSpace, .mapFull, .readersFull, .busy: true
        default: false
        }
    }
}

extension ItemState {
    fileprivate var isOpen: Bool {
        if case .open = current?.standing { true } else { false }
    }

    /// Whether the current send was in doubt while it ran and has not ended since.
    fileprivate var isLate: Bool {
        guard let current, case .doubted = current.standing else { return false }
        return current.laggards.contains(current.worker)
    }

    /// Whether a timer of the item runs, or has run within the time of a send: by the boot clock,
    /// which nobody sets.
    fileprivate func isAsleep(timeout: TimeSpan, _ clock: ServiceClock) -> Bool {
        steps.contains { step in
            guard case .timer(let timer) = step.standing else { return false }
            return timer.remaining(clock) > TimeSpan.zero.less(timeout)
        }
    }
}
