import CairnCore
import CairnTesting

/// The listening end of a connection.
private struct Listener: Machine {
    enum State: Hashable, Sendable {
        case listening
        case received(own: Int)
        case established(own: Int, acknowledged: Int)
    }
    enum Command: Hashable, Sendable { case begin(Int), acknowledge(Int), reset }
    enum Rejection: Error { case notAllowed }

    let hasBug: Bool
    let initial = State.listening

    func decide(
        _ command: Command,
        in state: State,
        context: TurnContext
    ) throws(Rejection) -> [State] {
        switch (command, state) {
        // The own number is made from the other end's, so that nothing has to be kept.
        case (.begin(let number), .listening): return [.received(own: number + 300)]
        case (.acknowledge(let number), .received(let own)):
            // The bug: what was not sent yet may be acknowledged.
            guard number == own + 1 || (hasBug && number > own) else { throw .notAllowed }
            return [.established(own: own, acknowledged: number)]
        case (.reset, .received), (.reset, .established): return [.listening]
        case (.begin, _), (.acknowledge, _), (.reset, .listening): throw .notAllowed
        }
    }

    func evolve(_ state: inout State, by event: State) { state = event }
}

/// A lease of ten seconds, under which its holder writes.
private struct Lease: Machine {
    struct State: Hashable, Sendable {
        var holder: Int?
        var until = Timestamp.unixEpoch
        /// The number of the lease, and the number under which each holder believes to hold it.
        var fence = 0
        var held: [Int: Int] = [:]
        var hasStaleWrite = false
    }
    enum Command: Hashable, Sendable { case acquire(Int), write(Int) }
    enum Event: Hashable, Sendable { case acquired(Int, until: Timestamp), wrote(Int) }
    enum Rejection: Error { case notAllowed }

    let hasBug: Bool
    let initial = State()

    func decide(
        _ command: Command,
        in state: State,
        context: TurnContext
    ) throws(Rejection) -> [Event] {
        switch command {
        case .acquire(let worker):
            let isFree = state.holder == nil || context.now >= state.until
            guard isFree else { throw .notAllowed }
            let until = context.now.adding(TimeSpan(nanoseconds: 10_000_000_000))
            return [.acquired(worker, until: until)]
        case .write(let worker):
            guard let fence = state.held[worker] else { throw .notAllowed }
            // The bug: whoever held it once may write.
            guard hasBug || fence == state.fence else { throw .notAllowed }
            return [.wrote(worker)]
        }
    }

    func evolve(_ state: inout State, by event: Event) {
        switch event {
        case .acquired(let worker, let until):
            (state.holder, state.until, state.fence) = (worker, until, state.fence + 1)
            state.held[worker] = state.fence
        case .wrote(let worker):
            if state.held[worker] != state.fence { state.hasStaleWrite = true }
        }
    }
}

/// Accounts between which money goes.
private struct Bank: Machine {
    struct Transfer: Hashable, Sendable, CustomStringConvertible {
        let from: Int
        let to: Int
        let amount: Int

        var description: String { "\(amount) from \(from) to \(to)" }
    }
    enum Rejection: Error { case notCovered }

    let hasBug: Bool
    let initial = [10, 10, 10]

    func decide(
        _ command: Transfer,
        in state: [Int],
        context: TurnContext
    ) throws(Rejection) -> [Transfer] {
        guard command.amount <= state[command.from] else { throw .notCovered }
        return [command]
    }

    func evolve(_ state: inout [Int], by event: Transfer) {
        let (payer, payee) = (state[event.from], state[event.to])
        state[event.from] = payer - event.amount
        // The bug: the other balance is the one from before, though it may be the same account.
        state[event.to] = (hasBug ? payee : state[event.to]) + event.amount
    }
}

/// Two who vote on a transaction and one who decides, any of whom may lose what is not on disk.
private struct Commit: Machine {
    enum Vote: Hashable, Sendable { case none, prepared, committed, aborted }
    enum Command: Hashable, Sendable { case prepare(Int), crash(Int), commit }
    enum Rejection: Error { case notAllowed }
    struct State: Hashable, Sendable {
        var votes = [Vote.none, .none]
        var yesCount = 0
    }

    let hasBug: Bool
    let initial = State()

    func decide(
        _ command: Command,
        in state: State,
        context: TurnContext
    ) throws(Rejection) -> [Command] {
        let isAllowed =
            switch command {
            case .prepare(let one): state.votes[one] == .none
            case .crash: true
            case .commit: state.yesCount == 2 && !state.votes.contains(.committed)
            }
        guard isAllowed else { throw .notAllowed }
        return [command]
    }

