import Cairn
import CairnTestSupport
import CairnTesting
import Synchronization

/// A To Log queue over a journal that can be made to fail, and a clock that the test moves.
final class TouchDesk: Sendable {
    let journal: StubbornJournal
    let worker: Worker
    let wall = ManualClock()
    private let scratch: ScratchFolder
    private let waits = Mutex<[TimeSpan]>([])
    private let ticks = AsyncStream.makeStream(of: Void.self)

    /// How the queue's own interval is told from its waits for a journal.
    static let interval = TimeSpan.milliseconds(7)

    init(onDisk: Bool = false) async throws {
        scratch = try ScratchFolder()
        let base: any Journal =
            onDisk ? try LMDBJournal(path: scratch.path("j")) : MemoryJournal()
        journal = StubbornJournal(base)
        worker = try await Worker.join(journal)
    }

    static var bounds: TouchLogBounds {
        var bounds = TouchLogBounds()
        bounds.interval = interval
        return bounds
    }

    /// What the queue waited for a failing journal.
    var retryWaits: [TimeSpan] { waits.withLock { $0 } }

    /// Lets the queue's interval pass once.
    func tick() { ticks.continuation.yield() }

    /// A clock whose interval passes only by ``tick()``, and whose other waits are over at once.
    var clock: ServiceClock {
        ServiceClock(
            now: { [wall] in wall.now },
            boot: { BootInstant(boot: 1, nanoseconds: 1) },
            sleep: { [self] span in
                guard span == Self.interval else { return waits.withLock { $0.append(span) } }
                var ticks = ticks.stream.makeAsyncIterator()
                if await ticks.next() == nil { throw CancellationError() }
            }
        )
    }

    func log(_ bounds: TouchLogBounds = TouchDesk.bounds) -> TouchLog {
        TouchLog(journal: journal, worker: worker, bounds: bounds, clock: clock, seed: { 1 })
    }

    /// Holds the journal's turns back, has the queue begin one, and waits until it hangs.
    func hang() async {
        journal.shut()
        let turnCount = journal.turnCount
        while journal.turnCount == turnCount {
            tick()
            await Task.yield()
        }
    }

    /// Runs a queue while a test uses it, from when it has begun, and then cancels it.
    func running<Value: Sendable>(
        _ log: TouchLog,
        _ body: () async throws -> Value
    ) async throws -> Value {
        let factCount = try await facts().count
        let run = Task { try await log.run() }
        defer { run.cancel() }
        try await eventually { try await facts().count != factCount }
        return try await body()
    }

    /// One row; those of one user have a number each.
    static func touch(_ number: UInt64, user: String = "u", body: String = "") throws -> Touch {
        try Touch(
            uid: TouchUID(high: number, low: 0),
            user: user,
            fact: .sendAttempt(TouchAttempt(queuedAt: 0, channel: .sms, event: body)),
            createdAt: Double(number)
        )
    }

    /// The rows of a user in the journal, in the order they came.
    func rows(of user: String = "u") async throws -> [Touch] {
        let machine = TouchMachine()
        return try await events(of: TouchMachine.stream(of: user), machine).compactMap {
            if case .logged(let touch) = $0 { touch } else { nil }
        }
    }

    /// What the queues wrote about themselves.
    func facts() async throws -> [TouchQueueMachine.Fact] {
        try await events(of: TouchQueueMachine.stream, TouchQueueMachine()).map(\.fact)
    }

    private func events<Rules: StoredMachine>(
        of stream: StreamID,
        _ machine: Rules
    ) async throws -> [Rules.Event] {
        var events: [Rules.Event] = []
        try await journal.forEachEvent(of: stream) { header, frame in
            if let event = try? machine.event(header, frame: frame) { events.append(event) }
            return .proceed
        }
        return events
    }
}
