internal import CairnCore
internal import CairnJournal

extension JournalContract {
    static let appendChecks: [ContractCheck] = [
        ContractCheck("an empty journal has no event, no stream and no instant") { test in
            let head = try await test.journal.head()
            try expect(head.lastPosition, .zero, "the last position")
            try expect(head.lastRecordedAt, .distantPast, "the last recorded time")
            try expect(head.runningHash, .zero, "the running hash")
            let last = try await test.journal.lastSequence(of: test.stream("a/1"))
            try expect(last, .zero, "the last sequence of a stream without events")
            let page = try await test.page(from: 1)
            try expect(page.end, PageEnd(next: nil, lastPosition: .zero, eventCount: 0), "a page")
            let position = try await test.journal.position(at: .distantFuture)
            try expect(position, .zero, "the last position of all time")
        },
        ContractCheck("every field of an event reads back as it was given") { test in
            try await checkFields(test)
        },
        ContractCheck("positions and sequences have no gaps over many streams") { test in
            try await checkGapless(test)
        },
        ContractCheck("expectations are compared with the stream's last sequence") { test in
            try await checkExpectations(test)
        },
        ContractCheck("an append to several streams is taken whole") { test in
            let receipts = try await test.journal.append([
                StreamAppend(try test.events(1...2), to: try test.stream("a/1")),
                StreamAppend(try test.events(3...3), to: try test.stream("b/1")),
                StreamAppend(
                    try test.events(4...5),
                    to: try test.stream("a/1"),
                    expecting: .exactly(SequenceNumber(rawValue: 2))
                ),
            ])
            try expect(receipts.map(\.count), [2, 1, 2], "receipts of each append")
            let places = receipts.joined().map { [$0.position.rawValue, $0.sequence.rawValue] }
            try expect(
                places,
                [[1, 1], [2, 2], [3, 1], [4, 3], [5, 4]],
                "positions and sequences"
            )
            try expect(try await test.numbers(), [1, 2, 3, 4, 5], "what is stored")
        },
        ContractCheck("an append to several streams is refused whole") { test in
            try await test.append(test.events(9...9), to: "b/1")
            let refusal = JournalError.sequenceConflict(
                stream: try test.stream("b/1"),
                expected: .noneYet,
                actual: SequenceNumber(rawValue: 1)
            )
            try await test.expectRefusal(refusal, "the second stream refuses") {
                try await test.journal.append([
                    StreamAppend(try test.events(1...2), to: try test.stream("a/1")),
                    StreamAppend(
                        try test.events(3...3),
                        to: try test.stream("b/1"),
                        expecting: .noneYet
                    ),
                ])
            }
            try expect(try await test.numbers(), [9], "what is stored")
            let last = try await test.journal.lastSequence(of: test.stream("a/1"))
            try expect(last, .zero, "the last sequence of the first stream")
        },
        ContractCheck("an append of nothing compares its expectation all the same") { test in
            try expect(try await test.append([], to: "a/1"), [], "receipts of nothing")
            let none = try await test.append([], to: "a/1", expecting: .noneYet)
            try expect(none, [], "receipts of nothing")
            let one = SequenceNumber(rawValue: 1)
            let refusal = JournalError.sequenceConflict(
                stream: try test.stream("a/1"),
                expected: .exactly(one),
                actual: .zero
            )
            try await test.expectRefusal(refusal, "nothing, expecting an event") {
                try await test.append([], to: "a/1", expecting: .exactly(one))
            }
        },
        ContractCheck("the running hash changes with appends and nothing else") { test in
            var seen: Set<RunningHash> = [.zero]
            for number: UInt8 in 1...5 {
                try await test.append([test.event(id: "id \(number)")], to: "a/1")
                let hash = try await test.journal.head().runningHash
                try expect(seen.insert(hash).inserted, true, "append \(number) has a new hash")
                _ = try await test.journal.turn { scope throws(JournalError) in scope.now }
                try await test.append([test.event(id: "id \(number)")], to: "a/1")
                let after = try await test.journal.head().runningHash
                try expect(after, hash, "the hash after turns that append nothing")
            }
        },
    ]

