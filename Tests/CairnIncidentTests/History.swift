import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal

/// Rows of requests in the order in which they are recorded, as a table of the source holds them.
struct History {
    struct Row {
        let requestID: String
        let event: PipelineEvent
        /// Place in the whole history, and in the request, both from 1.
        var position: UInt64 = 0
        var sequence: UInt64 = 0

        var number: Int64 { event.sequenceNumber ?? Int64(sequence) }
    }

    private(set) var rows: [Row] = []
    private var counts: [String: UInt64] = [:]

    static let dayStart = Timestamp(nanoseconds: 1_766_620_800_000_000_000)

    /// An instant on the history's day.
    static func time(minutes: Int64, seconds: Int64 = 0) -> Timestamp {
        dayStart.adding(.seconds(minutes * 60 + seconds))
    }

    mutating func add(_ requestID: String, _ event: PipelineEvent) {
        counts[requestID, default: 0] += 1
        rows.append(
            Row(
                requestID: requestID,
                event: event,
                position: UInt64(rows.count + 1),
                sequence: counts[requestID] ?? 0
            )
        )
    }

    /// Adds a row by its words; `minutes` is its `created_at`.
    mutating func add(
        _ requestID: String,
        _ eventType: String,
        _ status: PipelineStatus,
        minutes: Int64,
        stage: String = "PARSING",
        tenant: String = "anthem",
        _ change: (inout PipelineEvent) -> Void = { _ in }
    ) {
        var event = PipelineEvent(
            tenant: tenant,
            stage: stage,
            eventType: eventType,
            status: status,
            createdAt: Self.time(minutes: minutes)
        )
        change(&event)
        add(requestID, event)
    }

    /// A journal that holds the rows at their positions.
    func journal() async throws -> MemoryJournal {
        let journal = MemoryJournal()
        var appends: [StreamAppend] = []
        for row in rows {
            let stream = try PipelineEvent.streamID(request: row.requestID)
            appends.append(StreamAppend([try row.event.newEvent(id: nil)], to: stream))
        }
        try await journal.append(appends)
        return journal
    }

    /// The first rows, as a view up to a position has them.
    func upTo(_ position: UInt64) -> History {
        var history = self
        history.rows.removeAll { $0.position > position }
        return history
    }
}
