internal import CairnCore
public import CairnDomains
public import CairnJournal

/// What became of one row in a turn.
public enum ImportOutcome: Sendable {
    /// The row is in the journal, now or since before.
    case appended(Receipt)
    /// The journal holds another event under the row's id, or cannot take the row.
    case refused(JournalError)
    /// The request is known under another tenant.
    case otherTenant(known: String)
    /// The first event of the request is stored and cannot be read.
    case unreadable(PipelineCodecError)
    /// The row is no event that any journal takes.
    case invalid(ImportReason)

    /// Whether the row is in the journal.
    var isAppended: Bool {
        if case .appended = self { true } else { false }
    }
}

/// A row that waits for its turn.
struct QueuedRow: Sendable {
    let row: ImportRow
    let names: ImportNames
    /// The tenant of the request's first event, if it was seen not long ago.
    let knownTenant: String?
    let source: Int
}

/// What a row is called in the journal.
struct ImportNames: Sendable {
    let stream: StreamID
    let id: EventID
}

/// A row and its event, checked and digested; nil where it is none.
struct PreparedRow: Sendable {
    let queued: QueuedRow
    let event: Result<NewEvent, RowFault>

    /// Does the work that needs no journal, so that it is done before the writer is held.
    init(_ queued: QueuedRow, recordsCreation: Bool) {
        self.queued = queued
        do throws(RowFault) {
            event = .success(
                try queued.row.newEvent(
                    id: queued.names.id,
                    recordedAt: recordsCreation ? queued.row.event.createdAt : nil
                )
            )
        } catch {
            event = .failure(error)
        }
    }
}

/// The turn of one batch: each row in its order, and a verdict on each.
struct ImportTurn: Sendable {
    let rows: [PreparedRow]
    /// Whether the rows after one that is refused are still tried.
    let goesOn: Bool

    /// Appends the rows; what a refused one would have added is not there, all others are.
    ///
    /// - Returns: A verdict on each row up to the last that was tried; those after it are for the
    ///   next turn if this one had no room for them.
    /// - Throws: What is the journal's failure and not a row's.
    func run(in scope: any TurnScope) throws(JournalError) -> [ImportOutcome] {
        var outcomes: [ImportOutcome] = []
        outcomes.reserveCapacity(rows.count)
        var tenants = RequestTenants()
        for row in rows {
            let outcome: ImportOutcome
            do {
                outcome = try self.outcome(of: row, &tenants, in: scope)
            } catch .limit(let error) where error.isAboutTurn && !outcomes.isEmpty {
                return outcomes
            }
            outcomes.append(outcome)
            if !goesOn, !outcome.isAppended { break }
        }
        return outcomes
    }

    private func outcome(
        of row: PreparedRow,
        _ tenants: inout RequestTenants,
        in scope: any TurnScope
    ) throws(JournalError) -> ImportOutcome {
        let event: NewEvent
        switch row.event {
        case .success(let prepared): event = prepared
        case .failure(let fault): return .invalid(fault.reason)
        }
        let stream = row.queued.names.stream
        let tenant = row.queued.row.event.tenant
        var known = row.queued.knownTenant
        // Since an earlier turn the request may have been removed, and then it is nobody's.
        if known?.utf8.elementsEqual(tenant.utf8) != true {
            do throws(RequestTenants.Failure) {
                known = try tenants.tenant(of: stream, in: scope)
            } catch {
                switch error {
                case .journal(let error): throw error
                case .unreadable(let error): return .unreadable(error)
                }
            }
        }
        if let known, !known.utf8.elementsEqual(tenant.utf8) { return .otherTenant(known: known) }
        do {
            let receipts = try scope.append([event], to: stream, expecting: .any)
            // One that was there before may have been removed, and then says nothing any more.
            if !receipts[0].isDuplicate { tenants.note(tenant, of: stream) }
            return .appended(receipts[0])
        } catch {
            switch error {
            // A turn that has grown too large is not the fault of the row that comes next.
            case .limit(let limit) where limit.isAboutTurn: throw error
            case .sequenceConflict, .eventIDConflict, .eventIDInOtherStream, .limit:
                return .refused(error)
            default: throw error
            }
        }
    }
}

extension LimitError {
    /// Whether all that a turn appends is too much, and not one value of it.
    fileprivate var isAboutTurn: Bool {
        switch self {
        case .turnTooLarge, .tooManyEvents: true
        case .emptyStreamID, .streamIDTooLong, .emptyEventID, .eventIDTooLong, .emptyEventType,
            .eventTypeTooLong, .payloadTooLarge:
            false
        }
    }
}
