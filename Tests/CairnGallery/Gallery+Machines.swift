import CairnCore
import CairnTesting

/// A turnstile that counts coins kept and people let through.
private struct Turnstile: Machine {
    struct State: Hashable, Sendable { var isOpen = false, kept = 0, entered = 0 }
    enum Command: Hashable, Sendable, CaseIterable { case insert, push, refund }
    enum Rejection: Error { case notAllowed }

    let hasBug: Bool
    let initial = State()

    func decide(
        _ command: Command,
        in state: State,
        context: TurnContext
    ) throws(Rejection) -> [Command] {
        let isAllowed =
            switch command {
            case .insert: !state.isOpen && state.kept < 3
            case .push, .refund: state.isOpen
            }
        guard isAllowed else { throw .notAllowed }
        return [command]
    }

    func evolve(_ state: inout State, by event: Command) {
        switch event {
        case .insert: (state.isOpen, state.kept) = (true, state.kept + 1)
        case .push: (state.isOpen, state.entered) = (false, state.entered + 1)
        // The bug: the coin is back and the arm stays open.
        case .refund: (state.isOpen, state.kept) = (hasBug, state.kept - 1)
        }
    }
}

/// A lift that can be stopped between floors.
private struct Lift: Machine {
    struct State: Hashable, Sendable { var isMoving = false, isStopped = false, isOpen = false }
    enum Command: Hashable, Sendable, CaseIterable { case go, arrive, stop, resume, open, close }
    enum Rejection: Error { case notAllowed }

    let hasBug: Bool
    let initial = State()

    func decide(
        _ command: Command,
        in state: State,
        context: TurnContext
    ) throws(Rejection) -> [Command] {
        let isAllowed =
            switch command {
            case .go: !state.isMoving && !state.isStopped && !state.isOpen
            case .arrive, .stop: state.isMoving
            // The bug: nobody looks at the door when it goes on.
            case .resume: state.isStopped && (hasBug || !state.isOpen)
            case .open: !state.isMoving && !state.isOpen
            case .close: state.isOpen
            }
        guard isAllowed else { throw .notAllowed }
        return [command]
    }

    func evolve(_ state: inout State, by event: Command) {
        switch event {
        case .go: state.isMoving = true
        case .arrive: state.isMoving = false
        case .stop: (state.isMoving, state.isStopped) = (false, true)
        case .resume: (state.isMoving, state.isStopped) = (true, false)
        case .open: state.isOpen = true
        case .close: state.isOpen = false
        }
    }
}

/// A stage of a pipeline.
private struct Stage: Machine {
    enum Status: Hashable, Sendable { case pending, started, completed, failed, skipped }
    struct State: Hashable, Sendable { var status = Status.pending, wasCompleted = false }
    enum Command: Hashable, Sendable, CaseIterable { case start, complete, fail, skip, retry }
    enum Rejection: Error { case notAllowed }

    let hasBug: Bool
    let initial = State()

    func decide(
        _ command: Command,
        in state: State,
        context: TurnContext
    ) throws(Rejection) -> [Status] {
        switch (command, state.status) {
        case (.start, .pending): [.started]
        case (.complete, .started): [.completed]
        case (.fail, .started): [.failed]
        // The bug: a late failure is taken from what is complete.
        case (.fail, .completed) where hasBug: [.failed]
        case (.skip, .pending): [.skipped]
        case (.retry, .failed): [.pending]
        case (.start, _), (.complete, _), (.fail, _), (.skip, _), (.retry, _): throw .notAllowed
        }
    }

    func evolve(_ state: inout State, by event: Status) {
        state.status = event
        if event == .completed { state.wasCompleted = true }
    }
}

/// Attempts of one delivery, three at most.
private struct Attempts: Machine {
    struct State: Hashable, Sendable { var count = 0, isRunning = false }
    enum Command: Hashable, Sendable, CaseIterable { case attempt, fail, acknowledge }
    enum Rejection: Error { case notAllowed }

    let hasBug: Bool
    let initial = State()

    func decide(
        _ command: Command,
        in state: State,
        context: TurnContext
    ) throws(Rejection) -> [Command] {
        let isAllowed =
            switch command {
            // The bug: three attempts and then one more.
            case .attempt: !state.isRunning && (hasBug ? state.count <= 3 : state.count < 3)
            case .fail: state.isRunning
            case .acknowledge: state.isRunning
            }
        guard isAllowed else { throw .notAllowed }
        return [command]
    }

    func evolve(_ state: inout State, by event: Command) {
        switch event {
        case .attempt: state = State(count: state.count + 1, isRunning: true)
        case .fail: state.isRunning = false
        case .acknowledge: state = State()
        }
    }
}

extension GallerySubject {
    static let machines = [turnstile, lift, stage, attempts]

    private static let turnstile = GallerySubject(
        "turnstile that stays open after a refund",
        minimal: ["insert", "refund", "push"],
        reason: "Someone has to enter, after a refund, which takes a coin.",
        exploring: { Turnstile(hasBug: $0) },
        with: Turnstile.Command.allCases,
        invariant: Invariant("who enters has paid") { $0.entered <= $0.kept }
    )

    private static let lift = GallerySubject(
        "lift that goes on with its door open",
        minimal: ["go", "stop", "open", "resume"],
        reason: "To go on it has to be stopped, which takes going, and only then does a door open.",
        exploring: { Lift(hasBug: $0) },
        with: Lift.Command.allCases,
        invariant: Invariant("it moves with its door closed") { !($0.isMoving && $0.isOpen) }
    )

    private static let stage = GallerySubject(
        "completed stage that fails",
        minimal: ["start", "complete", "fail"],
        reason: "It is completed after it was started, and then fails.",
        exploring: { Stage(hasBug: $0) },
        with: Stage.Command.allCases,
        invariant: Invariant("what is completed stays so") {
            !$0.wasCompleted || $0.status == .completed
        }
    )

    private static let attempts = GallerySubject(
        "one attempt too many",
        minimal: [
            "command(attempt)", "command(fail)", "command(attempt)", "command(fail)",
            "command(attempt)", "command(fail)", "command(attempt)",
        ],
        reason: "Four attempts with a failure between each two; an acknowledgement starts afresh.",
        machine: { Attempts(hasBug: $0) },
        commands: .allCases(),
        invariant: Invariant("there are three at most") { $0.count <= 3 }
    )
}
