import Cairn

/// Cairn's prompts, through what an embedder calls.
struct CairnPrompts {
    private static let prompt = "launch"
    /// Moments whose totals are compared with counting.
    private static let comparedCount = 3

    /// Records a crowd, a thousand events a turn.
    static func fill(_ crowd: Crowd, in directory: String) async throws {
        let journal = try LMDBJournal(path: directory)
        defer { journal.close() }
        let machine = PromptSessionMachine()
        let owner = try PromptSessionOwner(prompt: prompt, user: "someone")
        var batch: [(StreamID, NewEvent)] = []
        func flush() async throws {
            let events = batch
            batch = []
            try await journal.turn { scope throws(JournalError) in
                for (stream, event) in events {
                    _ = try scope.append([event], to: stream, expecting: .any)
                }
            }
        }
        for (index, act) in crowd.acts.enumerated() {
            let session = try PromptSessionID("session-\(act.session)")
            let stream = try PromptSessionMachine.stream(of: session)
            func add(_ fact: PromptSessionFact) throws {
                batch.append((stream, try machine.newEvent(fact)))
            }
            func event(_ act: PromptAct, _ time: PromptTime, _ number: Int) -> PromptEvent {
                PromptEvent(
                    uid: PromptEventUID(high: 0, low: UInt64(number)),
                    act: act,
                    promptTime: time,
                    createdAt: Timestamp(nanoseconds: Int64(number))
                )
            }
            if index % Crowd.actsPerSession == 0 {
                try add(.opened(owner, at: .unixEpoch))
                try add(.happened(event(.join, .zero, 2 * index)))
            }
            let time = try PromptTime(Double(act.milliseconds) / 1_000)
            let done = act.rating.map { PromptAct.numericResponse(rating: $0) } ?? .like
            try add(.happened(event(done, time, 2 * index + 1)))
            if batch.count >= 1_000 { try await flush() }
        }
        try await flush()
    }

    /// Folds all events, in memory or into tables beside the journal.
    static func rebuild(_ crowd: Crowd, isStored: Bool, in directory: String) async throws
        -> Outcome
    {
        let journal = try await LMDBJournal.withoutTables(isStored: isStored, in: directory)
        defer { journal.close() }
        let board = PromptBoard(journal)
        let clock = ContinuousClock()
        let began = clock.now
        if isStored { try await board.catchUp() }
        _ = try await board.totals(ofPrompt: prompt, at: .zero)
        let seconds = (clock.now - began) / .seconds(1)
        return Outcome(
            eventCount: crowd.acts.count,
            seconds: seconds,
            hash: try await hash(crowd, board)
        )
    }

    /// Asks for totals, one by one.
    static func totals(_ crowd: Crowd, in directory: String) async throws -> Outcome {
        let journal = try LMDBJournal(path: directory)
        defer { journal.close() }
        let board = PromptBoard(journal)
        try await board.catchUp()
        var latencies: [UInt64] = []
        let clock = ContinuousClock()
        for moment in crowd.moments(count: 2_000) {
            let time = try PromptTime(Double(moment) / 1_000)
            let began = clock.now
            _ = try await board.totals(ofPrompt: prompt, at: time)
            latencies.append(UInt64((clock.now - began) / .nanoseconds(1)))
        }
        return Outcome(
            eventCount: latencies.count,
            latenciesNanoseconds: latencies,
            hash: try await hash(crowd, board)
        )
    }

    /// Asks for totals by counting from the sessions' events.
    static func counted(_ crowd: Crowd, in directory: String) async throws -> Outcome {
        var latencies: [UInt64] = []
        var hash: UInt64 = 0
        let clock = ContinuousClock()
        for moment in crowd.moments(count: comparedCount) {
            let began = clock.now
            hash = (hash &* 31) &+ crowd.hash(at: moment)
            latencies.append(UInt64((clock.now - began) / .nanoseconds(1)))
        }
        return Outcome(eventCount: latencies.count, latenciesNanoseconds: latencies, hash: hash)
    }

    static func expectedHash(_ crowd: Crowd) -> UInt64 {
        crowd.moments(count: comparedCount).reduce(0) { ($0 &* 31) &+ crowd.hash(at: $1) }
    }

    private static func hash(_ crowd: Crowd, _ board: PromptBoard) async throws -> UInt64 {
        var hash: UInt64 = 0
        for moment in crowd.moments(count: comparedCount) {
            let time = try PromptTime(Double(moment) / 1_000)
            guard let totals = try await board.totals(ofPrompt: prompt, at: time) else { continue }
            let ratings = (0..<4).map { UInt64(totals.answerCounts[.rating($0)] ?? 0) }
            hash = (hash &* 31) &+ Crowd.hash(likes: UInt64(totals.likeCount), ratings: ratings)
        }
        return hash
    }
}
