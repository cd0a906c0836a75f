internal import CairnCore
internal import CairnDomains
internal import CairnEngine
internal import CairnJournal

/// A command to an item, with all that belongs into the same step: the link from its customer,
/// the link from the provider's name for it, the reports that came before that name was known,
/// the note to its job when it fails after it was done, and the system event of a refusal.
struct ItemTurn: Sendable {
    typealias Failure = EngineError<ItemRefusal>

    let stream: StreamID
    let command: ItemCommand
    /// What is written first, because it may not be yet: ends of steps.
    var before: [ItemStepEnd] = []
    /// The item as it was known before the batch opened.
    var known: Folded<ItemState>?
    var seed: UInt64 = 0
    var fence: UInt64 = 0
    var retry = ItemSender.RetryRule.atOnce
    /// Gets the doubts that are written down.
    var metrics: ItemMetrics?

    /// Runs the turn and returns once what it appended is durable.
    func run(in journal: any Journal) async throws(Failure) -> Folded<ItemState> {
        let (folded, isNewDoubt) = try await journal.engineTurn { scope throws(Failure) in
            var isNewDoubt = false
            return (try run(in: scope, &isNewDoubt), isNewDoubt)
        }
        if isNewDoubt { metrics?.countDoubt() }
        return folded
    }

    /// Runs the turn in the writer's open batch.
    func run(in scope: any TurnScope) throws(Failure) -> Folded<ItemState> {
        var isNewDoubt = false
        return try run(in: scope, &isNewDoubt)
    }

    private func run(
        in scope: any TurnScope,
        _ isNewDoubt: inout Bool
    ) throws(Failure) -> Folded<ItemState> {
        let fold = StreamFold(ItemMachine(), of: stream)
        var folded = known ?? fold.start
        try fold.catchUp(&folded, in: scope)
        // Once another has the item, or a person has decided of it, they are nothing any more.
        if folded.fence == fence, folded.state.takesStepEnds {
            for end in before where folded.state.isOpen(step: end.number) {
                _ = try fold.decide(.endStep(end), on: &folded, in: scope, fence: fence)
            }
        }
        if case .begin(let request, _, _) = command {
            let verdict = folded.state.verdict(for: request.content)
            guard retry.allows(verdict, of: folded.state, at: scope.clockNow) else {
                throw .refused(.verdict(verdict))
            }
        }
        let wasDone = folded.state.isDone
        let wasInDoubt = folded.state.isInDoubt
        let events = try fold.turnTellingConflicts(
            command,
            on: &folded,
            in: scope,
            seed: seed,
            fence: fence
        )
        for event in events {
            switch event.fact {
            case .began(let beginning):
                // What was imported is among those of its customer already.
                if folded.state.imported == nil, let message = beginning.request?.message {
                    try link(message.customer, at: event.at, in: scope)
                }
            case .noted(let message): try link(message.customer, at: event.at, in: scope)
            case .imported(let row): try link(row.message.customer, at: event.at, in: scope)
            case .accepted(let acceptance): try link(acceptance, &folded, fold, in: scope)
            case .settled(let settlement):
                if let acceptance = settlement.acceptance {
                    try link(acceptance, &folded, fold, in: scope)
                }
            case .rejected, .doubted, .released, .retryPlanned, .setAside, .calledBack, .stepBegan,
                .stepEnded, .stepFailed, .timerSet:
                break
            }
        }
        if wasDone, !folded.state.isDone { try reopen(folded.state, in: scope) }
        isNewDoubt = !wasInDoubt && folded.state.isInDoubt
        return folded
    }

    private func link(
        _ customer: String,
        at instant: Timestamp,
        in scope: any TurnScope
    ) throws(Failure) {
        try journaled { () throws(JournalError) in
            let event = try limited { () throws(LimitError) in
                try CustomerStream.newEvent(for: stream, at: instant)
            }
            let customer = try limited { () throws(LimitError) in
                try CustomerStream.stream(of: customer)
            }
            try scope.append([event], to: customer, expecting: .any)
        }
    }

    /// Links the provider's name to the item, and gives it the reports that came before.
    private func link(
        _ acceptance: ItemAcceptance,
        _ folded: inout Folded<ItemState>,
        _ fold: StreamFold<ItemMachine>,
        in scope: any TurnScope
    ) throws(Failure) {
        guard let reference = acceptance.providerReference, !reference.isEmpty else { return }
        let name = try ReferenceMachine.fold(acceptance.provider ?? "", reference)
        try fold.take(try name.link(to: stream, in: scope), into: &folded, in: scope)
    }

    /// Tells the item's job that what it counted as done is not.
    ///
    /// The job's state has no say in it and is not folded: there may be many such items.
    private func reopen(_ state: ItemState, in scope: any TurnScope) throws(Failure) {
        guard let job = state.request?.job, let key = state.request?.key else { return }
        try journaled { () throws(JournalError) in
            let event = try limited { () throws(LimitError) in
                try JobMachine().newEvent(JobEvent(.itemReopened(key), at: scope.now))
            }
            let stream = try limited { () throws(LimitError) in try JobMachine.stream(of: job) }
            try scope.append([event], to: stream, expecting: .any)
        }
    }
}

extension StreamFold<ItemMachine> {
    /// Gives an item, caught up in the same batch, the reports that came before a name was its.
    func take(
        _ early: [InteractionCallback],
        into folded: inout Folded<ItemState>,
        in scope: any TurnScope
    ) throws(Failure) {
        for callback in early {
            do throws(Failure) {
                _ = try decide(.receive(callback), on: &folded, in: scope)
            } catch .journal(.eventIDInOtherStream) {
                // The same report was taken for another item already.
                continue
            } catch {
                throw error
            }
        }
    }
}

extension ItemState {
    /// Whether it is written down that nobody knows.
    fileprivate var isInDoubt: Bool {
        if case .doubted = current?.standing { true } else { false }
    }
}
