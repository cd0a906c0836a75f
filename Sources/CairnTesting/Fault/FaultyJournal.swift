internal import CairnCore
public import CairnJournal
internal import Synchronization

/// A journal whose turns go wrong where a case draws it, over any other one.
///
/// What goes wrong is part of the case: its token repeats it, and a report shows the fewest faults
/// that fail. The simplest case has none, and then this is the journal beneath.
///
/// ```swift
/// try await check("nothing acknowledged is lost") { draw in
///     let journal = FaultyJournal(MemoryJournal(), faults: FaultPlan(), &draw)
///     ...
///     if journal.isDown { try await journal.restart() }
/// }
/// ```
///
/// Every turn that is done is durable. One that fails for a full disk or for others has done
/// nothing, and the journal can be used again at once. After an error of the disk everything fails
/// with `JournalError.poisoned`, and after a crash with `JournalError.closed`, until ``restart()``.
/// Who waits for an event meanwhile goes on waiting.
public final class FaultyJournal<Base: Journal>: Journal {
    private struct State {
        var base: Base
        /// What everyone hears until the journal is restarted.
        var trouble: JournalError?
        var turnCount = 0
    }

    private let state: Mutex<State>
    private let source: FaultSource
    private let reopen: @Sendable (Base) async throws(JournalError) -> Base

    /// Wraps a journal for one case.
    ///
    /// - Parameters:
    ///   - base: The journal beneath.
    ///   - faults: What may go wrong.
    ///   - draw: The hand of the case.
    ///   - reopen: Opens the journal beneath as a new process would.
    public init(
        _ base: Base,
        faults: FaultPlan,
        _ draw: inout Draw,
        reopen: @escaping @Sendable (Base) async throws(JournalError) -> Base
    ) {
        state = Mutex(State(base: base))
        source = FaultSource(faults, tape: draw.tape)
        self.reopen = reopen
    }

    /// Wraps a journal without any faults.
    public init(_ base: Base) {
        state = Mutex(State(base: base))
        source = FaultSource(.none, tape: nil)
        reopen = { $0 }
    }

    /// The journal beneath, which never fails: for a test to look at what there really is.
    public var base: Base { state.withLock { $0.base } }

    /// Whether everything fails until the journal is restarted.
    public var isDown: Bool { state.withLock { $0.trouble != nil } }

    /// Ends the process, as far as this journal's callers can tell.
    public func crash() {
        state.withLock { $0.trouble = .closed }
    }

    /// Opens the journal beneath again, as the next process does; what was durable is there.
    ///
    /// - Throws: What opening throws: the journal is then as it was.
    public func restart() async throws(JournalError) {
        let reopened = try await reopen(base)
        state.withLock { state in
            state.base = reopened
            state.trouble = nil
        }
    }

    public func turn<Value: Sendable>(
        _ body: @escaping @Sendable (any TurnScope) throws(JournalError) -> Value
    ) async throws(JournalError) -> Value {
        let base = try alive()
        let number = state.withLock { state in
            state.turnCount += 1
            return state.turnCount
        }
        guard let fault = source.next() else { return try await base.turn(body) }
        source.note(fault, number)
        switch fault {
        case .outOfSpace: throw .outOfSpace(path: Self.path)
        case .busy: throw .busy(path: Self.path)
        case .inputOutput:
            state.withLock { $0.trouble = .poisoned }
            throw .inputOutput(path: Self.path, code: Self.inputOutputCode)
        case .lostTurn: throw .outcomeUnknown
        case .lostReply:
            _ = try await base.turn(body)
            throw .outcomeUnknown
        case .crashBefore:
            crash()
            throw .closed
        case .crashAfter:
            // A turn that is refused appends nothing, but its process is gone all the same.
            defer { crash() }
            _ = try await base.turn(body)
            throw .closed
        case .clockForward, .clockBack:
            source.moveClock(fault)
            return try await base.turn(body)
        }
    }

    /// The journal beneath, unless this one is down.
    func alive() throws(JournalError) -> Base {
        let (base, trouble) = state.withLock { ($0.base, $0.trouble) }
        if let trouble { throw trouble }
        return base
    }

    public var projectionStore: (any ProjectionStore)? { base.projectionStore }

    /// What errors name in the place of a file.
    private static var path: String { "faulty journal" }
    /// `EIO`, which has this number on every system.
    private static var inputOutputCode: Int32 { 5 }
}

extension FaultyJournal where Base == MemoryJournal {
    /// Wraps a journal in memory for one case.
    public convenience init(_ base: MemoryJournal, faults: FaultPlan, _ draw: inout Draw) {
        self.init(base, faults: faults, &draw) { base throws(JournalError) in
            try base.reopened()
        }
    }
}
