internal import CairnCore
internal import CairnJournal

extension JournalContract {
    static let dedupeChecks: [ContractCheck] = [
        ContractCheck("the same id with the same content returns the original receipt") { test in
            let first = try await test.append(
                [test.event(id: "x", payload: [1], occurredAt: 1)],
                to: "a/1"
            )
            try await test.append(test.events(2...4), to: "a/1")
            test.clock.advance(by: .seconds(1))
            let again = try test.event(id: "x", payload: [1], occurredAt: 2)
            for expected: ExpectedSequence in [.any, .noneYet, .exactly(.zero)] {
                let receipts = try await test.append([again], to: "a/1", expecting: expected)
                try expect(receipts, first.map(\.asDuplicate), "receipts, expecting \(expected)")
            }
            try expect(try await test.numbers(), [1, 2, 3, 4], "what is stored")
            let known = try await test.journal.receipt(of: EventID("x"))
            try expect(known, first.first?.asDuplicate, "the receipt of the id")
            let unknown = try await test.journal.receipt(of: EventID("y"))
            try expect(unknown, nil, "the receipt of an unknown id")
        },
        ContractCheck("the same id with other content is a conflict") { test in
            try await test.append(test.events(1...1), to: "a/1")
            let original = try test.event(id: "x", payload: [1])
            try await test.append([original], to: "a/1")
            let others = [
                try test.event(id: "x", payload: [2]),
                try test.event("other", id: "x", payload: [1]),
                try test.event(id: "x", payload: []),
            ]
            for other in others {
                for name in ["a/1", "b/1"] {
                    let refusal = conflict(original, other, at: 2)
                    try await test.expectRefusal(refusal, "other content, in \(name)") {
                        try await test.append([other], to: name)
                    }
                }
            }
        },
        ContractCheck("the same id in another stream is refused by its own error") { test in
            let event = try test.event(id: "x")
            try await test.append([event], to: "a/1")
            let refusal = JournalError.eventIDInOtherStream(
                id: try EventID("x"),
                position: .first,
                stream: try test.stream("a/1")
            )
            for expected: ExpectedSequence in [.any, .exactly(SequenceNumber(rawValue: 9))] {
                try await test.expectRefusal(refusal, "the same event, in b/1") {
                    try await test.append([event], to: "b/1", expecting: expected)
                }
            }
            try await test.expectRefusal(refusal, "beside a new event, in b/1") {
                try await test.append([test.event(payload: [7]), event], to: "b/1")
            }
        },
        ContractCheck("the same id twice in one append is one event") { test in
            let event = try test.event(id: "x", payload: [1])
            let between = try test.event(payload: [2])
            let receipts = try await test.append([event, between, event], to: "a/1")
            try expect(receipts.map(\.position.rawValue), [1, 2, 1], "positions")
            try expect(receipts.map(\.sequence.rawValue), [1, 2, 1], "sequences")
            try expect(receipts.map(\.isDuplicate), [false, false, true], "duplicates")
            try expect(try await test.numbers(), [1, 2], "what is stored")
        },
        ContractCheck("one id with two contents in one append refuses it whole") { test in
            try await test.append(test.events(9...9), to: "a/1")
            let (original, other) = (try test.event(id: "x"), try test.event(id: "x", payload: []))
            let refusal = conflict(original, other, at: 3)
            try await test.expectRefusal(refusal, "two contents in one append") {
                try await test.append([test.event(), original, other], to: "a/1")
            }
        },
        ContractCheck("the same id twice in one turn is one event") { test in
            try await checkTwiceInTurn(test)
        },
        ContractCheck("an append with known and new events compares its expectation") { test in
            try await test.append([test.event(id: "x", payload: [1])], to: "a/1")
            let mixed = [
                try test.event(id: "x", payload: [1]),
                try test.event(id: "y", payload: [2]),
            ]
            let refusal = JournalError.sequenceConflict(
                stream: try test.stream("a/1"),
                expected: .noneYet,
                actual: SequenceNumber(rawValue: 1)
            )
            try await test.expectRefusal(refusal, "one known event, one new") {
                try await test.append(mixed, to: "a/1", expecting: .noneYet)
            }
            let one = SequenceNumber(rawValue: 1)
            let receipts = try await test.append(mixed, to: "a/1", expecting: .exactly(one))
            try expect(receipts.map(\.isDuplicate), [true, false], "duplicates")
            try expect(receipts.map(\.sequence.rawValue), [1, 2], "sequences")
            let both = try await test.append(mixed, to: "a/1", expecting: .noneYet)
            try expect(both, receipts.map(\.asDuplicate), "both known")
            try expect(try await test.numbers(), [1, 2], "what is stored")
        },
        ContractCheck("equal events without ids are as many events") { test in
            let event = try test.event()
            let receipts = try await test.append([event, event], to: "a/1")
            try await test.append([event], to: "a/1")
            try expect(receipts.map(\.isDuplicate), [false, false], "duplicates")
            try expect(try await test.everything().count, 3, "events stored")
        },
        ContractCheck("content is compared in its canonical form, whatever the payload") { test in
            func json(_ text: String, meaning: String) throws(LimitError) -> NewEvent {
                try NewEvent(
                    type: "t",
                    id: try EventID("x"),
                    occurredAt: .unixEpoch,
                    codec: .json,
                    payload: Array(text.utf8),
                    canonicalContent: Array(meaning.utf8)
                )
            }
            let first = try json("{ }", meaning: "{}")
            let receipts = try await test.append([first], to: "a/1")
            let again = try await test.append([json("{}", meaning: "{}")], to: "a/1")
            try expect(again, receipts.map(\.asDuplicate), "another spelling of the same")
            let other = try json("{ }", meaning: "[]")
            try await test.expectRefusal(conflict(first, other, at: 1), "another meaning") {
                try await test.append([other], to: "a/1")
            }
            let stored = try await test.page(from: 1).events.map(\.payload)
            try expect(stored, [Array("{ }".utf8)], "the payload as it was first given")
        },
        ContractCheck("of many appends of one id at once exactly one is taken") { test in
            let (event, stream) = (try test.event(id: "x"), try test.stream("a/1"))
            let receipts = try await within("32 appends of one id") {
                try await withThrowingTaskGroup(of: Receipt.self) { group in
                    for _ in 0..<32 {
                        group.addTask { try await test.journal.append(event, to: stream) }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
            }
            try expect(receipts.count { !$0.isDuplicate }, 1, "receipts of a first append")
            try expect(Set(receipts.map(\.position)), [.first], "positions")
            try expect(try await test.everything().count, 1, "events stored")
        },
        ContractCheck("ids and content are known after reopening", needsReopening: true) { test in
            try await checkReopening(test)
        },
    ]

    private static func conflict(
        _ stored: NewEvent,
        _ given: NewEvent,
        at position: UInt64
    ) -> JournalError {
        guard let id = given.id else { return .poisoned }
        return .eventIDConflict(
            id: id,
            position: Position(rawValue: position),
            stored: stored.contentDigest,
            given: given.contentDigest
        )
    }

    private static func checkTwiceInTurn(_ test: JournalCase) async throws {
        let (a, b) = (try test.stream("a/1"), try test.stream("b/1"))
        let event = try test.event(id: "x", payload: [1])
        let receipts = try await test.journal.turn { scope throws(JournalError) in
            try scope.append([event], to: a, expecting: .noneYet)
                + scope.append([event], to: a, expecting: .noneYet)
        }
        try expect(receipts.map(\.isDuplicate), [false, true], "duplicates")
        try expect(receipts.map(\.position), [.first, .first], "positions")
        let (first, other) = (try test.event(id: "y"), try test.event(id: "y", payload: []))
        try await test.expectRefusal(conflict(first, other, at: 2), "two contents in one turn") {
            try await test.journal.turn { scope throws(JournalError) in
                try scope.append([first], to: a, expecting: .any)
                try scope.append([other], to: a, expecting: .any)
            }
        }
        let elsewhere = JournalError.eventIDInOtherStream(
            id: try EventID("y"),
            position: Position(rawValue: 2),
            stream: a
        )
        try await test.expectRefusal(elsewhere, "two streams in one turn") {
            try await test.journal.turn { scope throws(JournalError) in
                try scope.append([first], to: a, expecting: .any)
                try scope.append([first], to: b, expecting: .any)
            }
        }
        try expect(try await test.numbers(), [1], "what is stored")
    }

    private static func checkReopening(_ test: JournalCase) async throws {
        var receipts: [[Receipt]] = []
        for number in UInt8(1)...20 {
            test.clock.advance(by: .milliseconds(1))
            let event = try test.event(id: "id \(number)", payload: [number])
            receipts.append(try await test.append([event], to: "a/\(number % 3)"))
        }
        let head = try await test.journal.head()
        let stored = try await test.everything()
        for round in 1...2 {
            try await test.reopen()
            try expect(try await test.journal.head(), head, "the head after reopening \(round)")
            try expectList(try await test.everything(), stored, "the events after reopening")
            for number in UInt8(1)...20 {
                let event = try test.event(id: "id \(number)", payload: [number])
                let again = try await test.append([event], to: "a/\(number % 3)")
                let original = receipts[Int(number) - 1].map(\.asDuplicate)
                try expect(again, original, "the receipt of event \(number) after reopening")
                let other = try test.event(id: "id \(number)", payload: [])
                let refusal = conflict(event, other, at: UInt64(number))
                try await test.expectRefusal(refusal, "other content after reopening") {
                    try await test.append([other], to: "a/\(number % 3)")
                }
            }
        }
        let next = try await test.append(test.events(21...21), to: "a/1")
        try expect(next.map(\.position.rawValue), [21], "the next position after reopening")
        try expect(next.map(\.sequence.rawValue), [8], "the next sequence after reopening")
    }
}
