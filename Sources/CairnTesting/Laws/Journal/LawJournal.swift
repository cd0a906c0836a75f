internal import CairnCore
internal import CairnJournal

/// What the laws of journals do to one: few streams, few ids, few contents, so that they collide.
enum LawInput {
    static let streamCount = 3
    static let idCount = 5

    static func stream(_ number: Int) throws(LimitError) -> StreamID {
        try StreamID("law/\(number)")
    }

    /// An event whose content is a number.
    static func event(
        _ content: Int,
        id: Int? = nil,
        occurredAt: Timestamp = .unixEpoch
    ) throws(LimitError) -> NewEvent {
        try NewEvent(
            type: "noted",
            id: id.map { number throws(LimitError) in try EventID("id \(number)") },
            occurredAt: occurredAt,
            payload: [UInt8(truncatingIfNeeded: content)]
        )
    }
}

/// Events for one stream in one turn, as a case draws them.
struct LawAppend: Hashable, Sendable, CustomStringConvertible {
    struct Element: Hashable, Sendable {
        let id: Int?
        let content: Int
    }

    let stream: Int
    let elements: [Element]
    let expected: ExpectedSequence
    /// Whether the turn throws after its append.
    let isAbandoned: Bool

    func events() throws(LimitError) -> [NewEvent] {
        var events: [NewEvent] = []
        for element in elements {
            events.append(try LawInput.event(element.content, id: element.id))
        }
        return events
    }

    func asAppend() throws(LimitError) -> StreamAppend {
        StreamAppend(try events(), to: try LawInput.stream(stream), expecting: expected)
    }

    /// Runs the turn.
    func run(on journal: any Journal) async throws -> Result<[Receipt], JournalError> {
        let (append, isAbandoned) = (try asAppend(), isAbandoned)
        do throws(JournalError) {
            return .success(
                try await journal.turn { scope throws(JournalError) in
                    let receipts = try scope.append(
                        append.events,
                        to: append.stream,
                        expecting: append.expected
                    )
                    if isAbandoned { throw .readOnly }
                    return receipts
                }
            )
        } catch {
            return .failure(error)
        }
    }

    var description: String {
        let words = elements.map { "\($0.content)" + ($0.id.map { " as id \($0)" } ?? "") }
        return "[\(words.joined(separator: ", "))] to law/\(stream)"
            + (expected == .any ? "" : " expecting \(expected)") + (isAbandoned ? ", thrown" : "")
    }
}

extension Generator where Value == LawAppend {
    /// Appends with ids or without, with an expectation or none, some of which are thrown.
    static func append(hasIDs: Bool) -> Generator {
        let id = Generator<Int>.int(in: 0...LawInput.idCount - 1)
        let content = Generator<Int>.int(in: 0...2)
        let element = Generator<LawAppend.Element>(label: SpanLabel("event")) {
            draw throws(CaseStop) in
            let isNamed = hasIDs ? try Generator<Bool>.bool(percent: 70).draw(&draw) : false
            return LawAppend.Element(
                id: isNamed ? try id.draw(&draw) : nil,
                content: try content.draw(&draw)
            )
        }
        let elements = Generator<[LawAppend.Element]>.array(of: element, count: 1...3)
        let sequence = Generator<Int>.int(in: 0...6)
        return Generator(label: SpanLabel("append")) { draw throws(CaseStop) in
            let stream = try Generator<Int>.int(in: 0...LawInput.streamCount - 1).draw(&draw)
            let events = try elements.draw(&draw)
            let isCompared = try Generator<Bool>.bool(percent: 20).draw(&draw)
            let expected =
                isCompared
                ? ExpectedSequence.exactly(
                    SequenceNumber(rawValue: UInt64(try sequence.draw(&draw)))
                ) : .any
            return LawAppend(
                stream: stream,
                elements: events,
                expected: expected,
                isAbandoned: try Generator<Bool>.bool(percent: 15).draw(&draw)
            )
        }
    }
}

/// A journal that goes wrong where its case draws it, and comes back.
struct CrashingJournal: Sendable {
    let journal: any Journal
    let isDown: @Sendable () -> Bool
    let crash: @Sendable () -> Void
    let restart: @Sendable () async throws(JournalError) -> Void

    init<Base: Journal>(
        _ base: Base,
        in test: JournalCase,
        faults: FaultPlan,
        _ draw: inout Draw
    ) {
        let faulty = FaultyJournal(base, faults: faults, &draw) { _ throws(JournalError) in
            do {
                try await test.reopen()
            } catch let error as JournalError {
                throw error
            } catch {
                throw .damaged(path: "reopening", reason: "\(error)")
            }
            guard let reopened = test.journal as? Base else {
                throw .damaged(path: "reopening", reason: "it is another kind of journal")
            }
            return reopened
        }
        journal = faulty
        isDown = { faulty.isDown }
        crash = { faulty.crash() }
        restart = { () throws(JournalError) in try await faulty.restart() }
    }
}
