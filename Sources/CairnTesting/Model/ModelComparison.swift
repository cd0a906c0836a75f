internal import CairnCore
internal import CairnJournal

/// Compares a journal's answers to one step with those of the model before it.
struct ModelComparison {
    let test: JournalCase
    let before: JournalModel

    typealias Answer = Result<[[Receipt]], JournalError>

    /// Runs a turn on both; the model is changed where the journal has to be.
    func turn(
        _ appends: [StreamAppend],
        _ goesOn: Bool,
        _ throwsAtEnd: Bool,
        _ model: inout JournalModel
    ) async throws(ContractFailure) -> Answer {
        let expected = modelTurn(appends, goesOn, throwsAtEnd, &model)
        let actual: Answer
        do throws(JournalError) {
            actual = .success(
                try await test.journal.turn { scope throws(JournalError) in
                    var receipts: [[Receipt]] = []
                    for append in appends {
                        do throws(JournalError) {
                            receipts.append(
                                try scope.append(
                                    append.events,
                                    to: append.stream,
                                    expecting: append.expected
                                )
                            )
                        } catch {
                            if !goesOn { throw error }
                        }
                    }
                    if throwsAtEnd { throw .readOnly }
                    return receipts
                }
            )
        } catch {
            actual = .failure(error)
        }
        try expect(actual, expected, "the turn's answer")
        return expected
    }

    private func modelTurn(
        _ appends: [StreamAppend],
        _ goesOn: Bool,
        _ throwsAtEnd: Bool,
        _ model: inout JournalModel
    ) -> Answer {
        var turn = model
        var receipts: [[Receipt]] = []
        for append in appends {
            var attempt = turn
            do throws(JournalError) {
                receipts.append(try attempt.append(append, now: test.clock.now))
                turn = attempt
            } catch {
                if !goesOn { return .failure(error) }
            }
        }
        if throwsAtEnd { return .failure(.readOnly) }
        model = turn
        return .success(receipts)
    }

    /// Reads a page of the journal and compares it with a slice of the model.
    func page(_ page: PageCommand) async throws {
        let limit = PageLimit(eventCountMax: page.eventCountMax)
        let whole = page.stream.map { before.facts(of: $0) } ?? before.facts
        let view = whole.filter { $0.position.rawValue <= page.bound ?? .max }
        func place(_ event: EventFacts) -> UInt64 {
            page.stream == nil ? event.position.rawValue : event.sequence.rawValue
        }
        let rest =
            switch page.direction {
            case .forwards: view.filter { place($0) >= page.start }
            case .backwards: Array(view.filter { place($0) <= page.start }.reversed())
            }
        let actual =
            if let stream = page.stream {
                try await test.page(
                    of: stream.name,
                    from: page.start,
                    page.direction,
                    upTo: page.bound,
                    limit: limit
                )
            } else {
                try await test.page(
                    from: page.start,
                    page.direction,
                    upTo: page.bound,
                    limit: limit
                )
            }
        try expectList(actual.events, Array(rest.prefix(page.eventCountMax)), "the page")
        let end = PageEnd(
            next: rest.dropFirst(page.eventCountMax).first.map(place),
            lastPosition: Position(rawValue: min(page.bound ?? .max, before.lastPosition)),
            eventCount: min(rest.count, page.eventCountMax)
        )
        try expect(actual.end, end, "the end of the page")
    }

    /// Compares single answers.
    func lookUp(
        _ stream: StreamID,
        _ id: EventID,
        _ instant: Timestamp,
        _ number: UInt64
    ) async throws {
        let journal = test.journal
        let last = try await journal.lastSequence(of: stream)
        try expect(last.rawValue, UInt64(before.facts(of: stream).count), "the last sequence")
        try expect(try await journal.receipt(of: id), before.receipt(of: id), "the receipt")
        let position = try await journal.position(at: instant)
        try expect(position, before.position(at: instant), "the position at the instant")
        let record = try await journal.record(at: Position(rawValue: number))
        let entry = before.entries.first { $0.facts.position.rawValue == number }
        try expect(record?.stream, entry?.stream, "the stream of the record at \(number)")
        try expect(record?.payload, entry?.facts.payload, "the payload at \(number)")
        guard let entry else { return }
        let name = try await journal.streamID(of: entry.facts.streamNumber)
        try expect(name, entry.stream, "the name of stream \(entry.facts.streamNumber.rawValue)")
    }

    /// Compares the head, and all events after a position.
    func everything(_ model: JournalModel, from position: UInt64) async throws {
        let head = try await test.journal.head()
        try expect(head.lastPosition.rawValue, model.lastPosition, "the last position")
        try expect(head.lastRecordedAt, model.lastRecordedAt, "the last recorded time")
        var actual: [EventFacts] = []
        try await test.journal.forEachEvent(from: Position(rawValue: position + 1)) {
            header,
            frame in
            actual.append(EventFacts(header, frame: frame))
            return .proceed
        }
        let expected = Array(model.facts.dropFirst(Int(position)))
        try expectList(actual, expected, "the events after position \(position)")
        guard position == 0 else { return }
        for stream in model.streams {
            let events = try await test.page(of: stream.name, from: 1).events
            try expectList(events, model.facts(of: stream), "the events of \(stream.name)")
        }
    }
}
