public import CairnCore
public import CairnDomains
internal import CairnEngine
public import CairnJournal

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// What becomes of a step of which nobody knows whether it happened.
public enum StepDoubtPolicy: Hashable, Sendable {
    /// The item is parked, and a person decides.
    case park
    /// Run it again: only where repeating it does no harm.
    case again
}

/// Why a step gave no result.
public enum StepError: Error, Hashable, Sendable {
    /// Nobody knows whether the step happened; the item is in doubt.
    case inDoubt(number: Int64, name: String, reason: String)
    /// The journal or the item's rules refuse it: above all a changed step, or a lost fence.
    case refused(ItemRefusal)
    /// The journal failed.
    case journal(JournalError)
    /// A stored event cannot be read.
    case unreadable(position: Position, error: EventCodecError)
    /// The result cannot be written down or read back as its type.
    case result(number: Int64, name: String, reason: String)
}

extension StepError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .inDoubt(let number, let name, let reason):
            "step \(number) '\(name)' may have happened: \(reason)"
        case .refused(let refusal): refusal.description
        case .journal(let error): error.description
        case .unreadable(let position, let error): "position \(position): \(error)"
        case .result(let number, let name, let reason):
            "the result of step \(number) '\(name)' cannot be kept: \(reason)"
        }
    }

    init(_ error: EngineError<ItemRefusal>) {
        self =
            switch error {
            case .refused(let refusal): .refused(refusal)
            case .journal(let error): .journal(error)
            case .unreadable(let position, let error): .unreadable(position: position, error: error)
            }
    }
}

