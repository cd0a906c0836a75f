import CairnCore
@testable import CairnDomains
import CairnTesting
import Testing

struct RetryLeaseTableTests {
    static let now = BootInstant(boot: 1, nanoseconds: 100)

    /// A wish for the stage's only failure, which was its first attempt of five.
    static func wish(_ change: (inout RetryLeaseWish) -> Void = { _ in }) -> RetryLeaseWish {
        var wish = RetryLeaseWish(
            stage: "VALIDATION",
            failure: Position(rawValue: 9),
            failedAttempt: 1,
            attemptCountMax: 5,
            worker: WorkerNumber(rawValue: 7),
            leaseEnd: now.adding(.seconds(60)),
            now: now,
            goneWorker: nil
        )
        change(&wish)
        return wish
    }

    static func granted(
        takeoverCount: Int64 = 0,
        _ leaseEnd: BootInstant = now.adding(.seconds(1))
    ) -> RetryLeaseMachine.Event {
        RetryLeaseMachine.Event(
            grant: RetryLeaseGrant(
                stage: "VALIDATION",
                failure: Position(rawValue: 9),
                worker: WorkerNumber(rawValue: 6),
                leaseEnd: leaseEnd,
                attempt: 2 &+ takeoverCount,
                takeoverCount: takeoverCount,
                fence: SequenceNumber(rawValue: 1)
            ),
            at: .unixEpoch
        )
    }

    static let standings: [(name: String, events: [RetryLeaseMachine.Event])] = [
        ("absent", []),
        ("leased", [granted()]),
        ("over", [granted(now)]),
        ("over, lost once", [granted(takeoverCount: 1, now)]),
        ("of another boot", [granted(BootInstant(boot: 0, nanoseconds: .max))]),
        ("over, lost twice", [granted(takeoverCount: 2, now)]),
        ("over, lost thrice", [granted(takeoverCount: 3, now)]),
        ("(over, lost without end)", [granted(takeoverCount: .max, now)]),
    ]

    static let wishes: [(name: String, wish: RetryLeaseWish)] = [
        ("take", wish()),
        ("take, its holder gone", wish { $0.goneWorker = WorkerNumber(rawValue: 6) }),
        ("take, another worker gone", wish { $0.goneWorker = WorkerNumber(rawValue: 5) }),
        ("take for a later failure", wish { $0.failure = Position(rawValue: 12) }),
        ("take another stage", wish { $0.stage = "SUBMISSION" }),
        ("take after the last attempt", wish { $0.failedAttempt = 5 }),
        ("take after an attempt without end", wish { $0.failedAttempt = .max }),
    ]

    static func state(_ events: [RetryLeaseMachine.Event]) -> RetryLeaseMachine.State {
        RetryLeaseMachine().replay(events)
    }

    static func rendered() throws -> String {
        try TransitionTable(
            of: RetryLeaseMachine(),
            standings: standings.map { ($0.name, state($0.events)) },
            commands: wishes.map { ($0.name, .take($0.wish)) },
            read: reading
        ).markdown
    }

    @Test func `the table in the specification is the machine's own`() throws {
        let bytes = try PipelineDefinitionTests.specification("Machines/RetryLease.md")
        let text = String(decoding: bytes, as: UTF8.self)
        let table = try Self.rendered()
        #expect(text.contains("\n\n\(table)\n\n"), "\(table)")
    }

    @Test func `each stage has its last lease, under the sequence of its event`() throws {
        let machine = RetryLeaseMachine()
        var state = machine.initial
        for (index, stage) in ["A", "B", "A", "C", "B"].enumerated() {
            // What a newer program wrote in between has its place, too.
            if index == 2 { machine.passOver(&state) }
            let wish = Self.wish {
                $0.stage = stage
                $0.failure = Position(rawValue: UInt64(index + 1))
            }
            let context = TurnContext(now: .unixEpoch)
            for event in try machine.decide(.take(wish), in: state, context: context) {
                machine.evolve(&state, by: event)
                #expect(state[stage] == event.grant)
            }
        }
        #expect(["A", "B", "C"].map { state[$0]?.fence.rawValue } == [4, 6, 5])
        #expect(state.leases.count == 3)
    }
}
