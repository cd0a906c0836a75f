internal import CairnCore
internal import CairnDomains
internal import CairnJournal

/// The turn of one batch of rows: each in its order, and a verdict on each.
struct TouchTurn: Sendable {
    /// A row as it is appended; nil for one that no journal takes.
    private struct Row: Sendable {
        let event: NewEvent
        let stream: StreamID
    }

    private let rows: [Row?]

    /// Encodes and digests the rows, before the writer is held.
    init(_ touches: [Touch]) {
        rows = touches.map { touch in
            do throws(LimitError) {
                return Row(
                    event: try touch.newEvent(),
                    stream: try TouchMachine.stream(of: touch.user)
                )
            } catch {
                return nil
            }
        }
    }

    /// Appends the rows; what a refused one would have added is not there, all others are.
    ///
    /// - Throws: What is the journal's failure and not a row's.
    func run(in scope: any TurnScope) throws(JournalError) -> [TouchOutcome] {
        var outcomes: [TouchOutcome] = []
        outcomes.reserveCapacity(rows.count)
        for row in rows {
            outcomes.append(
                try row.map { row throws(JournalError) in
                    try append(row, in: scope)
                } ?? .refused
            )
        }
        return outcomes
    }

    private func append(_ row: Row, in scope: any TurnScope) throws(JournalError) -> TouchOutcome {
        do {
            let receipts = try scope.append([row.event], to: row.stream, expecting: .any)
            return receipts.allSatisfy(\.isDuplicate) ? .duplicate : .appended
        } catch {
            switch error {
            case .sequenceConflict, .eventIDConflict, .eventIDInOtherStream, .limit:
                return .refused
            default: throw error
            }
        }
    }
}

extension JournalError {
    /// Whether the same turn may be taken some time later by the same handle.
    ///
    /// After a commit of which nobody knows the rows' uids tell what is there.
    var isWorthAnotherTry: Bool {
        switch self {
        case .outOfSpace, .mapFull, .readersFull, .busy, .inputOutput, .outcomeUnknown,
            .noPermission, .lockHeld, .lmdb:
            true
        case .sequenceConflict, .eventIDConflict, .eventIDInOtherStream, .limit, .unknownStream,
            .notFound, .notAJournal, .unsupportedFileSystem, .poisoned, .closed, .otherProcess,
            .readOnly, .corrupt, .damaged, .interrupted, .newerFormat:
            false
        }
    }
}
