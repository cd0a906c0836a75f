public import CairnCore
public import CairnDomains
public import CairnEngine
public import CairnJournal

/// One who reads the journal event by event and keeps its place in it, across crashes.
///
/// Each consumer has a name and a place of its own, and any number of them read one journal. The
/// place is an event of the journal, so what a consumer itself appends can stand in the same step
/// as its place: that happens once, whatever crashes. What it does elsewhere happens at least
/// once, because a crash may come between doing it and saying so.
///
/// A projection needs none of this: its place is kept with its tables. A consumer is for what
/// cannot be folded again, such as telling another system.
public struct JournalConsumer: Sendable {
    public let name: String
    private let journal: any Journal
    private let fold: StreamFold<ConsumerMachine>

    /// Where a consumer begins that the journal does not know yet.
    public enum Start: Hashable, Sendable {
        case beginning
        /// With what is appended from now on.
        case end
        case after(Position)
    }

    /// Names a consumer; nothing is written before it is used.
    ///
    /// - Throws: `LimitError` for a name that is empty or longer than a stream's may be.
    public init(_ journal: any Journal, name: String) throws(LimitError) {
        self.name = name
        self.journal = journal
        fold = StreamFold(
            ConsumerMachine(),
            of: try StreamID(kind: ConsumerMachine.streamKind, key: name)
        )
    }

    /// The last event that the consumer is done with; nil where the journal does not know it.
    ///
    /// - Throws: ``ConsumerError``.
    public func position() async throws(ConsumerError) -> Position? {
        let state = try await latest().state
        return state.isOpen ? state.position : nil
    }

    /// Takes the events up to the journal's end as it is now.
    ///
    /// - Parameters:
    ///   - start: Where to begin if the journal does not know the consumer.
    ///   - body: Gets the events, a page at a time. When it returns they are done, and the place
    ///     is written down: one commit for each page, unless the closure has done that in a step
    ///     of its own.
    /// - Throws: ``ConsumerError``; `CancellationError` where the task was cancelled before the
    ///   end; or what the closure throws: then the page comes again next time, unless the closure
    ///   had written its place down.
    public func catchUp(
        from start: Start = .beginning,
        _ body: (ConsumerPage) async throws -> Void
    ) async throws {
        try await run(from: start, isEndless: false, body)
        try Task.checkCancellation()
    }

    /// Takes the events that are there and then each that comes, until the task is cancelled;
    /// then it returns.
    ///
    /// - Parameters: As for ``catchUp(from:_:)``.
    /// - Throws: As ``catchUp(from:_:)`` does.
    public func follow(
        from start: Start = .beginning,
        _ body: (ConsumerPage) async throws -> Void
    ) async throws {
        try await run(from: start, isEndless: true, body)
    }

    private typealias Failure = EngineError<ConsumerMachine.Rejection>

    private func run(
        from start: Start,
        isEndless: Bool,
        _ body: (ConsumerPage) async throws -> Void
    ) async throws {
        try await open(start)
        let lock = try await lock()
        defer { lock.release() }
        // Whoever had the name before is gone by now, and so its place is its last.
        var known = try await latest()
        let end = isEndless ? nil : try await journal.head().lastPosition
        var pages = journal.events(after: known.state.position).makeAsyncIterator()
        while !Task.isCancelled {
            if let end, pages.lastRead >= end { return }
            let read = try await pages.nextPage()
            // Its own place is nothing to be told of, or there would be no end of it.
            let events = read.filter { $0.stream.kind != ConsumerMachine.streamKind }
            guard let last = events.last else { continue }
            let page = ConsumerPage(
                events: events,
                from: known.state.position,
                to: last.position,
                fold: fold,
                known: known
            )
            try await body(page)
            known = try await advance(page)
        }
    }

    /// Makes the consumer known to the journal.
    private func open(_ start: Start) async throws(ConsumerError) {
        let folded = try await latest()
        guard !folded.state.isOpen else { return }
        do throws(Failure) {
            let position: Position
            switch start {
            case .beginning: position = .zero
            case .after(let given): position = given
            case .end:
                do throws(JournalError) { position = try await journal.head().lastPosition } catch {
                    throw .journal(error)
                }
            }
            let fold = fold
            try await journal.engineTurn { scope throws(Failure) in
                var state = folded
                _ = try fold.turn(.open(after: position), on: &state, in: scope)
            }
        } catch {
            throw ConsumerError(error)
        }
    }