    private static func checkFields(_ test: JournalCase) async throws {
        let events = [
            try NewEvent(
                type: "priced \u{20AC}",
                typeVersion: 255,
                id: try EventID("order 7/1"),
                occurredAt: Timestamp(nanoseconds: .min),
                mayBeIgnored: true,
                codec: .json,
                payload: Array(#"{"b":1,"a":2}"#.utf8),
                canonicalContent: Array(#"{"a":2,"b":1}"#.utf8)
            ),
            try NewEvent(
                type: "t",
                typeVersion: 0,
                occurredAt: Timestamp(nanoseconds: .max),
                codec: PayloadCodec(rawValue: 200),
                payload: Array(0...255)
            ),
            try test.event(payload: []),
        ]
        let stream = try test.stream("order/7")
        let receipts = try await test.append(events, to: stream.name)
        try expect(receipts.count, events.count, "receipts")
        for (index, event) in events.enumerated() {
            let ordinal = UInt64(index) + 1
            let place = EventPlace(
                position: Position(rawValue: ordinal),
                streamNumber: StreamNumber(rawValue: 1),
                sequence: SequenceNumber(rawValue: ordinal),
                recordedAt: test.clock.now
            )
            let facts = EventFacts(event, at: place, naming: index == 0 ? stream : nil)
            let receipt = Receipt(
                position: place.position,
                sequence: place.sequence,
                recordedAt: place.recordedAt,
                isDuplicate: false
            )
            try expect(receipts[index], receipt, "receipt \(ordinal)")
            let read = try await test.page(from: ordinal, limit: PageLimit(eventCountMax: 1))
            try expect(read.events, [facts], "the frame at position \(ordinal)")
            let record = try await test.journal.record(at: place.position)
            try expect(record?.position, place.position, "the record's position")
            try expect(record?.stream, stream, "the record's stream")
            try expect(record?.sequence, place.sequence, "the record's sequence")
            try expect(record?.type, event.type, "the record's type")
            try expect(record?.typeVersion, event.typeVersion, "the record's type version")
            try expect(record?.id, event.id, "the record's event id")
            try expect(record?.recordedAt, place.recordedAt, "the record's recorded time")
            try expect(record?.occurredAt, event.occurredAt, "the record's own time")
            try expect(record?.flags, facts.flags, "the record's flags")
            try expect(record?.codec, event.codec, "the record's codec")
            try expect(record?.payload, event.payload, "the record's payload")
            try expect(record?.contentDigest, event.contentDigest, "the record's digest")
        }
    }

    private static func checkGapless(_ test: JournalCase) async throws {
        var sequences: [String: UInt64] = [:]
        var generator = SeededGenerator(seed: 1)
        for ordinal in UInt64(1)...300 {
            let name = "kind/\(generator.below(40))"
            let receipt = try await test.journal.append(test.event(), to: test.stream(name))
            sequences[name, default: 0] += 1
            try expect(receipt.position.rawValue, ordinal, "the position of event \(ordinal)")
            try expect(receipt.sequence.rawValue, sequences[name], "the sequence in \(name)")
        }
        for (name, count) in sequences {
            let last = try await test.journal.lastSequence(of: test.stream(name))
            try expect(last.rawValue, count, "the last sequence of \(name)")
            let read = try await test.page(of: name, from: 1).events.map(\.sequence.rawValue)
            try expectList(read, Array(1...count), "the sequences stored in \(name)")
        }
        let positions = try await test.everything().map(\.position.rawValue)
        try expectList(positions, Array(1...300), "the positions stored")
    }

    private static func checkExpectations(_ test: JournalCase) async throws {
        let stream = try test.stream("a/1")
        let all: [ExpectedSequence] =
            [.any, .noneYet] + (0...4).map { .exactly(SequenceNumber(rawValue: $0)) }
        for reached in UInt64(0)...3 {
            let actual = SequenceNumber(rawValue: reached)
            let allowed: Set<ExpectedSequence> =
                reached == 0 ? [.any, .noneYet, .exactly(.zero)] : [.any, .exactly(actual)]
            for expected in all where !allowed.contains(expected) {
                let refusal = JournalError.sequenceConflict(
                    stream: stream,
                    expected: expected,
                    actual: actual
                )
                try await test.expectRefusal(refusal, "\(expected) at sequence \(reached)") {
                    try await test.append([test.event()], to: "a/1", expecting: expected)
                }
            }
            for expected in allowed {
                try await test.append([], to: "a/1", expecting: expected)
            }
            let receipts = try await test.append(
                [test.event()],
                to: "a/1",
                expecting: .exactly(actual)
            )
            try expect(receipts.map(\.sequence), [actual.next], "the sequence after \(reached)")
        }
        try await test.append([test.event()], to: "b/1", expecting: .noneYet)
    }
}
