import CairnCore
@testable import CairnDomains
import CairnTesting
import Testing

extension RetryLeaseTableTests {
    /// How a wish is found in the table: by the lease on the stage that is wished for.
    static let reading = TransitionReading<RetryLeaseMachine>(
        cell: { command, state, _ in
            guard case .take(let wish) = command else { return nil }
            return RetryLeaseSight(wish, state).cell
        },
        answer: { outcome in
            switch outcome {
            case .success(let events):
                events.first.map { "`retry.leased` \($0.grant.attempt)" } ?? "`[]`"
            case .failure(.leased): "*leased*"
            case .failure(.attemptsExhausted): "*attempts exhausted*"
            }
        }
    )
}

/// A wish beside the lease that it meets.
private struct RetryLeaseSight {
    let wish: RetryLeaseWish
    let lease: RetryLeaseGrant?
    /// The lease on another stage.
    let other: RetryLeaseGrant?

    init(_ wish: RetryLeaseWish, _ state: RetryLeaseMachine.State) {
        self.wish = wish
        lease = state[wish.stage]
        other = state.leases.first { $0.stage != wish.stage }
    }

    var isForOtherStage: Bool { lease == nil && (other != nil || wish.stage != "VALIDATION") }
    var isForOtherFailure: Bool {
        wish.failure != lease?.failure ?? RetryLeaseTableTests.wish().failure
    }
    var isHolderGone: Bool { wish.goneWorker == lease?.worker ?? wish.worker }

    /// A lease holds until its instant on the clock of one start of the machine.
    func isOver(_ lease: RetryLeaseGrant) -> Bool {
        lease.leaseEnd.boot != wish.now.boot || lease.leaseEnd.nanoseconds <= wish.now.nanoseconds
    }

    var cell: TransitionCell? {
        switch wish.failedAttempt {
        case 1: return TransitionCell(command: row, standing: standing)
        // Of a failure that the lease is not for, it says nothing.
        case 5: return TransitionCell(command: "take after the last attempt", standing: standing)
        case .max:
            let row = "take after an attempt without end"
            return TransitionCell(command: row, standing: standing)
        default: return nil
        }
    }

    private var row: String {
        if isForOtherStage { return "take another stage" }
        if isForOtherFailure { return "take for a later failure" }
        guard wish.goneWorker != nil else { return "take" }
        return isHolderGone ? "take, its holder gone" : "take, another worker gone"
    }

    private var standing: String {
        // A wish that may not be granted anyway asks for its own stage and failure only.
        if wish.failedAttempt != 1, lease == nil || isForOtherFailure { return "absent" }
        guard let lease = lease ?? other else { return "absent" }
        // A holder that is gone has lost the lease as if its time were over.
        let isLost =
            isHolderGone && !isForOtherStage && !isForOtherFailure
            && (lease.takeoverCount > 0 || wish.failedAttempt != 1)
        guard isOver(lease) || isLost else { return "leased" }
        switch lease.takeoverCount {
        case 0: return lease.leaseEnd.boot == wish.now.boot ? "over" : "of another boot"
        case 1: return "over, lost once"
        case 2: return "over, lost twice"
        case 3: return "over, lost thrice"
        default: return "over, lost without end"
        }
    }
}

struct RetryLeaseTransitionTests {
    private typealias Samples = RetryLeaseTableTests

    /// Wishes of one worker at two moments of one boot and one of another.
    static let wishes: [RetryLeaseMachine.Command] = {
        let moments = [
            Samples.now, Samples.now.adding(.seconds(61)), BootInstant(boot: 2, nanoseconds: 0),
        ]
        let gone: [UInt64?] = [nil, 7, 5]
        var wishes: [RetryLeaseWish] = [Samples.wish { $0.stage = "SUBMISSION" }]
        for moment in moments {
            for failedAttempt in [1, 5, Int64.max] {
                for failure in [9, 12] as [UInt64] {
                    wishes += gone.map { gone in
                        Samples.wish {
                            $0.failure = Position(rawValue: failure)
                            $0.failedAttempt = failedAttempt
                            $0.now = moment
                            $0.leaseEnd = moment.adding(.seconds(60))
                            $0.goneWorker = gone.map { WorkerNumber(rawValue: $0) }
                        }
                    }
                }
            }
        }
        return wishes.map { .take($0) }
    }()

    private static func table() throws -> TransitionTable {
        let bytes = try PipelineDefinitionTests.specification("Machines/RetryLease.md")
        return try TransitionTable(markdown: String(decoding: bytes, as: UTF8.self))
    }

    @Test func `every state of leases answers as their table says, and every cell is met`() throws {
        let next = try NextStandings("Machines/RetryLease.md")
        let coverage = try Laws.everyStateFollowsTable(
            RetryLeaseMachine(),
            try Self.table(),
            next: next.table,
            read: Samples.reading,
            exploring: Self.wishes,
            // Fences only rise, and no decision asks for them.
            seenAs: { state in
                Set(
                    state.leases.map { lease in
                        var lease = lease
                        lease.fence = .zero
                        return lease
                    }
                )
            }
        )
        #expect(coverage.isExhaustive && coverage.outsideCount == 0, "\(coverage)")
        next.expectAll(of: coverage)
        #expect(Set(coverage.outOfReach.map(\.standing)) == ["over, lost without end"])
    }

    @Test func `any wishes in any order meet every cell of the table of leases`() throws {
        let next = try NextStandings("Machines/RetryLease.md")
        let coverage = try Laws.turnsFollowTable(
            RetryLeaseMachine(),
            try Self.table(),
            next: next.table,
            read: Samples.reading,
            commands: .sampled(from: Self.wishes),
            settings: PropertySettings(caseCountMax: 500, seed: 1)
        )
        #expect(coverage.outsideCount == 0, "\(coverage)")
    }
}
