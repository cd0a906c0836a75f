internal import CairnCore
internal import CairnJournal

extension Laws {
    /// Law 4.2: an event id with the same content gives the original receipt, with other content
    /// or in another stream a conflict; without an id, equal events are several.
    ///
    /// Each answer is compared with that of a plain list; in between, the journal is opened again.
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
    public static func dedupeIsExact(
        on contract: JournalContract,
        replaying tokens: [String] = [],
        settings: PropertySettings = PropertySettings(),
        fileID: String = #fileID,
        filePath: String = #filePath,
        line: Int = #line,
        function: String = #function
    ) async throws(PropertyError) -> PropertySummary {
        let law = Law.exactDedupe
        let site = CallSite(fileID: fileID, filePath: filePath, line: line, function: function)
        return try await examine(law, of: "a journal", tokens, settings, site) { draw in
            let step = Generator<LawAppend?>.optional(.append(hasIDs: true))
            let steps = try draw(.array(of: step, count: 0...12), "appends, nil to reopen")
            var (duplicateCount, conflictCount) = (0, 0)
            try await contract.withCase { test in
                var model = JournalModel()
                for step in steps {
                    guard let step else {
                        try await test.reopen()
                        continue
                    }
                    let expected = answer(of: &model, to: step, now: test.clock.now)
                    let found = try await step.run(on: test.journal)
                    guard found == expected else {
                        throw LawFailure(law, "\(step) gives \(found) instead of \(expected)")
                    }
                    switch found {
                    case .success(let receipts):
                        duplicateCount += receipts.count(where: \.isDuplicate)
                    case .failure(.eventIDConflict), .failure(.eventIDInOtherStream):
                        conflictCount += 1
                    case .failure: break
                    }
                }
                guard try await test.everything() == model.facts else {
                    throw LawFailure(law, "the journal is not what its answers say")
                }
            }
            draw.sometimes(duplicateCount > 0, "an event is known")
            draw.sometimes(conflictCount > 0, "an id has other content, or another stream")
        }
    }

    private static func answer(
        of model: inout JournalModel,
        to step: LawAppend,
        now: Timestamp
    ) -> Result<[Receipt], JournalError> {
        var next = model
        do throws(JournalError) {
            let append: StreamAppend
            do throws(LimitError) {
                append = try step.asAppend()
            } catch {
                throw .limit(error)
            }
            let receipts = try next.append(append, now: now)
            if step.isAbandoned { throw .readOnly }
            model = next
            return .success(receipts)
        } catch {
            return .failure(error)
        }
    }

    /// Law 4.3: duplicates, empty turns and refused turns add no byte to the journal, however
    /// many.
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
    public static func duplicatesAddNothing(
        on contract: JournalContract,
        replaying tokens: [String] = [],
        settings: PropertySettings = PropertySettings(),
        fileID: String = #fileID,
        filePath: String = #filePath,
        line: Int = #line,
        function: String = #function
    ) async throws(PropertyError) -> PropertySummary {
        let law = Law.boundedGrowth
        let site = CallSite(fileID: fileID, filePath: filePath, line: line, function: function)
        return try await examine(law, of: "a journal", tokens, settings, site) { draw in
            let count = try draw(.int(in: 1...6), "events")
            let vain = Generator<VainTurn>.one(
                of: Generator<Int>.int(in: 0...count - 1).map { .duplicate($0) },
                .constant(.empty),
                .constant(.refused),
                .constant(.reopening)
            )
            let turns = try draw(.array(of: vain, count: 0...20), "turns in vain")
            try await contract.withCase { test in
                let stream = try LawInput.stream(0)
                for number in 0..<count {
                    let event = try LawInput.event(number, id: number)
                    try await test.journal.append(event, to: stream)
                }
                let (head, events) = (try await test.journal.head(), try await test.everything())
                for (number, turn) in turns.enumerated() {
                    test.clock.advance(by: .milliseconds(1))
                    try await turn.run(in: test)
                    guard try await test.journal.head() == head else {
                        throw LawFailure(law, "\(turn), as turn \(number + 1), changes the head")
                    }
                }
                let found = try await test.everything()
                guard found != events else { return }
                throw LawFailure(law, "\(events.count) events are \(found.count)")
            }
        }
    }
}

/// Something that is asked of a journal and has to leave it as it is.
private enum VainTurn: Hashable, Sendable, CustomStringConvertible {
    case duplicate(Int), empty, refused, reopening

    func run(in test: JournalCase) async throws {
        let stream = try LawInput.stream(0)
        switch self {
        case .duplicate(let number):
            try await test.journal.append(try LawInput.event(number, id: number), to: stream)
        case .empty: try await test.journal.turn { _ throws(JournalError) in }
        case .refused:
            let event = try LawInput.event(0)
            do throws(JournalError) {
                try await test.journal.append(event, to: stream, expecting: .noneYet)
            } catch .sequenceConflict {
                return
            }
        case .reopening: try await test.reopen()
        }
    }

    var description: String {
        switch self {
        case .duplicate(let number): "a duplicate of event \(number + 1)"
        case .empty: "an empty turn"
        case .refused: "a refused turn"
        case .reopening: "reopening"
        }
    }
}
