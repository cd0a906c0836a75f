import Cairn

/// Cairn's sums of requests' events, through what an embedder calls.
struct CairnSummaries {
    /// Events of requests whose sums are known without adding any up.
    let count: Int

    private static let stages = [
        "REQUEST_RECEIVED", "REQUEST_CONVERTED", "ATTACHMENT_HANDLED", "PAYER_CALLED",
        "CALLBACK_PROCESSED",
    ]
    private static let tenantCount = 20
    private static let eventsPerRequest = 40
    /// An hour has 36,000 events.
    private static let spacing: Int64 = 100_000_000
    private static let turnCount = 1_000

    private func event(_ index: Int) -> PipelineEvent {
        let request = index / Self.eventsPerRequest
        let isStart = index % 2 == 0
        var event = PipelineEvent(
            tenant: "tenant-\(request % Self.tenantCount)",
            stage: Self.stages[index / 2 % Self.stages.count],
            eventType: isStart ? "STAGE_STARTED" : "STAGE_COMPLETED",
            status: isStart ? .started : .completed,
            createdAt: Timestamp(nanoseconds: Int64(index) * Self.spacing)
        )
        event.sequenceNumber = Int64(index % Self.eventsPerRequest + 1)
        if !isStart { event.durationMilliseconds = Int64(index % 1_000) }
        event.workerID = "worker-\(request % 8)"
        return event
    }

    func fill(in directory: String) async throws {
        let journal = try LMDBJournal(path: directory)
        defer { journal.close() }
        for start in stride(from: 0, to: count, by: Self.turnCount) {
            try await journal.append(
                try (start..<min(start + Self.turnCount, count)).map { index in
                    let request = "request-\(index / Self.eventsPerRequest)"
                    return StreamAppend(
                        [try event(index).newEvent(id: nil)],
                        to: try PipelineEvent.streamID(request: request)
                    )
                }
            )
        }
    }

    /// Folds all events, in memory or into tables beside the journal.
    func rebuild(isStored: Bool, in directory: String) async throws -> Outcome {
        let journal = try await LMDBJournal.withoutTables(isStored: isStored, in: directory)
        defer { journal.close() }
        let board = SummaryBoard(journal)
        let clock = ContinuousClock()
        let began = clock.now
        if isStored { try await board.catchUp() }
        let rows = try await board.rows()
        let seconds = (clock.now - began) / .seconds(1)
        let hash = rows.reduce(0 as UInt64) { hash, row in
            hash &+ Self.hash(row.eventCount, row.durationMillisecondsMax)
        }
        return Outcome(eventCount: count, seconds: seconds, hash: hash)
    }

    private struct Group: Hashable {
        let hour: Int64
        let tenant: String
        let stage: String
        let eventType: String
        let status: PipelineStatus
    }

    private struct Totals {
        var eventCount: Int64 = 0
        var durationMillisecondsMax: Int64?
    }

    private struct Sums {
        var groups: [Group: Totals] = [:]

        mutating func add(_ event: PipelineEvent) {
            let group = Group(
                hour: event.createdAt.nanoseconds / 3_600_000_000_000,
                tenant: event.tenant,
                stage: event.stage,
                eventType: event.eventType,
                status: event.status
            )
            groups[group, default: Totals()].eventCount += 1
            guard let duration = event.durationMilliseconds else { return }
            let longest = groups[group]?.durationMillisecondsMax ?? duration
            groups[group]?.durationMillisecondsMax = max(longest, duration)
        }

        var hash: UInt64 {
            groups.values.reduce(0) {
                $0 &+ CairnSummaries.hash($1.eventCount, $1.durationMillisecondsMax)
            }
        }
    }

    /// Reads all events and adds them up in a dictionary, as whoever keeps no tables would.
    func addedUp(in directory: String) async throws -> Outcome {
        let journal = try LMDBJournal(path: directory, configuration: .readOnly)
        defer { journal.close() }
        let clock = ContinuousClock()
        let began = clock.now
        var sums = Sums()
        try await journal.forEachEvent { header, frame in
            if let event = try? PipelineEvent(header, frame: frame) { sums.add(event) }
            return .proceed
        }
        let seconds = (clock.now - began) / .seconds(1)
        return Outcome(eventCount: count, seconds: seconds, hash: sums.hash)
    }

    var expectedHash: UInt64 {
        var sums = Sums()
        for index in 0..<count { sums.add(event(index)) }
        return sums.hash
    }

    /// The groups' sums come to the same in any order.
    private static func hash(_ count: Int64, _ longest: Int64?) -> UInt64 {
        let count = UInt64(bitPattern: count)
        return count &* count &+ UInt64(bitPattern: longest ?? 0) &* 0x9E37_79B9_7F4A_7C15
    }
}
