import Cairn
import CairnTestSupport
import CairnTesting
import Synchronization

/// The journals that services are tried on.
enum JournalKind: String, CaseIterable, Sendable {
    case memory, lmdb
}

/// A journal with clocks that a test moves, and the process that works on it.
///
/// Each `life` of it is a process: its worker's lock is free once it is over, and what comes after
/// reads the journal anew.
final class TestSite {
    let time: TestTime
    private(set) var journal: any Journal
    private(set) var worker: Worker
    private let scratch: ScratchFolder
    private let numbers = Counter(7)
    /// How many items its runners have looked at one by one.
    let looks = Shared(0)

    init(_ kind: JournalKind = .memory) async throws {
        scratch = try ScratchFolder()
        let time = TestTime()
        self.time = time
        journal =
            switch kind {
            case .memory: MemoryJournal(clock: { time.wall.now })
            case .lmdb: try Self.open(scratch.path("journal"), time)
            }
        worker = try await Worker.join(journal, clock: time.clock)
    }

    /// Goes on with a journal that another process has left.
    init(_ journal: any Journal, _ time: TestTime) async throws {
        scratch = try ScratchFolder()
        self.time = time
        self.journal = journal
        worker = try await Worker.join(journal, clock: time.clock)
    }

    deinit {
        (journal as? LMDBJournal)?.close()
    }

    private static func open(_ path: String, _ time: TestTime) throws -> LMDBJournal {
        var configuration = LMDBJournal.Configuration()
        configuration.clock = { time.wall.now }
        return try LMDBJournal(path: path, configuration: configuration)
    }

    /// Ends the process and begins the next one on the same journal.
    func restart() async throws {
        worker.die()
        switch journal {
        case let memory as MemoryJournal: journal = try memory.reopened()
        case let lmdb as LMDBJournal:
            lmdb.close()
            journal = try Self.open(lmdb.path, time)
        default: break
        }
        worker = try await Worker.join(journal, clock: time.clock)
    }

    func interactions(_ vocabulary: ProviderVocabulary = .builtIn) -> Interactions {
        Interactions(
            journal: journal,
            worker: worker,
            vocabulary: vocabulary,
            clock: time.clock,
            seed: seeds()
        )
    }

    func runner() -> JobRunner {
        var runner = JobRunner(journal: journal, worker: worker, clock: time.clock, seed: seeds())
        runner.onLook = { [looks] count in looks.change { $0 += count } }
        return runner
    }

    /// A runner of a process of its own.
    func otherRunner() async throws -> (JobRunner, Worker) {
        let worker = try await Worker.join(journal, clock: time.clock)
        let runner = JobRunner(
            journal: journal,
            worker: worker,
            clock: time.clock,
            seed: seeds()
        )
        return (runner, worker)
    }

    /// Dispatches under the key `k`, with five seconds for the send; the clocks flow meanwhile.
    func dispatch(
        _ policy: ItemPolicy = ItemPolicy(timeout: .seconds(5)),
        by interactions: Interactions? = nil,
        _ send: @escaping @Sendable (Attempt) async throws -> SendOutcome
    ) async throws -> DispatchResult {
        let interactions = interactions ?? self.interactions()
        return try await time.flowing {
            try await interactions.dispatch(
                customer: "anna",
                channel: .email,
                template: "welcome",
                key: "k",
                policy: policy,
                send
            )
        }
    }

    func state(of key: String) async throws -> ItemState {
        try await JobAudit.state(of: key, in: journal)
    }

    private func seeds() -> @Sendable () -> UInt64 { { [numbers] in numbers.next() } }
}

/// Numbers that never repeat and are the same in every run.
final class Counter: Sendable {
    private let generator: Mutex<SeededGenerator>

    init(_ seed: UInt64) {
        generator = Mutex(SeededGenerator(seed: seed))
    }

    func next() -> UInt64 { generator.withLock { $0.next() } }
}

/// A value that tasks share.
final class Shared<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>

    init(_ value: Value) {
        mutex = Mutex(value)
    }

    var value: Value { mutex.withLock { $0 } }

    @discardableResult
    func change<Result: Sendable>(_ body: @Sendable (inout Value) -> Result) -> Result {
        mutex.withLock { value in body(&value) }
    }
}

/// A door that those who come to it wait at until it is opened.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiters: [CheckedContinuation<Void, Never>] = []
        var arrivedCount = 0
    }

    private let state = Mutex(State())

    /// How many came so far.
    var arrivedCount: Int { state.withLock { $0.arrivedCount } }

    /// Waits, whatever happens to the task: a send that hangs.
    func pass() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                state.arrivedCount += 1
                if !state.isOpen { state.waiters.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiters = state.withLock { state in
            state.isOpen = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Waits until so many have come.
    func arrivals(_ count: Int) async throws {
        try await eventually("\(count) came to the gate") { arrivedCount >= count }
    }
}