extension Attempt {
    /// One form for each value, whatever the order in which a dictionary is walked (law 11).
    private static let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return encoder
    }()

    /// Results of fewer bytes may be written with what comes next: they fit into any event.
    private static var resultByteCountSoon: Int { 0x10_0000 }

    /// Runs a piece of outside work once for the item: a later attempt, or one that goes on after
    /// a crash, gets its result without running it again.
    ///
    /// Only for items whose policy says ``ItemPolicy/worksInSteps``: they do all their outside
    /// work in steps, so that a crash between two of them leaves nothing in doubt. A closure that throws ``NotSent`` is run again by the next
    /// attempt; one that throws anything else leaves the step in doubt, unless `ifInDoubt` says
    /// that it may be repeated.
    ///
    /// That the step began is durable before the closure runs. Its result is on its way to the
    /// journal when this returns, and durable before the next step or timer begins and before the
    /// attempt ends; a crash in the moment between leaves the step in doubt, as one in the closure
    /// does. So a run of steps costs one commit each.
    ///
    /// - Parameters:
    ///   - name: The step's name; steps must be met in the same order and under the same names
    ///     whenever the item is gone on with.
    ///   - ifInDoubt: What to do where an earlier run of the step has no outcome.
    ///   - body: The work; gets a key for the step that is the same in every run of it.
    /// - Returns: The closure's result, of this run or of an earlier one.
    /// - Throws: ``StepError``, or what the closure throws.
    public func step<Value: Codable & Sendable>(
        _ name: String,
        ifInDoubt: StepDoubtPolicy = .park,
        _ body: (_ stepKey: String) async throws -> Value
    ) async throws -> Value {
        let number = session.nextStepNumber()
        let mark = ItemStepMark(number: number, name: name)
        if let known = session.folded.state.step(number), known.name.hasSameBytes(as: name) {
            switch known.standing {
            case .done(let result): return try decode(result, of: mark)
            case .open where ifInDoubt == .park:
                try await doubt(mark, "its holder was gone before its outcome")
            case .open, .failed, .timer: break
            }
        }
        try await write(.beginStep(mark))
        let value: Value
        do {
            value = try await body("\(key)/\(number)")
        } catch {
            try await end(mark, error, ifInDoubt)
            throw error
        }
        let result: [UInt8]
        do { result = Array(try Self.encoder.encode([value])) } catch {
            try await doubt(mark, "its result cannot be written down: \(error)")
        }
        let stepEnd = ItemStepEnd(number: number, result: result)
        if result.count < Self.resultByteCountSoon {
            session.writeSoon(stepEnd)
        } else {
            try await write(.endStep(stepEnd))
        }
        return value
    }

    /// Runs a piece of outside work once for the item, without a key of its own.
    public func step<Value: Codable & Sendable>(
        _ name: String,
        ifInDoubt: StepDoubtPolicy = .park,
        _ body: () async throws -> Value
    ) async throws -> Value {
        try await step(name, ifInDoubt: ifInDoubt) { _ in try await body() }
    }

    /// Runs a piece of outside work once for the item that has nothing to tell.
    public func step(
        _ name: String,
        ifInDoubt: StepDoubtPolicy = .park,
        _ body: (_ stepKey: String) async throws -> Void
    ) async throws {
        _ = try await step(name, ifInDoubt: ifInDoubt) { stepKey in
            try await body(stepKey)
            return true
        }
    }

    /// Runs a piece of outside work once for the item, without a key and with nothing to tell.
    public func step(
        _ name: String,
        ifInDoubt: StepDoubtPolicy = .park,
        _ body: () async throws -> Void
    ) async throws {
        try await step(name, ifInDoubt: ifInDoubt) { _ in try await body() }
    }

    /// Waits until an instant of the wall clock, across restarts.
    ///
    /// The wait is measured on the boot clock from the moment it was first asked for, so that a
    /// clock that is set meanwhile moves nothing; after a restart of the machine by the wall
    /// clock. It has its place among the steps, and meanwhile the item takes one of the run's places
    /// for items that are sent at once.
    ///
    /// - Throws: ``StepError``, and `CancellationError`.
    public func sleep(until instant: Timestamp, _ name: String = "sleep") async throws {
        try await sleep(for: instant.since(session.clock.now()), name)
    }

    /// Waits for a span, across restarts; what has passed of it counts.
    public func sleep(for span: TimeSpan, _ name: String = "sleep") async throws {
        let number = session.nextStepNumber()
        let timer = ItemTimer(
            number: number,
            name: name,
            until: session.clock.now().adding(span),
            bootEnd: session.clock.boot().adding(span)
        )
        let folded = try await write(.setTimer(timer))
        guard case .timer(let set) = folded.state.step(number)?.standing else { return }
        let remaining = set.remaining(session.clock)
        if remaining > .zero { try await session.clock.sleep(remaining) }
    }

    @discardableResult
    private func write(_ command: ItemCommand) async throws(StepError) -> Folded<ItemState> {
        do throws(EngineError<ItemRefusal>) {
            return try await session.write(command)
        } catch {
            throw StepError(error)
        }
    }

    /// Records that nobody knows about a step.
    private func doubt(_ mark: ItemStepMark, _ reason: String) async throws(StepError) -> Never {
        try await write(.doubt(ItemDoubt(.step, detail: "step '\(mark.name)': \(reason)")))
        throw .inDoubt(number: mark.number, name: mark.name, reason: reason)
    }

    /// Records how a step's work ended that threw.
    private func end(
        _ mark: ItemStepMark,
        _ error: any Error,
        _ policy: StepDoubtPolicy
    ) async throws(StepError) {
        let reason = (error as? NotSent)?.reason
        guard let known = reason ?? (policy == .again ? "\(error)" : nil) else {
            try await doubt(mark, "\(error)")
        }
        try await write(.failStep(ItemStepFailure(number: mark.number, reason: known)))
    }

    private func decode<Value: Decodable>(
        _ result: [UInt8],
        of mark: ItemStepMark
    ) throws(StepError) -> Value {
        do {
            // An array of one, because some decoders take nothing else at the top.
            if let value = try JSONDecoder().decode([Value].self, from: Data(result)).first {
                return value
            }
            throw StepError.result(number: mark.number, name: mark.name, reason: "it is empty")
        } catch let error as StepError {
            throw error
        } catch {
            throw .result(number: mark.number, name: mark.name, reason: "\(error)")
        }
    }
}

extension ItemTimer {
    /// What is left of it, or how long it has been over: by the boot clock it was set on, or by the
    /// wall clock after a restart of the machine.
    func remaining(_ clock: ServiceClock) -> TimeSpan {
        bootEnd.remaining(at: clock.boot()) ?? until.since(clock.now())
    }
}
