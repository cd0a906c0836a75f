internal import CairnCore
internal import CairnDomains
internal import CairnJournal

/// The turn of one batch of rows: those whose lines were not imported before.
struct PostfixTurn: Sendable {
    enum Outcome: Sendable {
        /// It is there now; perhaps not recorded as of when it happened.
        case appended(isShifted: Bool)
        /// Its line was imported before, whatever was made of it then.
        case duplicate
        case refused(JournalError)
    }

    private struct Row: Sendable {
        let event: NewEvent
        let id: EventID
        let stream: StreamID
    }

    /// How much later than its row's time an event may be recorded without a word: lines are held
    /// back until it is known what they are about.
    private static let shiftMax = TimeSpan.seconds(60)

    private let rows: [Result<Row, LimitError>]

    init(_ rows: [PostfixRow]) {
        self.rows = rows.map { row in
            do throws(LimitError) {
                let touch = row.touch
                return .success(
                    Row(
                        event: try touch.newEvent(recordedAt: touch.createdTime),
                        id: try touch.uid.eventID,
                        stream: try TouchMachine.stream(of: touch.user)
                    )
                )
            } catch {
                return .failure(error)
            }
        }
    }

    /// Appends the rows.
    ///
    /// - Throws: What is the journal's failure and not a row's.
    func run(in scope: any TurnScope) throws(JournalError) -> [Outcome] {
        var outcomes: [Outcome] = []
        outcomes.reserveCapacity(rows.count)
        for row in rows {
            switch row {
            case .failure(let error): outcomes.append(.refused(.limit(error)))
            case .success(let row): outcomes.append(try append(row, in: scope))
            }
        }
        return outcomes
    }

    private func append(_ row: Row, in scope: any TurnScope) throws(JournalError) -> Outcome {
        guard try scope.receipt(of: row.id) == nil else { return .duplicate }
        do {
            let receipts = try scope.append([row.event], to: row.stream, expecting: .any)
            let latest = row.event.occurredAt.adding(Self.shiftMax)
            return .appended(isShifted: receipts.contains { $0.recordedAt > latest })
        } catch {
            switch error {
            case .sequenceConflict, .eventIDConflict, .eventIDInOtherStream, .limit:
                return .refused(error)
            default: throw error
            }
        }
    }
}
