import CairnCore
import CairnEngine
import CairnTesting
import Synchronization

/// A locker that holds numbered things, with one flaw for each law that a machine can break.
struct Locker: StoredMachine {
    enum Flaw: Hashable, Sendable {
        case none
        /// Counts in a class what it has ever folded (laws 2.1 and 2.6).
        case countsOutside
        /// Keeps the last event in a class and passes over a second one like it (law 2.2).
        case remembersLast
        /// Takes out whatever a set has first (law 2.4).
        case takesFirst
        /// Writes a clock's own time into its events (law 2.6).
        case readsClock
        /// Puts in again what is there (law 4.1).
        case putsTwice
        /// Says nothing of an event that should not have happened (law 6.1).
        case dropsOddEvents
        /// Opens what is open, without refusing it (law 6.3).
        case opensTwice
        /// Refuses to close what is open (law 6.3).
        case staysOpen
        /// Believes the last report instead of the furthest (law 7.1).
        case believesLast
        /// Writes a thing's number in one byte (laws 2.1 and 11.1).
        case writesOneByte
        /// Passes over every event that it does not know (law 6.2).
        case passesOverUnknown
        /// Reads versions of its events that it cannot know (law 6.2).
        case readsNewer
        /// Counts each thing twice, as no version did before (law 11.2).
        case countsAnew
    }

    struct State: Hashable, Sendable {
        var isOpen = false
        var things: Set<Int> = []
        var report = 0
        var total = 0
        var eventCount = 0
        var anomalyCount = 0
    }

    enum Command: Hashable, Sendable { case open, close, put(Int), takeAny }

    enum Event: Hashable, Sendable {
        case opened(at: Timestamp), closed, put(Int), taken(Int), reported(Int)
    }

    enum Rejection: Error, Hashable { case isOpen, isClosed, isEmpty }

    enum Effect: Hashable, Sendable { case ring(Int) }

    let flaw: Flaw
    let initial = State()
    /// What a machine must not have.
    private let memory = Memory()

    init(_ flaw: Flaw = .none) {
        self.flaw = flaw
    }

    func decide(
        _ command: Command,
        in state: State,
        context: TurnContext
    ) throws(Rejection) -> [Event] {
        switch command {
        case .open:
            if state.isOpen, flaw != .opensTwice { throw .isOpen }
            return [.opened(at: flaw == .readsClock ? Self.clockNow : context.now)]
        case .close:
            guard state.isOpen, flaw != .staysOpen else { throw .isClosed }
            return [.closed]
        case .put(let thing):
            guard state.isOpen else { throw .isClosed }
            return state.things.contains(thing) && flaw != .putsTwice ? [] : [.put(thing)]
        case .takeAny:
            guard state.isOpen else { throw .isClosed }
            let thing = flaw == .takesFirst ? state.things.first : state.things.min()
            guard let thing else { throw .isEmpty }
            return [.taken(thing)]
        }
    }

    func evolve(_ state: inout State, by event: Event) {
        if flaw == .remembersLast, memory.isLast(event) { return }
        if flaw == .countsOutside { state.total = memory.count() }
        let isOdd = !change(&state, by: event)
        if isOdd, flaw == .dropsOddEvents { return }
        state.eventCount += 1
        if isOdd { state.anomalyCount += 1 }
    }

    /// Takes an event in; false where it should not have happened.
    private func change(_ state: inout State, by event: Event) -> Bool {
        switch event {
        case .opened, .closed:
            let wasOpen = state.isOpen
            if case .opened = event { state.isOpen = true } else { state.isOpen = false }
            return wasOpen != state.isOpen
        case .put(let thing):
            if flaw == .countsAnew { state.total += 1 }
            return state.things.insert(thing).inserted
        case .taken(let thing): return state.things.remove(thing) != nil
        case .reported(let rank):
            state.report = flaw == .believesLast ? rank : max(state.report, rank)
            return true
        }
    }

    func effects(of event: Event) -> [Effect] {
        guard case .put(let thing) = event else { return [] }
        return [.ring(thing)]
    }

    private static var clockNow: Timestamp {
        let span = ContinuousClock.now - epoch
        return Timestamp(nanoseconds: Int64(span / .nanoseconds(1)))
    }

    private static let epoch = ContinuousClock.now
}

/// What outlives a fold, and must not.
private final class Memory: Sendable {
    private let last = Mutex<Locker.Event?>(nil)
    private let foldedCount = Mutex(0)

    func isLast(_ event: Locker.Event) -> Bool {
        last.withLock { last in
            defer { last = event }
            return last == event
        }
    }

    func count() -> Int {
        foldedCount.withLock { count in
            count += 1
            return count
        }
    }
}

extension Locker {
    static let commands = Generator<Command>.one(
        of: .constant(.open),
        Generator<Int>.int(in: 0...600).map { .put($0) },
        .constant(.takeAny),
        .constant(.close)
    )

    static let events = Generator<Event>.one(
        of: .constant(.closed),
        Generator<Int>.int(in: 0...600).map { .put($0) },
        Generator<Int>.int(in: 0...600).map { .taken($0) },
        Generator<Int>.int(in: 0...9).map { .reported($0) },
        Generator<Timestamp>.timestamp().map { .opened(at: $0) }
    )

    static let reports = Generator<[Event]>.array(
        of: Generator<Int>.int(in: 0...9).map { .reported($0) },
        count: 0...6
    )

    /// The table: which commands are accepted where.
    static func isLegal(_ command: Command, _ state: State, _: TurnContext) -> Bool {
        switch command {
        case .open: !state.isOpen
        case .close, .put: state.isOpen
        case .takeAny: state.isOpen && !state.things.isEmpty
        }
    }
}
