internal import CairnCore
internal import CairnJournal

extension JournalContract {
    static let timeChecks: [ContractCheck] = [
        ContractCheck("recorded times never decrease when the clock jumps back") { test in
            let start = test.clock.now
            var latest = Timestamp.distantPast
            for jump: Int64 in [0, 5, -3, 1, -3_600, 3_599, 2, -1, 0, 10] {
                test.clock.advance(by: .seconds(jump))
                latest = max(latest, test.clock.now)
                let receipts = try await test.append(test.events(1...2), to: "a/1")
                try expect(receipts.map(\.recordedAt), [latest, latest], "after \(jump) seconds")
                let head = try await test.journal.head()
                try expect(head.lastRecordedAt, latest, "the head after \(jump) seconds")
                let now = try await test.journal.turn { scope throws(JournalError) in scope.now }
                try expect(now, latest, "a turn's instant after \(jump) seconds")
            }
            try expect(latest.since(start), .seconds(13), "the span of the whole")
            let stored = try await test.everything().map(\.recordedAt)
            try expectList(stored, stored.sorted(), "the recorded times stored")
        },
        ContractCheck("recorded times do not decrease over a reopening", needsReopening: true) {
            test in
            let latest = test.clock.now
            try await test.append([test.event()], to: "a/1")
            try await test.reopen()
            test.clock.advance(by: .seconds(-60))
            let receipts = try await test.append([test.event()], to: "a/1")
            try expect(receipts.map(\.recordedAt), [latest], "after reopening, a minute earlier")
        },
        ContractCheck("a refused turn leaves no recorded time") { test in
            try await test.append([test.event()], to: "a/1")
            let first = test.clock.now
            test.clock.advance(by: .seconds(60))
            let (stream, event) = (try test.stream("a/1"), try test.event())
            try await test.expectRefusal(.readOnly, "the turn's error") {
                try await test.journal.turn { scope throws(JournalError) in
                    try scope.append([event], to: stream, expecting: .any)
                    throw .readOnly
                }
            }
            test.clock.set(to: first.adding(.seconds(1)))
            let receipts = try await test.append([test.event()], to: "a/1")
            try expect(receipts.map(\.recordedAt), [test.clock.now], "the next recorded time")
        },
        ContractCheck("imported recorded times are taken between the last one and the clock") {
            test in
            let now = test.clock.now
            func event(_ seconds: Int64?) throws(LimitError) -> NewEvent {
                try NewEvent(
                    type: "t",
                    occurredAt: .unixEpoch,
                    recordedAt: seconds.map { now.adding(.seconds($0)) },
                    payload: []
                )
            }
            var events: [NewEvent] = []
            for seconds: Int64? in [-100, -50, -70, -20, 40, -1, nil] {
                events.append(try event(seconds))
            }
            let receipts = try await test.append(events, to: "a/1")
            let given = receipts.map { $0.recordedAt.since(now) }
            let expected: [Int64] = [-100, -50, -50, -20, 0, 0, 0]
            try expect(given, expected.map(TimeSpan.seconds), "recorded times from now")
            try expect(
                try await test.everything().map(\.recordedAt),
                receipts.map(\.recordedAt),
                "recorded times stored"
            )
        },
        ContractCheck("the position at an instant is the last one recorded by then") { test in
            try await checkPositionAt(test)
        },
    ]

    private static func checkPositionAt(_ test: JournalCase) async throws {
        let start = test.clock.now
        var recorded: [Int64] = []
        for second: Int64 in [10, 10, 20, 20, 20, 15, 40, 41] {
            test.clock.set(to: start.adding(.seconds(second)))
            let count = second == 41 ? 30 : 1
            try await test.append(Array(repeating: test.event(), count: count), to: "a/1")
            for _ in 0..<count { recorded.append(max(second, recorded.last ?? 0)) }
        }
        for second in Int64(0)...45 {
            for shift: Int64 in [-1, 0, 1] {
                let instant = start.adding(TimeSpan(nanoseconds: second * 1_000_000_000 + shift))
                let position = try await test.journal.position(at: instant)
                let count = recorded.count { start.adding(.seconds($0)) <= instant }
                try expect(
                    position.rawValue,
                    UInt64(count),
                    "the position at second \(second) and \(shift) ns"
                )
            }
        }
        try expect(try await test.journal.position(at: .distantPast), .zero, "long before")
        let last = try await test.journal.position(at: .distantFuture)
        try expect(last.rawValue, UInt64(recorded.count), "long after")
    }
}
