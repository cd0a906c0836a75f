internal import CairnCore
internal import CairnJournal

extension JournalContract {
    static let concurrencyChecks: [ContractCheck] = [
        ContractCheck("many appenders at once leave no gap and get true receipts") { test in
            try await checkManyAppenders(test)
        },
        ContractCheck("of many appends expecting one sequence exactly one is taken") { test in
            try await checkRace(test)
        },
        ContractCheck("a reader among writers sees whole turns and no gap") { test in
            try await checkReaderAmongWriters(test)
        },
    ]

    private static func checkManyAppenders(_ test: JournalCase) async throws {
        let (taskCount, eventCount) = (32, 50)
        let receipts = try await within("\(taskCount) tasks of \(eventCount) appends") {
            try await withThrowingTaskGroup(of: [(payload: [UInt8], Receipt)].self) { group in
                for task in 0..<taskCount {
                    group.addTask {
                        var receipts: [(payload: [UInt8], Receipt)] = []
                        for number in 0..<eventCount {
                            let payload = [UInt8(task), UInt8(number)]
                            let receipt = try await test.journal.append(
                                try test.event(id: "\(task)/\(number)", payload: payload),
                                to: try test.stream("t/\((task + number) % 7)")
                            )
                            receipts.append((payload, receipt))
                        }
                        return receipts
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }
        let stored = try await test.everything()
        let total = UInt64(taskCount * eventCount)
        try expectList(stored.map(\.position.rawValue), Array(1...total), "positions")
        let events = Dictionary(stored.map { ($0.position, $0) }) { first, _ in first }
        for ofTask in receipts {
            let positions = ofTask.map(\.1.position)
            try expectList(positions, positions.sorted(), "positions that one task was given")
            for (payload, receipt) in ofTask {
                let event = events[receipt.position]
                try expect(event?.payload, payload, "the payload at \(receipt.position)")
                try expect(event?.sequence, receipt.sequence, "its sequence")
                try expect(event?.recordedAt, receipt.recordedAt, "its recorded time")
                try expect(receipt.isDuplicate, false, "it is new")
            }
        }
        let sum = stored.reduce(0) { sum, event in
            sum + event.payload.prefix(2).reduce(0) { $0 * 1_000 + Int($1) }
        }
        let expected = (0..<taskCount).reduce(0) { sum, task in
            sum + (0..<eventCount).reduce(0) { $0 + task * 1_000 + $1 }
        }
        try expect(sum, expected, "the sum of what was appended")
        for stream in 0..<7 {
            let name = "t/\(stream)"
            let sequences = try await test.page(of: name, from: 1).events.map(\.sequence.rawValue)
            let count = (0..<taskCount).reduce(0) { sum, task in
                sum + (0..<eventCount).count { (task + $0) % 7 == stream }
            }
            try expectList(sequences, Array(1..<UInt64(count) + 1), "sequences of \(name)")
        }
    }

    private static func checkRace(_ test: JournalCase) async throws {
        let stream = try test.stream("race/1")
        for round in UInt64(0)..<20 {
            let expected = ExpectedSequence.exactly(SequenceNumber(rawValue: round))
            let event = try test.event()
            let winners = try await within("16 appends for sequence \(round + 1)") {
                try await withThrowingTaskGroup(of: Bool.self) { group in
                    for _ in 0..<16 {
                        group.addTask {
                            do throws(JournalError) {
                                try await test.journal.append(
                                    event,
                                    to: stream,
                                    expecting: expected
                                )
                                return true
                            } catch {
                                let refusal = JournalError.sequenceConflict(
                                    stream: stream,
                                    expected: expected,
                                    actual: SequenceNumber(rawValue: round + 1)
                                )
                                try expect(error, refusal, "why the others are refused")
                                return false
                            }
                        }
                    }
                    return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
                }
            }
            try expect(winners, 1, "appends taken at sequence \(round + 1)")
        }
    }

    /// Each turn appends three events, so a view that ends inside one has seen half a turn.
    private static func checkReaderAmongWriters(_ test: JournalCase) async throws {
        let (turnCount, perTurn) = (150, UInt64(3))
        let events = try test.events(1...UInt8(perTurn))
        try await within("a reader among \(turnCount) turns") {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<3 {
                    let stream = try test.stream("w/\(writer)")
                    group.addTask {
                        for _ in 0..<turnCount / 3 {
                            try await test.journal.append([StreamAppend(events, to: stream)])
                        }
                    }
                }
                group.addTask {
                    var seen: UInt64 = 0
                    let total = UInt64(turnCount) * perTurn
                    while seen < total {
                        let page = try await test.page(from: 1)
                        let positions = page.events.map(\.position.rawValue)
                        let last = page.end.lastPosition.rawValue
                        try expect(last <= total, true, "the view ends with what was appended")
                        try expect(last % perTurn, 0, "the view's last position, in whole turns")
                        try expect(last >= seen, true, "a later view ends no earlier")
                        try expectList(positions, Array(1..<last + 1), "positions")
                        seen = last
                        await Task.yield()
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
