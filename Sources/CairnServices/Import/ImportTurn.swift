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

    /// Whether the row is in the journal.
    var isAppended: Bool {
        if case .appended = self { true } else { false }
    }
}

/// A row that is ready to be appended.
struct PreparedRow: Sendable {
    let stream: StreamID
    let event: NewEvent
    let request: String
    let tenant: String
    /// The tenant of the request's first event, if it was seen not long ago.
    let knownTenant: String?
    let place: ImportPlace
    let source: Int
}

/// The turn of one batch: each row in its order, and a verdict on each.
struct ImportTurn: Sendable {
    let rows: [PreparedRow]
    /// Whether the rows after one that is refused are still tried.
    let goesOn: Bool

    /// Appends the rows; what a refused one would have added is not there, all others are.
    ///
    /// - Returns: A verdict on each row up to the last that was tried.
    /// - Throws: What is the journal's failure and not a row's.
    func run(in scope: any TurnScope) throws(JournalError) -> [ImportOutcome] {
        var outcomes: [ImportOutcome] = []
        outcomes.reserveCapacity(rows.count)
        var tenants: [StreamID: String] = [:]
        for row in rows {
            let outcome = try outcome(of: row, tenants: &tenants, in: scope)
            outcomes.append(outcome)
            if !goesOn, !outcome.isAppended { break }
        }
        return outcomes
    }

    private func outcome(
        of row: PreparedRow,
        tenants: inout [StreamID: String],
        in scope: any TurnScope
    ) throws(JournalError) -> ImportOutcome {
        if let known = row.knownTenant ?? tenants[row.stream] {
            guard known.utf8.elementsEqual(row.tenant.utf8) else {
                return .otherTenant(known: known)
            }
        } else {
            switch try firstTenant(of: row.stream, in: scope) {
            case .success(let known?) where !known.utf8.elementsEqual(row.tenant.utf8):
                return .otherTenant(known: known)
            case .failure(let error): return .unreadable(error)
            case .success: tenants[row.stream] = row.tenant
            }
        }
        do {
            let receipts = try scope.append([row.event], to: row.stream, expecting: .any)
            return .appended(receipts[0])
        } catch {
            switch error {
            case .sequenceConflict, .eventIDConflict, .eventIDInOtherStream, .limit:
                return .refused(error)
            default: throw error
            }
        }
    }

    private func firstTenant(
        of stream: StreamID,
        in scope: any TurnScope
    ) throws(JournalError) -> Result<String?, PipelineCodecError> {
        var found: Result<String?, PipelineCodecError> = .success(nil)
        try scope.forEachEvent(of: stream, from: SequenceNumber(rawValue: 1)) { header, frame in
            do throws(PipelineCodecError) {
                found = .success(try PipelineEvent(header, frame: frame).tenant)
            } catch {
                found = .failure(error)
            }
            return .stop
        }
        return found
    }
}
