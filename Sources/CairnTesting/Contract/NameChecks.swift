internal import CairnCore
internal import CairnJournal

extension JournalContract {
    static let nameChecks: [ContractCheck] = [
        ContractCheck("two spellings of one accented letter are two streams and two ids") { test in
            try await checkDistinct(test, ["caf\u{E9}", "cafe\u{301}"])
        },
        ContractCheck("names that hold NUL or begin another are told apart") { test in
            try await checkDistinct(
                test,
                ["a", "a\u{0}", "a\u{0}\u{0}", "a\u{0}b", "\u{0}", "\u{0}\u{0}", "ab", "a/", "a/b"]
            )
        },
        ContractCheck("names of the highest code points are told apart") { test in
            let high = "\u{10FFFF}"
            try await checkDistinct(
                test,
                [
                    high, high + high, String(repeating: high, count: 119),
                    String(repeating: high, count: 120), String(repeating: "\u{FFFF}", count: 160),
                    "\u{7F}", "\u{80}", "\u{7FF}", "\u{800}", "\u{FFFD}",
                ]
            )
        },
        ContractCheck("names of the longest length are told apart by their last byte") { test in
            let prefix = String(repeating: "p", count: Limits.streamIDByteCountMax - 1)
            try await checkDistinct(test, (0...9).map { prefix + "\($0)" } + [prefix])
        },
        ContractCheck("a thousand streams keep their own events") { test in
            let count = 1_000
            var names: [String] = []
            for number in 0..<count { names.append("request/\(number * 7_919 % count)") }
            for round in UInt64(1)...3 {
                var appends: [StreamAppend] = []
                for name in names {
                    let event = try test.event(
                        id: "\(name)/\(round)",
                        payload: Array(name.utf8) + [UInt8(round)]
                    )
                    let reached = SequenceNumber(rawValue: round - 1)
                    let stream = try test.stream(name)
                    appends.append(StreamAppend([event], to: stream, expecting: .exactly(reached)))
                }
                try await test.journal.append(appends)
            }
            try await test.reopen()
            for name in names {
                let events = try await test.page(of: name, from: 1).events
                let payloads = events.map(\.payload)
                try expect(payloads, (1...3).map { Array(name.utf8) + [$0] }, "payloads of \(name)")
                let number = events.first?.streamNumber ?? StreamNumber(rawValue: 0)
                let stored = try await test.journal.streamID(of: number)
                try expect(stored, try test.stream(name), "the name of stream \(number)")
                let known = try await test.journal.receipt(of: EventID("\(name)/2"))
                try expect(known?.sequence.rawValue, 2, "the second event of \(name)")
            }
        },
    ]

    /// Uses each text as a stream and as an id, and finds each again as its own, bytes and all.
    private static func checkDistinct(_ test: JournalCase, _ names: [String]) async throws {
        for (index, name) in names.enumerated() {
            let event = try test.event("t\(name.prefix(8))", id: name, payload: [UInt8(index)])
            let receipts = try await test.append([event], to: name, expecting: .noneYet)
            try expect(receipts.map(\.isDuplicate), [false], "duplicates of name \(index)")
        }
        for _ in 1...2 {
            for (index, name) in names.enumerated() {
                let bytes = Array(name.utf8)
                let page = try await test.page(of: name, from: 1)
                try expect(page.events.map(\.payload), [[UInt8(index)]], "stream of name \(index)")
                let event = page.events.first
                try expect(
                    event?.streamName.map { Array($0.name.utf8) },
                    bytes,
                    "the bytes of stream name \(index)"
                )
                try expect(event?.id.map { Array($0.name.utf8) }, bytes, "the bytes of id \(index)")
                let type = Array("t\(name.prefix(8))".utf8)
                try expect(event?.type, type, "the bytes of type \(index)")
                let known = try await test.journal.receipt(of: EventID(name))
                try expect(known?.position, event?.position, "the position of id \(index)")
                let number = event?.streamNumber ?? StreamNumber(rawValue: 0)
                let stored = try await test.journal.streamID(of: number)
                try expect(Array(stored.name.utf8), bytes, "the name of stream \(index)")
            }
            try await test.reopen()
        }
    }
}