    /// Takes the sign of life of whoever reads under the name: the position of the consumer's
    /// first event is a number that nobody else has.
    private func lock() async throws(ConsumerError) -> any LifeLock {
        var number: UInt64?
        do throws(JournalError) {
            _ = try await journal.page(
                of: fold.stream,
                from: SequenceNumber(rawValue: 1),
                .forwards,
                upTo: nil,
                limit: PageLimit(eventCountMax: 1)
            ) { header, _ in
                number = header.position.rawValue
                return .stop
            }
            return try await journal.lockLife(number ?? 0)
        } catch {
            if case .lockHeld = error { throw .isHeld(name: name) }
            throw .journal(error)
        }
    }

    /// The consumer as its last event says: a place needs none of those before it.
    private func latest() async throws(ConsumerError) -> Folded<ConsumerMachine.State> {
        var folded = fold.start
        var failure: ConsumerError?
        do throws(JournalError) {
            let last = try await journal.lastSequence(of: fold.stream)
            guard last > .zero else { return folded }
            _ = try await journal.page(
                of: fold.stream,
                from: last,
                .backwards,
                upTo: nil,
                limit: .standard
            ) { header, frame in
                do throws(EventCodecError) {
                    guard let event = try fold.machine.event(header, frame: frame) else {
                        return .proceed
                    }
                    if case .advanced = event {
                        // It follows on an opening, wherever that was.
                        let opening = ConsumerMachine.Event.opened(after: .zero, at: .unixEpoch)
                        fold.machine.evolve(&folded.state, by: opening)
                    }
                    fold.machine.evolve(&folded.state, by: event)
                } catch {
                    failure = .unreadable(position: header.position, error: error)
                }
                return .stop
            }
            folded.sequence = last
        } catch {
            throw .journal(error)
        }
        if let failure { throw failure }
        return folded
    }

    private func advance(
        _ page: ConsumerPage
    ) async throws(ConsumerError) -> Folded<ConsumerMachine.State> {
        do throws(Failure) {
            return try await journal.engineTurn { scope throws(Failure) in
                var state = page.known
                _ = try page.fold.turn(
                    .advance(from: page.from, to: page.to),
                    on: &state,
                    in: scope
                )
                return state
            }
        } catch {
            throw ConsumerError(error)
        }
    }
}

/// Events that follow each other, as a consumer gets them.
///
/// Events of consumers' own places are not among them.
public struct ConsumerPage: Sendable {
    /// At least one and at most `Following.pageEventCountMax`, in the journal's order.
    public let events: [EventRecord]
    /// Where the consumer was before.
    public let from: Position
    /// Where it is once these are done: at the last of them.
    public let to: Position

    let fold: StreamFold<ConsumerMachine>
    let known: Folded<ConsumerMachine.State>

    /// Writes the place down in the same step as what the consumer appends.
    ///
    /// Both are durable, or neither is: what is appended like this happens once. A page's place is
    /// written once; a turn that writes it again, or after another reader of the name has gone on,
    /// is dropped with all that it appended.
    ///
    /// - Parameter scope: The turn in which the consumer appends.
    /// - Throws: `EngineError`; a turn must let it out.
    public func advance(
        in scope: any TurnScope
    ) throws(EngineError<ConsumerMachine.Rejection>) {
        do throws(JournalError) {
            let actual = try scope.lastSequence(of: fold.stream)
            guard actual == known.sequence else {
                // Not as a refusal, which would leave what the turn has appended in the batch.
                throw .sequenceConflict(
                    stream: fold.stream,
                    expected: .exactly(known.sequence),
                    actual: actual
                )
            }
        } catch {
            throw .journal(error)
        }
        var state = known
        _ = try fold.turn(.advance(from: from, to: to), on: &state, in: scope)
    }
}
