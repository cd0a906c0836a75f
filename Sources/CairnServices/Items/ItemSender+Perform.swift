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
        let overlaps = isRepeat ? await mayAnother(begun.state, stream, besides: 1) : false
        // The closure's own mark, which stays while it runs on after its time.
        worker.mark(stream)
        let end = await AttemptRace.run(timeout: policy.timeout, clock: clock) {
            try await send(attempt)
        } late: { [self] end in
            await recordLate(end, session, overlaps: overlaps)
            worker.unmark(stream)
        }
        if case .timedOut = end { return try await record(end, session) }
        defer { worker.unmark(stream) }
        // Of the marks one is this closure's and one is whoever waits for it.
        return try await record(
            await told(end, session, overlaps: overlaps, markCount: 2),
            session
        )
    }

    /// What an answer says of all that was sent under the attempt's key.
    ///
    /// A refusal is no failure where another send under the key was under way meanwhile, and may
    /// have arrived or still arrive.
    private func told(
        _ end: SendEnd,
        _ session: AttemptSession,
        overlaps: Bool,
        markCount: Int
    ) async -> SendEnd {
        guard case .returned(.rejected(_, let reason)) = end else { return end }
        var mayArrive = overlaps
        if !mayArrive {
            mayArrive = await mayAnother(session.folded.state, session.stream, besides: markCount)
        }
        return mayArrive ? .threw(StillUnderWay(reason: reason)) : end
    }

    private func mayAnother(
        _ state: ItemState,
        _ stream: StreamID,
        besides markCount: Int
    ) async -> Bool {
        do throws(Failure) {
            return try await mayAnotherArrive(state, stream, besides: markCount)
        } catch {
            // Whoever cannot be asked may be alive.
            return true
        }
    }

    /// Writes an outcome as soon as the journal takes it.
    ///
    /// Until then the item stays this worker's, because nobody else can tell what became of it.
    private func keepTrying(_ command: ItemCommand, _ session: AttemptSession) {
        worker.mark(session.stream)
        Task {
            defer { worker.unmark(session.stream) }
            var command = command
            var isLast = false
            while !isLast {
                try? await clock.sleep(Self.writeInterval)
                isLast = !worker.isHeld
                do throws(Failure) {
                    _ = try await session.write(command, seed: seed())
                    return
                } catch .journal(let error) where error.mayPass {
                    continue
                } catch .journal(.limit) {
                    guard let short = command.shortened else { return }
                    command = short
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
        var command: ItemCommand?
        let folded: Folded<ItemState>
        do throws(Failure) {
            command = self.command(for: end, session)
            guard let command else {
                try await session.flush()
                return move(after: session.folded)
            }
            folded = try await session.write(command, seed: seed())
        } catch .journal(.limit(let limit)) {
            logger.error(
                "an outcome is too large and is kept without its body and metadata",
                metadata: ["stream": "\(session.stream)", "limit": "\(limit)"]
            )
            guard let short = command?.shortened else { throw .journal(.limit(limit)) }
            return move(after: try await session.write(short, seed: seed()))
        } catch .journal(let error) {
            if let command, error.mayPass { keepTrying(command, session) }
            throw .journal(error)
        } catch .refused(let refusal) {
            logger.warning(
                "an outcome came too late to be written",
                metadata: ["stream": "\(session.stream)", "refusal": "\(refusal)"]
            )
            let fold = StreamFold(ItemMachine(), of: session.stream)
            let folded = try await fold.folded(in: journal, from: session.folded)
            if case .timedOut = end, case .release? = command, folded.isOpen(under: session.fence) {
                // It began a step just then, and so has something open after all.
                let doubt = ItemCommand.doubt(ItemDoubt(.timeout))
                return move(after: try await session.write(doubt, seed: seed()))
            }
            return move(after: folded)
        } catch {
            throw error
        }
        if let change = stepChange(end, session), case .released = folded.state.current?.standing {
            logger.error(
                "the steps of an item are not those it was begun with",
                metadata: ["stream": "\(session.stream)", "change": "\(change)"]
            )
            return .parked(ItemDoubt(.step, detail: change), since: clock.now())
        }
        return move(after: folded)
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

    /// The event that an end calls for; nil where a step has recorded it already.
    private func command(for end: SendEnd, _ session: AttemptSession) -> ItemCommand? {
        let state = session.itemToBe
        if state.isBetweenSteps, case .open = state.current?.standing,
            stepChange(end, session) != nil
        {
            return .release
        }
        if case .returned = end, state.hasOpenStep {
            // Whoever passes over a step's doubt knows no more than the step does.
            guard case .open = state.current?.standing else { return nil }
            return .doubt(ItemDoubt(.step, detail: "the send returned while a step was open"))
        }
        switch end {
        case .returned(.accepted(let acceptance)): return .accept(named(acceptance))
        case .returned(.rejected(let isFinal, let reason)):
            return .reject(.provider, isFinal: isFinal, reason: reason, policy.attempts)
        // Its holder has nothing open: it is gone on with, and its timers with it.
        case .timedOut where state.isBetweenSteps: return .release
        case .timedOut: return .doubt(ItemDoubt(.timeout))
        case .threw(let error):
            let known = error as? NotSent
            if case .doubted(let doubt, _) = state.current?.standing {
                if known == nil, doubt.cause == .timeout { return .doubt(ItemDoubt(of: error)) }
                // Late news of the whole; of a step in doubt nobody but a person has any.
                guard known != nil, doubt.cause != .step, !state.hasOpenStep else { return nil }
            }
            if let known {
                return .reject(
                    .sender,
                    isFinal: known.isFinal,
                    reason: known.reason,
                    policy.attempts
                )
            }
            if state.isBetweenSteps {
                if error is CancellationError { return .release }
                return .reject(.steps, isFinal: false, reason: "\(error)", policy.attempts)
            }
            return .doubt(ItemDoubt(of: error))
        }
    }

    /// Takes an end that nobody waits for any more.
    private func recordLate(
        _ end: SendEnd,
        _ session: AttemptSession,
        overlaps: Bool
    ) async {
        if case .timedOut = end { return }
        do throws(Failure) {
            _ = try await record(
                await told(end, session, overlaps: overlaps, markCount: 1),
                session
            )
        } catch {
            logger.warning(
                "a late answer could not be written",
                metadata: ["stream": "\(session.stream)", "error": "\(error)"]
            )
        }
    }

    /// Where an item is after its outcome was recorded.
    private func move(after folded: Folded<ItemState>) -> Move {
        let verdict = folded.state.verdict()
        switch verdict {
        case .done(let acceptance): return .done(acceptance, isNew: true)
        case .failedFinal(let reason): return .failed(reason: reason)
        case .failedRetryable(let reason, let retryAt):
            return retry(reason, at: retryAt, folded.state)
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

    /// When a failure that is known is tried again.
    ///
    /// One that a provider reported later has no instant of its own; its attempts are bounded
    /// all the same.
    func retry(_ reason: String, at instant: Timestamp?, _ state: ItemState) -> Move {
        if let instant { return .retry(reason: reason, at: instant, after: wait(until: instant)) }
        guard let current = state.current else { return .failed(reason: reason) }
        if case .released = current.standing { return .waiting(state.verdict(), after: .zero) }
        guard current.number < policy.attempts.retry.attemptCountMax else {
            return .failed(reason: reason)
        }
        let delay = policy.attempts.retry.delay(afterAttempt: current.number, seed: seed())
        return .retry(reason: reason, at: clock.now().adding(delay), after: delay)
    }

    /// How long until a retry: never longer than its policy's longest wait, whatever the clock.
    func wait(until instant: Timestamp) -> TimeSpan {
        min(max(instant.since(clock.now()), .zero), policy.attempts.retry.delayMax)
    }
}

extension ItemCommand {
    /// The same outcome in few bytes: what was sent stays known as sent.
    fileprivate var shortened: ItemCommand? {
        switch self {
        case .accept(let acceptance):
            .accept(
                ItemAcceptance(
                    provider: acceptance.provider?.shortened,
                    providerReference: acceptance.providerReference?.shortened,
                    notifyReference: acceptance.notifyReference?.shortened
                )
            )
        case .reject(let source, let isFinal, let reason, let policy):
            .reject(source, isFinal: isFinal, reason: reason.shortened, policy)
        case .doubt(let doubt): .doubt(ItemDoubt(doubt.cause, detail: doubt.detail?.shortened))
        case .begin, .resume, .release, .noteLoss, .settle, .beginStep, .endStep, .failStep,
            .setTimer, .receive, .note:
            nil
        }
    }
}

extension String {
    /// The first characters, where there are too many to keep.
    fileprivate var shortened: String { String(prefix(200)) }
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

extension Folded where State == ItemState {
    /// Whether the attempt of a fence is open.
    func isOpen(under fence: UInt64) -> Bool {
        guard case .open = state.current?.standing else { return false }
        return self.fence == fence
    }
}
