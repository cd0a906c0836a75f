internal import CairnCore
internal import CairnJournal

extension Laws {
    /// Law 1.1: positions and the sequences of each stream count 1, 2, 3, whoever writes and
    /// whatever is refused, and what a receipt says stands there for ever.
    ///
    /// Up to three writers append at once, in an order that is drawn; some of their turns are
    /// refused, and some throw. Then everything is read, and again after reopening.
    ///
    /// - Parameters:
    ///   - contract: Makes the journal.
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
    public static func countsHaveNoGaps(
        on contract: JournalContract,
        replaying tokens: [String] = [],
        settings: PropertySettings = PropertySettings(),
        fileID: String = #fileID,
        filePath: String = #filePath,
        line: Int = #line,
        function: String = #function
    ) async throws(PropertyError) -> PropertySummary {
        let law = Law.noGaps
        return try await check(
            "\(law) of a journal",
            scheduled: races,
            replaying: tokens,
            settings: settings,
            fileID: fileID,
            filePath: filePath,
            line: line,
            function: function
        ) { draw in
            let appends = Generator<[LawAppend]>.array(of: .append(hasIDs: false), count: 0...8)
            let writers = try draw(.array(of: appends, count: 1...3), "writers")
            draw.sometimes(writers.count > 1, "there are several writers")
            var isTaken = false
            try await contract.withCase { test in
                let taken = try await receipts(of: writers, on: test.journal)
                isTaken = !taken.isEmpty
                try await expectNoGaps(taken, in: test, law)
                try await test.reopen()
                try await expectNoGaps(taken, in: test, law)
            }
            draw.sometimes(isTaken, "an append is taken")
        }
    }

    /// Lets each writer do its appends, all at once.
    private static func receipts(
        of writers: [[LawAppend]],
        on journal: any Journal
    ) async throws -> [Receipt] {
        try await withThrowingTaskGroup { group in
            for appends in writers {
                group.addTask { () -> [Receipt] in
                    var receipts: [Receipt] = []
                    for append in appends {
                        // What is refused leaves nothing.
                        let answer = try await append.run(on: journal)
                        receipts += (try? answer.get()) ?? []
                    }
                    return receipts
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    private static func expectNoGaps(
        _ receipts: [Receipt],
        in test: JournalCase,
        _ law: Law
    ) async throws {
        let events = try await test.everything()
        let positions = events.map(\.position.rawValue)
        guard positions == Array(1..<UInt64(events.count) + 1) else {
            throw LawFailure(law, "the positions are \(positions)")
        }
        let head = try await test.journal.head().lastPosition.rawValue
        guard head == UInt64(events.count), receipts.count == events.count else {
            throw LawFailure(
                law,
                "there are \(events.count) events, \(receipts.count) receipts and the head \(head)"
            )
        }
        for number in 0..<LawInput.streamCount {
            let stream = try LawInput.stream(number)
            let last = try await test.journal.lastSequence(of: stream).rawValue
            let page = try await test.page(of: stream.name, from: 1)
            let sequences = page.events.map(\.sequence.rawValue)
            let isWhole = UInt64(sequences.count) == last
            guard isWhole, sequences == Array(1..<UInt64(sequences.count) + 1) else {
                throw LawFailure(law, "the sequences of \(stream) are \(sequences), up to \(last)")
            }
        }
        for receipt in receipts {
            let event = events.first { $0.position == receipt.position }
            guard let event, event.sequence == receipt.sequence,
                event.recordedAt == receipt.recordedAt
            else {
                let found = event.map { "\($0)" } ?? "nothing"
                throw LawFailure(law, "\(receipt) is not what stands there: \(found)")
            }
        }
    }

    /// Law 1.2: of several appends that expect the same sequence one is taken; the others hear
    /// what they expected and what there is.
    ///
    /// The racers take turns in an order that is drawn.
    ///
    /// - Parameters:
    ///   - contract: Makes the journal.
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
    public static func oneRacerWins(
        on contract: JournalContract,
        replaying tokens: [String] = [],
        settings: PropertySettings = PropertySettings(),
        fileID: String = #fileID,
        filePath: String = #filePath,
        line: Int = #line,
        function: String = #function
    ) async throws(PropertyError) -> PropertySummary {
        let law = Law.oneWinner
        return try await check(
            "\(law) of a journal",
            scheduled: races,
            replaying: tokens,
            settings: settings,
            fileID: fileID,
            filePath: filePath,
            line: line,
            function: function
        ) { draw in
            let earlierCount = try draw(.int(in: 0...3), "events before")
            let racerCount = try draw(.int(in: 2...6), "racers")
            try await contract.withCase { test in
                let stream = try LawInput.stream(0)
                for number in 0..<earlierCount {
                    try await test.journal.append(try LawInput.event(number), to: stream)
                }
                let reached = SequenceNumber(rawValue: UInt64(earlierCount))
                let answers = try await race(racerCount, from: reached, on: test.journal)
                let winners = answers.filter { if case .success = $0 { true } else { false } }
                guard winners.count == 1 else {
                    throw LawFailure(law, "of \(racerCount) racers \(winners.count) win")
                }
                let refusal = JournalError.sequenceConflict(
                    stream: stream,
                    expected: .exactly(reached),
                    actual: reached.next
                )
                for answer in answers {
                    guard case .failure(let error) = answer, error != refusal else { continue }
                    throw LawFailure(law, "a racer hears '\(error)' instead of '\(refusal)'")
                }
            }
        }
    }

    private static func race(
        _ count: Int,
        from reached: SequenceNumber,
        on journal: any Journal
    ) async throws -> [Result<Receipt, JournalError>] {
        let stream = try LawInput.stream(0)
        return try await withThrowingTaskGroup { group in
            for number in 0..<count {
                group.addTask { () -> Result<Receipt, JournalError> in
                    let event = try LawInput.event(number)
                    do throws(JournalError) {
                        let expected = ExpectedSequence.exactly(reached)
                        return .success(
                            try await journal.append(event, to: stream, expecting: expected)
                        )
                    } catch {
                        return .failure(error)
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }
}
