internal import CairnCore
internal import CairnDomains
public import CairnEngine
public import CairnJournal

/// Takes requests out of sight.
///
/// A removal is an event, and covers what stands in the request's stream before it. From then on
/// nothing is recorded of the request any more, and no retry of it is handed out: its id is not
/// used again. Rows that are imported later are facts and are there, but those that it covers keep
/// their ids, so importing them again brings nothing back.
public struct PipelineRemover: Sendable {
    private let journal: any Journal

    public init(_ journal: any Journal) {
        self.journal = journal
    }

    /// Removes a request with all its events.
    ///
    /// - Parameters:
    ///   - request: The request's id, `pagw_id`.
    ///   - by: Who decides it, if that is to be known.
    ///   - reason: Why, if that is to be known.
    /// - Returns: How many events it covers that no removal covered before; where there are none,
    ///   nothing is written.
    /// - Throws: `EngineError`.
    /// - Complexity: Reads the request's events inside the turn.
    @discardableResult
    public func forget(
        request: String,
        by: String? = nil,
        reason: String? = nil
    ) async throws(EngineError<Never>) -> UInt64 {
        let stream: StreamID
        let list: StreamID
        do throws(LimitError) {
            stream = try PipelineEvent.streamID(request: request)
            list = try Removal.truncations(of: PipelineEvent.streamKind)
        } catch {
            throw .journal(.limit(error))
        }
        let removedCount: UInt64 = try await journal.engineTurn {
            scope throws(EngineError<Never>) in
            let count = try Self.eventCount(of: stream, in: scope)
            guard count > 0 else { return 0 }
            let entry = ListedRemoval(key: request, eventCount: count, at: scope.now)
            let removal = Removal(.stream, at: scope.now, by: by, reason: reason)
            do throws(JournalError) {
                // The entry first: views that go beyond it have the removal, too.
                let listed = try limited { () throws(LimitError) in try entry.newEvent() }
                let removed = try limited { () throws(LimitError) in try removal.newEvent() }
                try scope.append([listed], to: list, expecting: .any)
                try scope.append([removed], to: stream, expecting: .any)
            } catch {
                throw .journal(error)
            }
            return count
        }
        if removedCount > 0 {
            await journal.removeTables(named: SummaryProjection().name)
            await journal.removeTables(named: RequestProjection.tableName)
        }
        return removedCount
    }

    /// Counts the rows since the last removal.
    private static func eventCount(
        of stream: StreamID,
        in scope: any TurnScope
    ) throws(EngineError<Never>) -> UInt64 {
        var count: UInt64 = 0
        var failure: EngineError<Never>?
        do throws(JournalError) {
            try scope.forEachEvent(of: stream, from: SequenceNumber(rawValue: 1)) {
                header,
                frame in
                do throws(PipelineCodecError) {
                    if try PipelineGate.isRow(header, frame: frame) {
                        count += 1
                    } else if PipelineGate.isRemoval(header, frame: frame) {
                        count = 0
                    }
                    return .proceed
                } catch {
                    failure = .unreadable(
                        position: header.position,
                        error: .unknownType(header.type(in: frame))
                    )
                    return .stop
                }
            }
        } catch {
            throw .journal(error)
        }
        if let failure { throw failure }
        return count
    }
}
