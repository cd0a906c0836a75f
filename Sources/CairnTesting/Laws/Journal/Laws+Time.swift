internal import CairnCore
internal import CairnJournal

extension Laws {
    /// A second: how far the clock of a case jumps at most.
    private static var jumpMax: Int64 { 1_000_000_000 }

    /// Law 1.3: recorded times never decrease, wherever the clock goes; when an event happened is
    /// data.
    ///
    /// - Parameters:
    ///   - contract: Makes the journal, under the clock that it is given.
    ///   - tokens: Cases to run before any other, as reports print them: failures of the past.
    ///   - settings: How long to look.
    ///   - fileID: The file of the call, which a report's regression test goes by.
    ///   - filePath: Its path.
    ///   - line: The line of the call.
    ///   - function: The function of the call.
    /// - Returns: How much was looked at.
    /// - Throws: ``PropertyError``.
    /// - Complexity: A journal a case.
    @discardableResult
    public static func recordedTimesNeverDecrease(
        on contract: JournalContract,
        replaying tokens: [String] = [],
        settings: PropertySettings = PropertySettings(),
        fileID: String = #fileID,
        filePath: String = #filePath,
        line: Int = #line,
        function: String = #function
    ) async throws(PropertyError) -> PropertySummary {
        let law = Law.steadyTime
        let site = CallSite(fileID: fileID, filePath: filePath, line: line, function: function)
        return try await examine(law, of: "a journal", tokens, settings, site) { draw in
            let jump = Generator<Int64>.integer(in: -jumpMax...jumpMax)
            let times = Generator<(Int64, Timestamp)>.tuple(jump, .timestamp())
            let events = try draw(.array(of: times, count: 0...12), "jumps and occurrences")
            draw.sometimes(events.contains { $0.0 < 0 }, "the clock goes back")
            try await contract.withCase { test in
                var last = Timestamp.distantPast
                for (number, (jump, occurredAt)) in events.enumerated() {
                    test.clock.advance(by: TimeSpan(nanoseconds: jump))
                    let event = try LawInput.event(number, occurredAt: occurredAt)
                    let receipt = try await test.journal.append(event, to: try LawInput.stream(0))
                    guard receipt.recordedAt >= last else {
                        throw LawFailure(
                            law,
                            "event \(number + 1) is recorded at \(receipt.recordedAt), after one "
                                + "at \(last)"
                        )
                    }
                    last = max(receipt.recordedAt, test.clock.now)
                    guard receipt.recordedAt == last else {
                        throw LawFailure(law, "an event is recorded before the clock's \(last)")
                    }
                }
                try await expectTimes(events.map(\.1), in: test, law)
                try await test.reopen()
                try await expectTimes(events.map(\.1), in: test, law)
            }
        }
    }

    private static func expectTimes(
        _ occurrences: [Timestamp],
        in test: JournalCase,
        _ law: Law
    ) async throws {
        let events = try await test.everything()
        guard events.map(\.occurredAt) == occurrences else {
            throw LawFailure(law, "events happened at \(events.map(\.occurredAt)), it says")
        }
        for (event, next) in zip(events, events.dropFirst())
        where event.recordedAt > next.recordedAt {
            throw LawFailure(
                law,
                "position \(next.position) is recorded at \(next.recordedAt), after one at "
                    + "\(event.recordedAt)"
            )
        }
        for event in events {
            let found = try await test.journal.position(at: event.recordedAt)
            let expected = events.last { $0.recordedAt == event.recordedAt }?.position
            guard found == expected else {
                throw LawFailure(
                    law,
                    "the last position at \(event.recordedAt) is \(found), it says"
                )
            }
        }
    }
}
