internal import CairnCore
internal import CairnJournal

extension JournalContract {
    static let followChecks: [ContractCheck] = [
        ContractCheck("a follower gets what is there and then what comes") { test in
            try await test.fill(10)
            try await within("a follower from position 4 to 14") {
                var followed: [UInt8] = []
                for try await event in test.journal.events(after: Position(rawValue: 3)) {
                    followed.append(event.payload.first ?? 0)
                    if event.position.rawValue == 10 { try await test.fill(4) }
                    if event.position.rawValue == 14 { break }
                }
                try expect(followed, [4, 5, 6, 7, 8, 9, 10, 1, 2, 3, 4], "payloads followed")
            }
        },
        ContractCheck("followers meet every event once, whoever appends meanwhile") { test in
            try await checkConcurrentFollowers(test)
        },
        ContractCheck("a wait for what is there returns at once") { test in
            try await test.fill(3)
            try await within("waits for events that exist") {
                for position in UInt64(0)...2 {
                    try await test.journal.waitForEvent(after: Position(rawValue: position))
                }
            }
        },
        ContractCheck("every waiter is woken by the event it waits for") { test in
            let (stream, event) = (try test.stream("a/1"), try test.event())
            try await within("40 waiters at 20 positions") {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for waiter in UInt64(0)..<40 {
                        group.addTask {
                            let position = Position(rawValue: waiter / 2)
                            try await test.journal.waitForEvent(after: position)
                            let head = try await test.journal.head()
                            try expect(
                                head.lastPosition > position,
                                true,
                                "an event is after \(position) when its waiter returns"
                            )
                        }
                    }
                    for _ in 0..<20 {
                        try await test.journal.append(event, to: stream)
                        await Task.yield()
                    }
                    try await group.waitForAll()
                }
            }
        },
        ContractCheck("a cancelled waiter returns and the others go on waiting") { test in
            try await within("cancelled waiters and one that is not") {
                let patient = Task { try await test.journal.waitForEvent(after: .zero) }
                for attempt in 0..<50 {
                    let waiter = Task {
                        // Some are cancelled before they wait, some while they do.
                        for _ in 0..<attempt % 5 { await Task.yield() }
                        try? await test.journal.waitForEvent(after: .zero)
                    }
                    for _ in 0..<attempt % 7 { await Task.yield() }
                    waiter.cancel()
                    await waiter.value
                }
                try await test.fill(1)
                try await patient.value
            }
        },
        ContractCheck("a cancelled follower ends its sequence") { test in
            try await test.fill(3)
            try await within("a cancelled follower") {
                let (seen, toldOfEvent) = AsyncStream.makeStream(of: UInt64.self)
                let follower = Task {
                    var count = 0
                    for try await event in test.journal.events() {
                        count += 1
                        toldOfEvent.yield(event.position.rawValue)
                    }
                    return count
                }
                for await position in seen where position == 3 { break }
                follower.cancel()
                try expect(try await follower.value, 3, "events before the end")
            }
        },
    ]

    private static func checkConcurrentFollowers(_ test: JournalCase) async throws {
        let (appenderCount, eventCount, earlyCount) = (8, 60, UInt64(20))
        try await test.fill(UInt8(earlyCount))
        let total = earlyCount + UInt64(appenderCount * eventCount)
        let follow: @Sendable (UInt64) async throws -> [UInt64] = { start in
            var positions: [UInt64] = []
            for try await event in test.journal.events(after: Position(rawValue: start)) {
                positions.append(event.position.rawValue)
                if event.position.rawValue == total { break }
            }
            return positions
        }
        try await within("4 followers of \(appenderCount) appenders") {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for start: UInt64 in [0, 1, 10, 300] {
                    group.addTask {
                        let followed = try await follow(start)
                        try expectList(followed, Array((start + 1)...total), "after \(start)")
                    }
                }
                for appender in 0..<appenderCount {
                    let stream = try test.stream("f/\(appender)")
                    group.addTask {
                        for number in 0..<eventCount {
                            let event = try test.event(payload: [UInt8(number)])
                            try await test.journal.append(event, to: stream)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
