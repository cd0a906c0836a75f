public import CairnCore
public import CairnEngine
internal import CairnJournal

extension Laws {
    /// Law 8.2: tables that were caught up in steps, from any stored mark, are those of one fold.
    ///
    /// The events go to a journal in memory, which refuses those whose id is another event's; they
    /// are passed over. In between, the tables are stored, and sometimes the
    /// projection is begun anew from what is stored, as in a new process. At the end another
    /// projection folds everything at once, and both have to be the same bytes.
    ///
    /// - Parameters:
    ///   - projection: The rules.
    ///   - events: Makes events that the projection can read.
    ///   - streams: The streams that the events go to; at least one.
    ///   - tokens: Cases to run before any other, as reports print them: failures of the past.
    ///   - settings: How long to look.
    ///   - fileID: The file of the call, which a report's regression test goes by.
    ///   - filePath: Its path.
    ///   - line: The line of the call.
    ///   - function: The function of the call.
    /// - Returns: How much was looked at.
    /// - Throws: ``PropertyError``.
    /// - Complexity: Two folds a case.
    @discardableResult
    public static func projectionEqualsRebuild<Rules: Projection>(
        _ projection: Rules,
        events: Generator<NewEvent>,
        streams: [StreamID],
        replaying tokens: [String] = [],
        settings: PropertySettings = PropertySettings(),
        fileID: String = #fileID,
        filePath: String = #filePath,
        line: Int = #line,
        function: String = #function
    ) async throws(PropertyError) -> PropertySummary {
        let law = Law.projectionRebuild
        let pause = Generator<FoldPause>.allCases()
        let place = Generator<Int>.int(in: 0...max(0, streams.count - 1))
        let site = CallSite(fileID: fileID, filePath: filePath, line: line, function: function)
        return try await examine(law, of: "\(Rules.self)", tokens, settings, site) { draw in
            if streams.isEmpty { throw NoStream() }
            let clock = ManualClock()
            let journal = MemoryJournal(clock: { clock.now })
            var live = LiveProjection(projection, of: journal)
            var storedCount = 0
            let count = try draw(.int(in: 0...20), "events")
            for number in 0..<count {
                let event = try draw(events, "event \(number + 1)")
                let stream = streams[try draw(place, "stream")]
                do throws(JournalError) {
                    try await journal.append(event, to: stream)
                } catch .eventIDConflict, .eventIDInOtherStream {
                    // Other events of drawn ids are the generator's, and not the projection's.
                }
                clock.advance(by: .milliseconds(1))
                switch try draw(pause, "then") {
                case .goOn: break
                case .look: _ = try await live.read { _ throws(EngineError<Never>) in 0 }
                case .store:
                    try await live.catchUp()
                    storedCount += 1
                case .storeAndBeginAnew:
                    try await live.catchUp()
                    live = LiveProjection(projection, of: journal)
                    storedCount += 1
                }
            }
            draw.sometimes(storedCount > 1, "the tables are stored in between")
            let found = try await tables(of: live, in: journal)
            let other = try journal.reopened()
            let expected = try await tables(of: LiveProjection(projection, of: other), in: other)
            guard found != expected else { return }
            throw LawFailure(law, difference(found, expected))
        }
    }

    /// All entries, in the order of their keys' bytes.
    private static func tables<Rules: Projection>(
        of live: LiveProjection<Rules>,
        in journal: MemoryJournal
    ) async throws -> [StoredEntry] {
        try await live.catchUp()
        var entries: [StoredEntry] = []
        try journal.projectionStore?.read(live.table) { stored throws(JournalError) in
            try stored.forEach(inPrefix: [], from: nil, .forwards) { key, value in
                entries.append(StoredEntry(key: key.array(), value: value.array()))
                return .proceed
            }
        }
        return entries
    }

    private static func difference(_ found: [StoredEntry], _ expected: [StoredEntry]) -> String {
        let sharedCount = min(found.count, expected.count)
        let place = (0..<sharedCount).first { found[$0] != expected[$0] } ?? sharedCount
        func words(_ entries: [StoredEntry]) -> String {
            place < entries.count ? "\(entries[place])" : "the end"
        }
        return "entry \(place + 1) is \(words(found)) in steps, and \(words(expected)) in one fold"
    }
}

/// What a law of projections was not given.
private struct NoStream: Error, CustomStringConvertible {
    var description: String { "there is no stream for the events" }
}

/// What is done between two events.
private enum FoldPause: CaseIterable, Sendable {
    case goOn, look, store, storeAndBeginAnew
}

/// One entry of a projection's tables, as it is stored.
private struct StoredEntry: Hashable, CustomStringConvertible {
    let key: [UInt8]
    let value: [UInt8]

    var description: String { "\(key): \(value)" }
}
