public import CairnCore
internal import CairnDomains
public import CairnJournal

/// A read-only sight of the system events of a journal, up to one position.
public struct SystemEventView: Sendable {
    public let journal: any Journal
    /// The last position to see; nil for all.
    public let asOf: Position?

    /// Looks at a journal.
    ///
    /// - Parameters:
    ///   - journal: The journal.
    ///   - asOf: The last position to see; nil for all.
    public init(_ journal: any Journal, asOf: Position? = nil) {
        self.journal = journal
        self.asOf = asOf
    }

    /// Lists system events, newest first by their positions.
    ///
    /// - Parameter query: Which, and how many.
    /// - Returns: The rows, and where to go on.
    /// - Throws: ``IncidentError``.
    /// - Complexity: As many events as it takes to fill the page, read backwards from the cursor;
    ///   where few fit the query, all of them. Memory for the rows.
    public func list(
        _ query: SystemEventQuery = SystemEventQuery()
    ) async throws(IncidentError) -> SystemEventPage {
        if let before = query.before, before <= .first {
            return SystemEventPage(rows: [], next: nil)
        }
        let bound = [asOf, query.before?.previous].compactMap(\.self).min()
        var rows: [SystemEventRow] = []
        rows.reserveCapacity(min(query.limit, SystemEventQuery.limitStandard))
        var names = SystemEventNames()
        var next: Position?
        var failure: IncidentError?
        do throws(JournalError) {
            try await journal.forEachEvent(of: try stream(), .backwards, upTo: bound) {
                header,
                frame in
                do throws(EventCodecError) {
                    guard let event = try SystemEvent.read(header, frame: frame, &names) else {
                        return .proceed
                    }
                    let row = SystemEventRow(header, event)
                    guard query.matches(row) else { return .proceed }
                    rows.append(row)
                    guard rows.count >= query.limit else { return .proceed }
                    // The first of the stream has nothing before it.
                    if header.sequence.rawValue > 1 { next = header.position }
                    return .stop
                } catch {
                    failure = .unreadable(position: header.position, error)
                    return .stop
                }
            }
        } catch {
            throw .journal(error)
        }
        if let failure { throw failure }
        return SystemEventPage(rows: rows, next: next)
    }

    /// Reads the rows at some positions, in their order; what was erased is passed over.
    ///
    /// - Returns: The rows; nil where one of them is none of the query's.
    package func rows(
        at positions: [Position],
        of query: SystemEventQuery
    ) async throws(IncidentError) -> [SystemEventRow]? {
        var rows: [SystemEventRow] = []
        rows.reserveCapacity(positions.count)
        var names = SystemEventNames()
        var failure: IncidentError?
        var isOther = false
        do throws(JournalError) {
            try await journal.forEachEvent(at: positions) { header, frame in
                do throws(EventCodecError) {
                    guard let event = try SystemEvent.read(header, frame: frame, &names) else {
                        return
                    }
                    let row = SystemEventRow(header, event)
                    if !query.matches(row) { isOther = true }
                    rows.append(row)
                } catch {
                    failure = .unreadable(position: header.position, error)
                }
            }
        } catch {
            throw .journal(error)
        }
        if let failure { throw failure }
        return isOther ? nil : rows
    }

    private func stream() throws(JournalError) -> StreamID {
        do throws(LimitError) { return try SystemEvent.stream() } catch { throw .limit(error) }
    }
}

extension SystemEventRow {
    init(_ header: EventHeader, _ event: SystemEvent) {
        self.init(
            position: header.position,
            sequence: header.sequence,
            recordedAt: header.recordedAt,
            createdAt: header.occurredAt,
            event: event
        )
    }
}