    func evolve(_ state: inout State, by event: Command) {
        switch event {
        case .prepare(let one):
            state.votes[one] = .prepared
            state.yesCount += 1
        case .crash(let one):
            // The bug: a vote is sent before it is on disk, so who comes back aborts.
            if hasBug, state.votes[one] == .prepared { state.votes[one] = .aborted }
        case .commit:
            for one in state.votes.indices where state.votes[one] == .prepared {
                state.votes[one] = .committed
            }
        }
    }
}

/// A retry after a second and something that the turn's seed adds.
private struct Retry: Machine {
    enum Command: Hashable, Sendable, CaseIterable { case schedule, cancel }
    enum Rejection: Error { case notAllowed }

    let hasBug: Bool
    /// The milliseconds to wait; nil where nothing is to be done again.
    let initial: Int? = nil

    func decide(
        _ command: Command,
        in state: Int?,
        context: TurnContext
    ) throws(Rejection) -> [Int?] {
        switch command {
        // The bug: half of all seeds are negative as signed numbers, and so is what they leave.
        case .schedule where hasBug: [1_000 + Int(truncatingIfNeeded: context.seed) % 1_000]
        case .schedule: [1_000 + Int(context.seed % 1_000)]
        case .cancel where state == nil: throw .notAllowed
        case .cancel: [nil]
        }
    }

    func evolve(_ state: inout Int?, by event: Int?) { state = event }
}

extension GallerySubject {
    static let protocols = [listener, lease, bank, commit, backoff]

    private static let listener = GallerySubject(
        "handshake that takes any later acknowledgement",
        minimal: ["command(begin(0))", "command(acknowledge(302))"],
        reason: "Own number 300; 301 is right, and 302 the first that is later.",
        machine: { Listener(hasBug: $0) },
        commands: .one(
            of: Generator<Int>.int(in: 0...99).map { .begin($0) },
            Generator<Int>.int(in: 0...999).map { .acknowledge($0) },
            .constant(.reset)
        ),
        invariant: Invariant("it was the right one") {
            if case .established(let own, let number) = $0 { number == own + 1 } else { true }
        }
    )

    private static let lease = GallerySubject(
        "lease under which an old holder writes",
        minimal: [
            "command(acquire(0))", "command(acquire(1))", "command(write(0))",
            "command 2 comes 10000000000 ns later",
        ],
        reason: """
            It has to go to another, no sooner than when it ends, which is after ten seconds; then \
            the first one writes.
            """,
        machine: { Lease(hasBug: $0) },
        commands: .one(
            of: Generator<Int>.int(in: 0...2).map { .acquire($0) },
            Generator<Int>.int(in: 0...2).map { .write($0) }
        ),
        invariant: Invariant("only the holder writes") { !$0.hasStaleWrite }
    )

    private static let bank = GallerySubject(
        "transfer to oneself that makes money",
        minimal: ["command(1 from 0 to 0)"],
        reason: "One transfer, of the least amount, between the first account and itself.",
        machine: { Bank(hasBug: $0) },
        commands: Generator<(Int, Int, Int)>
            .tuple(.int(in: 0...2), .int(in: 0...2), .int(in: 1...20))
            .map { Bank.Transfer(from: $0, to: $1, amount: $2) },
        invariant: Invariant("there is as much as before") { $0.reduce(0, +) == 30 }
    )

    private static let commit = GallerySubject(
        "two-phase commit that forgets a vote",
        minimal: [
            "command(prepare(0))", "command(prepare(1))", "command(crash(0))", "command(commit)",
        ],
        reason: """
            Both have to vote and one to come back before the decision; last of the three, because \
            to prepare is the first of the commands.
            """,
        machine: { Commit(hasBug: $0) },
        commands: .one(
            of: Generator<Int>.int(in: 0...1).map { .prepare($0) },
            Generator<Int>.int(in: 0...1).map { .crash($0) },
            .constant(.commit)
        ),
        invariant: Invariant("both do the same") {
            !($0.votes.contains(.committed) && $0.votes.contains(.aborted))
        }
    )

    private static let backoff = GallerySubject(
        "jitter that a large seed makes negative",
        minimal: ["command(schedule)", "command 1 has the seed 9223372036854775808"],
        reason: "The first seed that is negative as a signed number; it leaves -808 of 1000.",
        machine: { Retry(hasBug: $0) },
        commands: .allCases(),
        invariant: Invariant("it waits a second or more") { $0.map { $0 >= 1_000 } ?? true }
    )
}
