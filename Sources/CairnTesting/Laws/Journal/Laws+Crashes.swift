internal import CairnCore
internal import CairnEngine
internal import CairnJournal

extension Laws {
    /// How often one append is tried before a journal is said never to come back.
    private static var attemptCountMax: Int { 10 }

    /// Law 3.1: under crashes, full disks and lost replies, whoever tries again under the same id
    /// ends where a run without any trouble does; nothing acknowledged is lost.
    ///
    /// The journal is wrapped in a ``FaultyJournal``; after each crash it is opened again.
    ///
    /// - Parameters:
    ///   - contract: Makes the journal. Without a way to reopen it, a crash loses nothing.
    ///   - faults: What may go wrong.
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
    public static func acknowledgedIsKept(
        on contract: JournalContract,
        faults: [Fault] = Fault.allCases,
        replaying tokens: [String] = [],
        settings: PropertySettings = PropertySettings(),
        fileID: String = #fileID,
        filePath: String = #filePath,
        line: Int = #line,
        function: String = #function
    ) async throws(PropertyError) -> PropertySummary {
        let law = Law.crashEquivalence
        let site = CallSite(fileID: fileID, filePath: filePath, line: line, function: function)
        return try await examine(law, of: "a journal", tokens, settings, site) { draw in
            let stream = Generator<Int>.int(in: 0...LawInput.streamCount - 1)
            let streams = try draw(.array(of: stream, count: 0...8), "streams of the appends")
            try await contract.withCase { test in
                let faults = FaultPlan(faults, clock: test.clock)
                let crashing = CrashingJournal(test.journal, in: test, faults: faults, &draw)
                var receipts: [Receipt] = []
                for (number, stream) in streams.enumerated() {
                    receipts.append(try await append(number, to: stream, crashing, law))
                }
                crashing.crash()
                try await crashing.restart()
                let events = try await test.everything()
                let ids = events.map { $0.id?.name ?? "-" }
                let expected = streams.indices.map { "id \($0)" }
                guard ids == expected else {
                    throw LawFailure(law, "the journal has \(ids) instead of \(expected)")
                }
                for (receipt, event) in zip(receipts, events)
                where receipt.position != event.position || receipt.sequence != event.sequence {
                    throw LawFailure(law, "\(receipt) was acknowledged, and there is \(event)")
                }
            }
        }
    }

    /// Appends an event until it is acknowledged, whatever happens.
    private static func append(
        _ number: Int,
        to stream: Int,
        _ crashing: CrashingJournal,
        _ law: Law
    ) async throws -> Receipt {
        let (event, stream) = (
            try LawInput.event(number, id: number), try LawInput.stream(stream)
        )
        var lastError: JournalError?
        for _ in 0..<attemptCountMax {
            do throws(JournalError) {
                return try await crashing.journal.append(event, to: stream)
            } catch {
                lastError = error
                if crashing.isDown() { try await crashing.restart() }
            }
        }
        let words = lastError.map { ", at last with '\($0)'" } ?? ""
        throw LawFailure(law, "append \(number + 1) fails \(attemptCountMax) times\(words)")
    }

    /// Law 8.3: no stored mark is ahead of the durable journal, and going on from one takes each
    /// event once.
    ///
    /// A projection counts the events of each stream; it is stored now and then, between crashes.
    ///
    /// - Parameters:
    ///   - contract: Makes the journal, which has to have a projection store.
    ///   - faults: What may go wrong.
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
    public static func marksAreNeverAhead(
        on contract: JournalContract,
        faults: [Fault] = Fault.allCases,
        replaying tokens: [String] = [],
        settings: PropertySettings = PropertySettings(),
        fileID: String = #fileID,
        filePath: String = #filePath,
        line: Int = #line,
        function: String = #function
    ) async throws(PropertyError) -> PropertySummary {
        let law = Law.markBehindJournal
        let site = CallSite(fileID: fileID, filePath: filePath, line: line, function: function)
        return try await examine(law, of: "a journal", tokens, settings, site) { draw in
            let steps = try draw(.array(of: .allCases(), count: 0...12), "steps") as [MarkStep]
            var markCount = 0
            try await contract.withCase { test in
                let faults = FaultPlan(faults, clock: test.clock)
                let crashing = CrashingJournal(test.journal, in: test, faults: faults, &draw)
                for (number, step) in steps.enumerated() {
                    try await step.run(number, crashing)
                    if crashing.isDown() { try await crashing.restart() }
                    markCount += try await expectMarksBehind(test.journal, law)
                }
                let counts = try await EventCounts.read(test.journal)
                for number in 0..<LawInput.streamCount {
                    let stream = try LawInput.stream(number)
                    let expected = try await test.journal.lastSequence(of: stream).rawValue
                    guard counts[stream.name, default: 0] != expected else { continue }
                    throw LawFailure(
                        law,
                        "going on counts \(counts[stream.name, default: 0]) events of \(stream), "
                            + "of which there are \(expected)"
                    )
                }
            }
            draw.sometimes(markCount > 0, "a projection is stored")
        }
    }

    private static func expectMarksBehind(_ journal: any Journal, _ law: Law) async throws -> Int {
        guard let store = journal.projectionStore else { return 0 }
        let last = try await journal.head().lastPosition
        let marks = try store.tables().map(\.mark)
        for mark in marks where mark.position > last {
            throw LawFailure(
                law,
                "a mark is at position \(mark.position), and the journal ends at \(last)"
            )
        }
        return marks.count
    }
}

/// What is done beside a projection.
private enum MarkStep: CaseIterable, Sendable {
    case append, store, crash

    func run(_ number: Int, _ crashing: CrashingJournal) async throws {
        do {
            switch self {
            case .append:
                let stream = try LawInput.stream(number % LawInput.streamCount)
                try await crashing.journal.append(try LawInput.event(number), to: stream)
            case .store: try await LiveProjection(EventCounts(), of: crashing.journal).catchUp()
            case .crash: crashing.crash()
            }
        } catch is JournalError {
            // A fault, after which the journal goes on, or is opened again.
        } catch is EngineError<Never> {
            // The same, in a projection.
        }
    }
}
