import Cairn

/// Cairn's lists as of past positions, through what an embedder calls.
struct CairnMoments {
    let fleet: Fleet

    /// Positions that a run asks about.
    static let momentCount = 11

    private static let turnCount = 1_000

    /// Events between checkpoints: fewer where the events are few, so that there are some.
    private var interval: UInt64 {
        min(RequestBoard.intervalStandard, max(UInt64(fleet.events.count) / 32, 1))
    }

    /// The tenant of a request: one of twenty.
    static func tenant(of request: UInt32) -> String { "tenant-\(request % 20)" }

    static func event(_ event: Fleet.Event, at index: Int) -> PipelineEvent {
        let step = Fleet.steps[Int(event.step)]
        let instant = Timestamp(nanoseconds: Int64(index) * Fleet.spacing)
        var row = PipelineEvent(
            tenant: tenant(of: event.request),
            stage: step.stage,
            eventType: step.eventType,
            status: step.status == 1 ? .started : step.status == 2 ? .completed : .failed,
            createdAt: instant
        )
        row.sequenceNumber = Int64(event.step) + 1
        row.attempt = step.attempt
        row.workerID = "pagw-worker-\(event.request % 32)-7d9f8c6b54-x2kq9"
        row.serviceName = "pagw-service-\(event.step % 9)"
        if step.status != 1 { row.durationMilliseconds = Int64(index % 4_000) }
        if step.status == 3 {
            row.errorCode = "E_TIMEOUT"
            row.nextRetryAt = instant.adding(.seconds(30))
        }
        return row
    }

    func fill(in directory: String) async throws {
        let journal = try LMDBJournal(path: directory)
        defer { journal.close() }
        let count = fleet.events.count
        for start in stride(from: 0, to: count, by: Self.turnCount) {
            try await journal.append(
                try (start..<min(start + Self.turnCount, count)).map { index in
                    let event = fleet.events[index]
                    return StreamAppend(
                        [try Self.event(event, at: index).newEvent(id: nil)],
                        to: try PipelineEvent.streamID(
                            request: Questions.requestID(event.request)
                        )
                    )
                }
            )
        }
    }

    enum Question {
        /// The requests whose latest event says started or failed.
        case open
        /// All requests.
        case all
    }

    var expectedHashes: (open: UInt64, all: UInt64) {
        fleet.hashes(at: fleet.moments(count: Self.momentCount))
    }

    /// Asks as of one position after another.
    func ask(
        _ question: Question,
        isStored: Bool,
        in directory: String
    ) async throws -> Outcome {
        let journal = try LMDBJournal(path: directory)
        defer { journal.close() }
        let board = RequestBoard(journal, interval: interval)
        if isStored { try await board.catchUp() }
        var latencies: [UInt64] = []
        var hash: UInt64 = 0
        let clock = ContinuousClock()
        for moment in fleet.moments(count: Self.momentCount) {
            let position = Position(rawValue: moment)
            let now = Timestamp(nanoseconds: Int64(moment) * Fleet.spacing)
            var sum: UInt64 = 0
            let began = clock.now
            let view =
                isStored ? board.view(asOf: position) : PipelineView(journal, asOf: position)
            switch question {
            case .open:
                let rows = try await view.stuck(now: now, olderThan: .zero)
                latencies.append(UInt64((clock.now - began) / .nanoseconds(1)))
                for row in rows { sum &+= Fleet.mix(row.position.rawValue) }
            case .all:
                let lines = try await view.lines(now: now)
                latencies.append(UInt64((clock.now - began) / .nanoseconds(1)))
                for line in lines { sum &+= Fleet.mix(line.eventCount) }
            }
            hash = hash &* 31 &+ sum
        }
        if isStored { try await requireCheckpoints(of: board) }
        return Outcome(
            eventCount: latencies.count,
            latenciesNanoseconds: latencies,
            hash: hash
        )
    }

    /// Throws where most positions were asked about without a checkpoint.
    private func requireCheckpoints(of board: RequestBoard) async throws {
        var count = 0
        for moment in fleet.moments(count: Self.momentCount) {
            let start = try await board.start(asOf: Position(rawValue: moment))
            if let start, start > .zero { count += 1 }
        }
        guard 2 * count > Self.momentCount else {
            throw BenchmarkError.noCheckpoints(count, of: Self.momentCount)
        }
    }

    /// Folds all events into tables beside the journal.
    func rebuild(isStored: Bool, in directory: String) async throws -> Outcome {
        let journal = try await LMDBJournal.withoutTables(isStored: isStored, in: directory)
        defer { journal.close() }
        let last = UInt64(fleet.events.count)
        let clock = ContinuousClock()
        let began = clock.now
        let board = RequestBoard(journal, interval: interval)
        if isStored { try await board.catchUp() }
        let view = isStored ? board.view() : PipelineView(journal)
        let lines = try await view.lines(now: Timestamp(nanoseconds: Int64(last) * Fleet.spacing))
        let seconds = (clock.now - began) / .seconds(1)
        return Outcome(
            eventCount: fleet.events.count,
            seconds: seconds,
            hash: lines.reduce(0) { $0 &+ Fleet.mix($1.eventCount) }
        )
    }
}
