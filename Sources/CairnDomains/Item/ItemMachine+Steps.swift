internal import CairnCore

extension ItemMachine {
    func beginStep(
        _ mark: ItemStepMark,
        in state: ItemState,
        _ context: TurnContext
    ) throws(ItemRefusal) -> ItemEvent.Fact {
        try requireOpen(in: state, context)
        try state.requireStep(mark.number, mark.name, isTimer: false)
        switch state.step(mark.number)?.standing {
        // One of a holder that is gone may be met again, if its policy allows that.
        case .open(let fence) where fence.rawValue != context.fence: break
        case nil, .failed: break
        case .open, .done, .timer: throw .notOpen(state.verdict())
        }
        return .stepBegan(mark)
    }

    func endStep(
        _ end: ItemStepEnd,
        in state: ItemState,
        _ context: TurnContext
    ) throws(ItemRefusal) -> ItemEvent.Fact? {
        try requireStepEnds(in: state, context)
        // Whoever is not sure that it was written may say it again.
        if case .done(end.result) = state.step(end.number)?.standing { return nil }
        try requireOpenStep(end.number, in: state)
        return .stepEnded(end)
    }

    func failStep(
        _ failure: ItemStepFailure,
        in state: ItemState,
        _ context: TurnContext
    ) throws(ItemRefusal) -> ItemEvent.Fact {
        try requireStepEnds(in: state, context)
        try requireOpenStep(failure.number, in: state)
        return .stepFailed(failure)
    }

    func setTimer(
        _ timer: ItemTimer,
        in state: ItemState,
        _ context: TurnContext
    ) throws(ItemRefusal) -> ItemEvent.Fact? {
        try requireOpen(in: state, context)
        try state.requireStep(timer.number, timer.name, isTimer: true)
        // A timer that was set stays as it was set.
        return state.step(timer.number) == nil ? .timerSet(timer) : nil
    }

    private func requireOpen(
        in state: ItemState,
        _ context: TurnContext
    ) throws(ItemRefusal) {
        guard case .open = try held(in: state, context).standing else {
            throw .notOpen(state.verdict())
        }
        guard state.isStepwise else { throw .notInSteps }
    }

    private func requireStepEnds(
        in state: ItemState,
        _ context: TurnContext
    ) throws(ItemRefusal) {
        _ = try held(in: state, context)
        guard state.takesStepEnds else { throw .notOpen(state.verdict()) }
        guard state.isStepwise else { throw .notInSteps }
    }

    private func requireOpenStep(_ number: Int64, in state: ItemState) throws(ItemRefusal) {
        guard case .open = state.step(number)?.standing else { throw .notOpen(state.verdict()) }
    }
}

extension ItemStep {
    var isTimer: Bool {
        if case .timer = standing { true } else { false }
    }
}

extension ItemState {
    /// A step by its number, counted from 1.
    public func step(_ number: Int64) -> ItemStep? {
        guard number >= 1, number <= Int64(steps.count) else { return nil }
        return steps[Int(number) - 1]
    }

    /// Whether a step is begun and not ended.
    package func isOpen(step number: Int64) -> Bool {
        if case .open = step(number)?.standing { true } else { false }
    }

    /// Whether the end of a step still tells what nobody knows: also in doubt, because a send may
    /// run on beside a step of which nobody knows, or after its time.
    package var takesStepEnds: Bool {
        switch current?.standing {
        case .open, .doubted: true
        case nil, .accepted, .rejected, .released: false
        }
    }

    /// Refuses a step that is met elsewhere than before.
    func requireStep(_ number: Int64, _ name: String, isTimer: Bool) throws(ItemRefusal) {
        if let known = step(number) {
            guard known.name.hasSameBytes(as: name) else {
                throw .stepMismatch(number: number, expected: known.name, actual: name)
            }
            guard known.isTimer == isTimer else {
                let (step, timer) = ("step \(name)", "timer \(name)")
                throw .stepMismatch(
                    number: number,
                    expected: isTimer ? step : timer,
                    actual: isTimer ? timer : step
                )
            }
            return
        }
        guard number == Int64(steps.count) + 1 else {
            throw .stepMismatch(number: number, expected: "none", actual: name)
        }
    }
}
