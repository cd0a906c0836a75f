internal import CairnCore
internal import CairnJournal

extension JournalContract {
    static let limitChecks: [ContractCheck] = [
        ContractCheck("names of exactly the longest length are stored, and longer ones refused") {
            test in try await checkNameLengths(test)
        },
        ContractCheck("a payload of exactly the largest size is stored, and a larger one refused") {
            test in
            var payload = [UInt8](repeating: 0xA5, count: Limits.payloadByteCountMax)
            payload[0] = 1
            payload[payload.count - 1] = 2
            let receipts = try await test.append([test.event(payload: payload)], to: "a/1")
            let record = try await test.journal.record(at: .first)
            try expect(record?.payload == payload, true, "the payload reads back")
            try expect(receipts.map(\.sequence.rawValue), [1], "sequences")
            payload.append(3)
            try expectLimit(
                .payloadTooLarge(
                    byteCount: Limits.payloadByteCountMax + 1,
                    byteCountMax: Limits.payloadByteCountMax
                )
            ) { () throws(LimitError) in _ = try test.event(payload: payload) }
        },
        ContractCheck("an empty payload is stored") { test in
            try await test.append([test.event(id: "x", payload: [])], to: "a/1")
            let record = try await test.journal.record(at: .first)
            try expect(record?.payload, [], "the payload")
            let again = try await test.append([test.event(id: "x", payload: [])], to: "a/1")
            try expect(again.map(\.isDuplicate), [true], "an empty payload equals itself")
        },
        ContractCheck("payloads of a turn are stored up to the limit, and refused beyond it") {
            test in
            let whole = try test.event(
                payload: [UInt8](repeating: 7, count: Limits.payloadByteCountMax)
            )
            let count = Limits.turnByteCountMax / Limits.payloadByteCountMax
            let full = Array(repeating: whole, count: count)
            let refusal = JournalError.limit(
                .turnTooLarge(
                    byteCount: Limits.turnByteCountMax + 1,
                    byteCountMax: Limits.turnByteCountMax
                )
            )
            let one = try test.event(payload: [1])
            try await test.expectRefusal(refusal, "one byte more in one append") {
                try await test.append(full + [one], to: "a/1")
            }
            let stream = try test.stream("a/1")
            try await test.expectRefusal(refusal, "one byte more in another append of the turn") {
                try await test.journal.turn { scope throws(JournalError) in
                    for event in full { try scope.append([event], to: stream, expecting: .any) }
                    try scope.append([one], to: stream, expecting: .any)
                }
            }
            // What a refused append counted is given back to a turn that goes on.
            let wasRefused = try await test.journal.turn { scope throws(JournalError) in
                var wasRefused = false
                do throws(JournalError) {
                    try scope.append(full + [one], to: stream, expecting: .any)
                } catch {
                    wasRefused = true
                }
                try scope.append(full, to: stream, expecting: .noneYet)
                return wasRefused
            }
            try expect(wasRefused, true, "the first append of a turn that goes on is refused")
            try await test.append([one], to: "a/1")
            let last = try await test.journal.lastSequence(of: stream)
            try expect(last.rawValue, UInt64(count) + 1, "the last sequence")
        },
        ContractCheck("more events than a turn may append are refused") { test in
            let events = Array(repeating: try test.event(), count: Limits.turnEventCountMax + 1)
            let refusal = JournalError.limit(
                .tooManyEvents(
                    count: Limits.turnEventCountMax + 1,
                    countMax: Limits.turnEventCountMax
                )
            )
            try await test.expectRefusal(refusal, "one event more in one append") {
                try await test.append(events, to: "a/1")
            }
        },
    ]

    private static func checkNameLengths(_ test: JournalCase) async throws {
        let stream = String(repeating: "s", count: Limits.streamIDByteCountMax)
        let id = String(repeating: "i", count: Limits.eventIDByteCountMax)
        let type = String(repeating: "t", count: Limits.eventTypeByteCountMax)
        try await test.append([test.event("t", id: "i")], to: "s")
        try await test.append([test.event(type, id: id)], to: stream)
        let stored = try await test.page(from: 2).events.first
        try expect(stored?.type, Array(type.utf8), "the longest type")
        try expect(stored?.id, try EventID(id), "the longest event id")
        try expect(stored?.streamName, try StreamID(stream), "the longest stream id")
        try expect(try await test.page(of: stream, from: 1).events.count, 1, "its stream's events")
        let again = try await test.append([test.event(type, id: id)], to: stream)
        try expect(again.map(\.isDuplicate), [true], "the longest event id is known")

        try expectLimit(
            .streamIDTooLong(
                byteCount: Limits.streamIDByteCountMax + 1,
                byteCountMax: Limits.streamIDByteCountMax
            )
        ) { () throws(LimitError) in _ = try StreamID(stream + "s") }
        try expectLimit(
            .eventIDTooLong(
                byteCount: Limits.eventIDByteCountMax + 1,
                byteCountMax: Limits.eventIDByteCountMax
            )
        ) { () throws(LimitError) in _ = try EventID(id + "i") }
        try expectLimit(
            .eventTypeTooLong(
                byteCount: Limits.eventTypeByteCountMax + 1,
                byteCountMax: Limits.eventTypeByteCountMax
            )
        ) { () throws(LimitError) in _ = try test.event(type + "t") }
        try expectLimit(.emptyStreamID) { () throws(LimitError) in _ = try StreamID("") }
        try expectLimit(.emptyEventID) { () throws(LimitError) in _ = try EventID("") }
        try expectLimit(.emptyEventType) { () throws(LimitError) in _ = try test.event("") }
    }

    private static func expectLimit(
        _ expected: LimitError,
        _ action: () throws(LimitError) -> Void
    ) throws(ContractFailure) {
        let thrown: LimitError?
        do throws(LimitError) {
            try action()
            thrown = nil
        } catch {
            thrown = error
        }
        try expect(thrown, expected, "a value one beyond its limit")
    }
}
