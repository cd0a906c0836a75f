internal import CairnCore
internal import CairnJournal

extension JournalContract {
    static let turnChecks: [ContractCheck] = [
        ContractCheck("a turn returns its closure's value and throws its closure's error") { test in
            let value = try await test.journal.turn { _ throws(JournalError) in "value" }
            try expect(value, "value", "what the turn returns")
            try await test.expectRefusal(.readOnly, "what the turn throws") {
                try await test.journal.turn { _ throws(JournalError) in
                    throw .readOnly
                }
            }
        },
        ContractCheck("a turn reads what it appended") { test in try await checkOwnWrites(test) },
        ContractCheck("a turn reads its streams from any sequence until it stops") { test in
            try await checkScopeReads(test)
        },
        ContractCheck("a refused turn leaves no trace") { test in
            try await test.append([test.event(id: "kept")], to: "a/1")
            let (a, b) = (try test.stream("a/1"), try test.stream("b/1"))
            let event = try test.event(id: "dropped", payload: [9])
            try await test.expectRefusal(.readOnly, "what the turn throws") {
                try await test.journal.turn { scope throws(JournalError) in
                    try scope.append([event], to: b, expecting: .noneYet)
                    try scope.append([], to: b, expecting: .exactly(SequenceNumber(rawValue: 1)))
                    try scope.append([], to: a, expecting: .any)
                    throw .readOnly
                }
            }
            let id = try EventID("dropped")
            try expect(try await test.journal.receipt(of: id), nil, "the dropped event's receipt")
            try expect(try await test.journal.lastSequence(of: b), .zero, "the dropped stream")
            try expect(try await test.page(of: "b/1", from: 1).events, [], "its events")
            let receipts = try await test.append([event], to: "a/1")
            try expect(receipts.map(\.position.rawValue), [2], "the next event's position")
            try expect(receipts.map(\.isDuplicate), [false], "the id is free again")
        },
        ContractCheck("a refused turn leaves its neighbours alone") { test in
            try await checkNeighbours(test)
        },
        ContractCheck("an append refused inside a turn adds nothing if the turn goes on") { test in
            try await test.append([test.event(id: "known", payload: [1])], to: "a/1")
            let stream = try test.stream("a/1")
            let good = try test.event(id: "good", payload: [2])
            let bad = try test.event(id: "known", payload: [3])
            let last = try test.event(payload: [4])
            let one = SequenceNumber(rawValue: 1)
            let wasRefused = try await test.journal.turn { scope throws(JournalError) in
                var wasRefused = false
                do throws(JournalError) {
                    try scope.append([good, bad], to: stream, expecting: .any)
                } catch {
                    wasRefused = true
                }
                try scope.append([last], to: stream, expecting: .exactly(one))
                return wasRefused
            }
            try expect(wasRefused, true, "the append inside the turn is refused")
            try expect(try await test.numbers(), [1, 4], "what is stored")
            let id = try EventID("good")
            try expect(try await test.journal.receipt(of: id), nil, "the refused event's receipt")
        },
        ContractCheck("a turn that decides on the last sequence cannot conflict") { test in
            let stream = try test.stream("counter/1")
            let event = try test.event()
            try await within("64 concurrent turns") {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<64 {
                        group.addTask {
                            try await test.journal.turn { scope throws(JournalError) in
                                let last = try scope.lastSequence(of: stream)
                                try scope.append([event], to: stream, expecting: .exactly(last))
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
            let last = try await test.journal.lastSequence(of: stream)
            try expect(last.rawValue, 64, "the last sequence")
        },
    ]

    private static func checkOwnWrites(_ test: JournalCase) async throws {
        try await test.append([test.event(payload: [1])], to: "a/1")
        let (stream, other) = (try test.stream("a/1"), try test.stream("b/1"))
        let id = try EventID("own")
        let event = try test.event(id: "own", payload: [2])
        let seen = try await test.journal.turn { scope throws(JournalError) in
            let before = try scope.lastSequence(of: stream)
            let unknown = try scope.receipt(of: id)
            let receipts = try scope.append([event], to: stream, expecting: .exactly(before))
            try scope.append([event], to: stream, expecting: .any)
            let known = try scope.receipt(of: id)
            var payloads: [[UInt8]] = []
            try scope.forEachEvent(of: stream, from: .zero) { header, frame in
                payloads.append(frame.extracting(header.payloadRange).array())
                return .proceed
            }
            let lasts = [
                before, try scope.lastSequence(of: stream), try scope.lastSequence(of: other),
            ]
            return (lasts, unknown, receipts, known, payloads, scope.now)
        }
        try expect(seen.0.map(\.rawValue), [1, 2, 0], "last sequences before, after and elsewhere")
        try expect(seen.1, nil, "the receipt before the append")
        let receipt = Receipt(
            position: Position(rawValue: 2),
            sequence: SequenceNumber(rawValue: 2),
            recordedAt: test.clock.now,
            isDuplicate: false
        )
        try expect(seen.2, [receipt], "the receipts of the append")
        try expect(seen.3, receipt.asDuplicate, "the receipt looked up in the turn")
        try expect(seen.4, [[1], [2]], "the payloads read in the turn")
        try expect(seen.5, test.clock.now, "the turn's instant")
        try expect(try await test.journal.receipt(of: id), receipt.asDuplicate, "looked up after")
    }

    private static func checkScopeReads(_ test: JournalCase) async throws {
        try await test.fill(9)
        let stream = try test.stream("a/1")
        let event = try test.event(payload: [10])
        let full: [UInt8] = [3, 6, 9, 10]
        for start in UInt64(0)...6 {
            for countMax in 1...5 {
                let seen = try await test.journal.turn { scope throws(JournalError) in
                    if try scope.lastSequence(of: stream).rawValue == 3 {
                        try scope.append([event], to: stream, expecting: .any)
                    }
                    var seen: [UInt8] = []
                    try scope.forEachEvent(of: stream, from: SequenceNumber(rawValue: start)) {
                        header,
                        frame in
                        seen.append(frame.byte(at: header.payloadRange.lowerBound))
                        return seen.count == countMax ? .stop : .proceed
                    }
                    return seen
                }
                let expected = full.dropFirst(Int(max(start, 1)) - 1).prefix(countMax)
                try expect(seen, Array(expected), "from \(start), stopping after \(countMax)")
            }
        }
    }

    private static func checkNeighbours(_ test: JournalCase) async throws {
        let outcomes = try await within("48 concurrent turns, a third refused") {
            try await withThrowingTaskGroup(of: (UInt8, Receipt?).self) { group in
                for number in UInt8(0)..<48 {
                    let stream = try test.stream("n/\(number % 5)")
                    let event = try test.event(id: "n \(number)", payload: [number])
                    group.addTask {
                        do throws(JournalError) {
                            let receipt = try await test.journal.turn {
                                scope throws(JournalError) in
                                let receipts = try scope.append(
                                    [event],
                                    to: stream,
                                    expecting: .any
                                )
                                if number % 3 == 0 { throw JournalError.readOnly }
                                return receipts.first
                            }
                            return (number, receipt)
                        } catch {
                            return (number, nil)
                        }
                    }
                }
                return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
        }
        try expect(Set(outcomes.keys), Set((0..<48).filter { $0 % 3 != 0 }), "who was answered")
        let stored = try await test.everything()
        try expect(stored.count, 32, "events stored")
        for event in stored {
            let receipt = outcomes[event.payload.first ?? 0]
            try expect(receipt?.position, event.position, "the position of \(event)")
            try expect(receipt?.sequence, event.sequence, "the sequence of \(event)")
            try expect(receipt?.recordedAt, event.recordedAt, "the recorded time of \(event)")
        }
    }
}
