public import CairnCore
public import CairnDomains
public import CairnIncident
public import CairnJournal

/// Looks up what the people who run a journal want to see of it, for an alert or a dashboard.
///
/// ```swift
/// let board = OperatingBoard(journal)
/// metrics.record(try await board.numbers(at: .now()))
/// ```
public struct OperatingBoard: Sendable {
    /// What `cairn stuck` calls too long where nobody says: the 15 minutes of seed 002.
    public static let restMax: TimeSpan = .seconds(900)

    private let journal: any Journal
    private let summary: SummaryBoard
    private let definition: PipelineDefinition
    /// The last position to see; nil for all.
    private let asOf: Position?

    /// Looks at a journal; nothing is read before the first question.
    ///
    /// - Parameters:
    ///   - journal: The journal.
    ///   - asOf: The last position to see; nil for all.
    ///   - definition: The rules that requests are read by.
    public init(
        _ journal: any Journal,
        asOf: Position? = nil,
        definition: PipelineDefinition = .priorAuthorization
    ) {
        self.journal = journal
        self.asOf = asOf
        summary = SummaryBoard(journal)
        self.definition = definition
    }

    /// All numbers at an instant.
    ///
    /// - Parameters:
    ///   - now: The instant.
    ///   - olderThan: How long a request may rest before it counts as stuck.
    /// - Returns: The numbers.
    /// - Throws: `IncidentError`.
    /// - Complexity: Where nobody keeps the tables of requests (``ProjectionKeeper``), a pass over
    ///   the journal for the stuck ones, so once a minute and not once a second; as of a position
    ///   one for the metadata as well.
    public func numbers(
        at now: Timestamp,
        olderThan: TimeSpan = restMax
    ) async throws(IncidentError) -> OperatingNumbers {
        OperatingNumbers(
            eventCountOfLastDay: try await eventCountOfLastDay(at: now),
            metadataByteCount: asOf == nil
                ? try await summary.metadataByteCount()
                : try await metadataByteCount(mayPass: true),
            stuckCount: Int(try await stuckCount(at: now, olderThan: olderThan))
        )
    }

    /// How many requests do not get on.
    ///
    /// - Parameters:
    ///   - now: The instant.
    ///   - olderThan: How long a request may rest before it counts as stuck.
    /// - Returns: As many as `PipelineView.stuck` lists.
    /// - Throws: `IncidentError`.
    /// - Complexity: The open requests where tables tell them (`RequestBoard`); else a pass over
    ///   the journal.
    public func stuckCount(
        at now: Timestamp,
        olderThan: TimeSpan = restMax
    ) async throws(IncidentError) -> Int64 {
        try await stuckCount(at: now, olderThan: olderThan, mayPass: true) ?? 0
    }

    /// How many requests do not get on, where that can be told soon.
    ///
    /// - Parameters:
    ///   - now: The instant.
    ///   - olderThan: How long a request may rest before it counts as stuck.
    ///   - mayPass: Whether to go through the journal where no tables of requests are kept, by the
    ///     same rules and near what is asked about.
    /// - Returns: Nil where that would be needed and is not wanted.
    /// - Throws: `IncidentError`.
    public func stuckCount(
        at now: Timestamp,
        olderThan: TimeSpan = restMax,
        mayPass: Bool
    ) async throws(IncidentError) -> Int64? {
        let view = RequestBoard(journal, definition: definition).view(asOf: asOf)
        if !mayPass, try await view.start() == nil { return nil }
        return Int64(try await view.stuck(now: now, olderThan: olderThan).count)
    }

    /// How many bytes of metadata the events of all requests hold.
    ///
    /// - Parameter mayPass: Whether to go through the journal where its stored tables lack more
    ///   than 65,536 events, nobody stored them, or a position is asked about.
    /// - Returns: Nil where that would be needed and is not wanted.
    /// - Throws: `IncidentError`, of an event that cannot be read as well.
    public func metadataByteCount(mayPass: Bool) async throws(IncidentError) -> Int64? {
        if asOf == nil, let count = try await summary.metadataByteCountIfNear() { return count }
        guard mayPass else { return nil }
        return try await PipelineView(journal, asOf: asOf, definition: definition)
            .metadataByteCount()
    }

    /// How many events were recorded in the 24 hours up to an instant, or later: how fast the
    /// journal grows.
    ///
    /// - Throws: `IncidentError`.
    /// - Complexity: A search in O(log n).
    public func eventCountOfLastDay(at now: Timestamp) async throws(IncidentError) -> UInt64 {
        do throws(JournalError) {
            let start = try await journal.position(at: now.adding(.seconds(-86_400)))
            let last = try await journal.head().lastPosition
            let end = min(asOf ?? last, last)
            return end.rawValue - min(start.rawValue, end.rawValue)
        } catch {
            throw .journal(error)
        }
    }
}

/// What a journal's people look at.
public struct OperatingNumbers: Hashable, Sendable {
    /// Events that were recorded in the last 24 hours.
    public var eventCountOfLastDay: UInt64
    /// Bytes of metadata in all requests' events; nil where nobody looked.
    public var metadataByteCount: Int64?
    /// Requests that do not get on; nil where nobody looked.
    public var stuckCount: Int?

    public init(
        eventCountOfLastDay: UInt64,
        metadataByteCount: Int64? = nil,
        stuckCount: Int? = nil
    ) {
        self.eventCountOfLastDay = eventCountOfLastDay
        self.metadataByteCount = metadataByteCount
        self.stuckCount = stuckCount
    }
}
