internal import CairnCore
internal import CairnJournal

extension JournalContract {
    static let lifeChecks: [ContractCheck] = [
        ContractCheck("a sign of life that is held is refused to everyone else") { test in
            let lock = try await test.journal.lockLife(7)
            try expect(lock.number, 7, "the number of the lock")
            for _ in 1...2 {
                try await test.expectRefusal(.lockHeld(number: 7), "taken twice") {
                    _ = try await test.journal.lockLife(7)
                }
                try await expectLife(test, 7, isHeld: true, "while it is held")
            }
            lock.release()
        },
        ContractCheck("a sign of life that is let go of is free, also when let go of again") {
            test in
            let first = try await test.journal.lockLife(7)
            first.release()
            try await expectLife(test, 7, isHeld: false, "after its release")
            let second = try await test.journal.lockLife(7)
            // The first one is over and has no say in the second.
            first.release()
            try await expectLife(test, 7, isHeld: true, "after the first's second release")
            second.release()
            try await expectLife(test, 7, isHeld: false, "after the second's release")
        },
        ContractCheck("a sign of life whose last reference is gone is free") { test in
            try await takeAndDrop(test, 7)
            try await expectLife(test, 7, isHeld: false, "after it was dropped")
            try await test.journal.lockLife(7).release()
        },
        ContractCheck("signs of life of different numbers do not touch each other") { test in
            let numbers: [UInt64] = [0, 1, 2, 1 << 31, 1 << 32, (1 << 62) - 1]
            var locks: [any LifeLock] = []
            for number in numbers {
                try await expectLife(test, number, isHeld: false, "before \(number) is taken")
                locks.append(try await test.journal.lockLife(number))
                for other in numbers {
                    let isHeld = locks.contains { $0.number == other }
                    try await expectLife(test, other, isHeld: isHeld, "with \(number) taken")
                }
            }
            for lock in locks {
                lock.release()
                for other in numbers {
                    let isHeld = other > lock.number
                    try await expectLife(test, other, isHeld: isHeld, "\(lock.number) released")
                }
            }
        },
        ContractCheck("a number whose sign of life was never taken is free") { test in
            try await expectLife(test, 7, isHeld: false, "in a new journal")
            try await expectLife(test, (1 << 62) - 1, isHeld: false, "the highest number")
            let before = try await test.journal.head()
            try await test.journal.lockLife(7).release()
            try expect(try await test.journal.head(), before, "locks are no events")
        },
        ContractCheck(
            "a sign of life is held on when the journal is closed and opened again",
            needsReopening: true
        ) { test in
            let lock = try await test.journal.lockLife(7)
            try await test.reopen()
            try await expectLife(test, 7, isHeld: true, "in the journal opened again")
            try await test.expectRefusal(.lockHeld(number: 7), "taken twice") {
                _ = try await test.journal.lockLife(7)
            }
            lock.release()
            try await expectLife(test, 7, isHeld: false, "after its release")
        },
        ContractCheck("of many who take one sign of life at once exactly one gets it") { test in
            let locks = try await within("16 locks of one number") {
                try await withThrowingTaskGroup(of: (any LifeLock)?.self) { group in
                    for _ in 0..<16 {
                        group.addTask {
                            do throws(JournalError) {
                                return try await test.journal.lockLife(7)
                            } catch {
                                try expect(error, .lockHeld(number: 7), "the others' refusal")
                                return nil
                            }
                        }
                    }
                    return try await group.reduce(into: [any LifeLock]()) { locks, lock in
                        if let lock { locks.append(lock) }
                    }
                }
            }
            try expect(locks.count, 1, "locks that were given")
            for lock in locks { lock.release() }
        },
    ]

    private static func takeAndDrop(_ test: JournalCase, _ number: UInt64) async throws {
        let lock = try await test.journal.lockLife(number)
        try await expectLife(test, number, isHeld: true, "before it is dropped")
        withExtendedLifetime(lock) {}
    }

    private static func expectLife(
        _ test: JournalCase,
        _ number: UInt64,
        isHeld: Bool,
        _ message: String
    ) async throws {
        let found = try await test.journal.isLifeLocked(number)
        try expect(found, isHeld, "whether \(number) is held, \(message)")
    }
}
