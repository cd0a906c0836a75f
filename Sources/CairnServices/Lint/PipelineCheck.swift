internal import CairnCore
internal import CairnDomains

/// Rows of requests: what a replay shows as an anomaly, and what the table alone shows.
struct PipelineCheck: TableCheck {
    /// What is followed of one request.
    fileprivate struct Request {
        var state: PipelineState
        var lastNumber: Int64?
        var numberCount = 0
        var numbers: ClosedRange<Int64>?
        /// Where the numbers first left something out.
        var gap: LintMark?
        let name: String
    }

    private static let keyName = "pagw_id/sequence_no"

    private let machine: PipelineMachine
    private var requests: [UInt64: Request] = [:]
    private let bounds: LintBounds
    private var ids: LintNames
    private var keys: LintNames
    private var eventIDs: LintNames
    private var ordinals = OrdinalCounter()
    /// Where each spelling of a status first stands, and how often.
    private var plain = (count: 0, mark: LintMark?.none, word: "")
    private var aliased = (count: 0, mark: LintMark?.none, word: "")

    init(_ definition: PipelineDefinition?, _ bounds: LintBounds) {
        self.bounds = bounds
        ids = LintNames(bounds)
        keys = LintNames(bounds)
        eventIDs = LintNames(bounds)
        machine = PipelineMachine(definition ?? .priorAuthorization)
    }

    mutating func take(
        _ row: TableRow,
        _ mark: LintMark,
        tenant: String?,
        _ notes: inout LintNotes
    ) throws(RowFault) {
        var cells = EventTrackerRow(isCSV: row.isCSV)
        cells.bytes = row.bytes
        for column in EventTrackerColumn.allCases { cells[column] = row[column.rawValue] }
        let id = try row.integer(EventTrackerColumn.id.rawValue)
        ids.check(id?.description, "id", mark, &notes)
        let event: ImportRow
        do {
            event = try cells.importRow(
                at: mark.place,
                tenant: tenant,
                fault: nil,
                counting: &ordinals
            )
        } catch {
            takeBad(row, mark, &notes)
            throw error
        }
        if let word = try row.text(EventTrackerColumn.status.rawValue) { spell(word, mark) }
        take(event, mark, &notes)
    }

    /// Compares the number of a bad row, which is there nevertheless and leaves no gap.
    private mutating func takeBad(
        _ row: TableRow,
        _ mark: LintMark,
        _ notes: inout LintNotes
    ) {
        guard let request = try? row.text(EventTrackerColumn.requestID.rawValue),
            let number = try? row.integer(EventTrackerColumn.sequenceNumber.rawValue)
        else { return }
        let isNew = keys.check("\(request)/\(number)", Self.keyName, mark, &notes)
        if isNew { requests[request.stableDigest]?.count(number, mark) }
    }

    private mutating func spell(_ word: String, _ mark: LintMark) {
        switch word {
        case "COMPLETED", "FAILED":
            let isSame = plain.count == 0 || plain.word == word
            plain = (plain.count + 1, plain.mark ?? mark, isSame ? word : "COMPLETED or FAILED")
        case "SUCCESS", "FAILURE":
            aliased = (
                aliased.count + 1, aliased.mark ?? mark,
                aliased.mark == nil ? word : aliased.word
            )
        default: break
        }
    }

    mutating func take(_ row: ImportRow, _ mark: LintMark, _ notes: inout LintNotes) {
        let event = row.event
        let key = event.sequenceNumber.map { "\(row.request)/\($0)" }
        let isNew = keys.check(key, Self.keyName, mark, &notes)
        if case .eventID(let id) = row.key { eventIDs.check(id.name, "event_id", mark, &notes) }
        notes.checkPersonal(event.metadata?[...], "metadata", mark)
        notes.checkPersonal(event.errorMessage.map { Array($0.utf8)[...] }, "error_message", mark)
        let digest = row.request.stableDigest
        guard requests[digest] != nil || requests.count < bounds.subjectCountMax else {
            return notes.reach(
                "requests: only the first \(bounds.subjectCountMax) are followed"
            )
        }
        var request =
            requests[digest] ?? Request(state: machine.initial, name: row.request)
        note(machine.anomalies(of: event, in: request.state), of: row, mark, &notes)
        if let number = event.sequenceNumber, isNew { request.count(number, mark) }
        machine.evolve(&request.state, by: event)
        requests[digest] = request
    }

    private func note(
        _ kinds: PipelineAnomaly.Kinds,
        of row: ImportRow,
        _ mark: LintMark,
        _ notes: inout LintNotes
    ) {
        let event = row.event
        let name = LintNotes.shown(row.request)
        for kind in PipelineAnomaly.Kind.allCases where kinds.contains(kind) {
            switch kind {
            case .lateRow: notes.add(.lateRow, mark, "\(name): a higher number stands before it")
            case .missingStart:
                notes.add(.missingStart, mark, "\(name): \(event.eventType) without its start")
            case .attemptRegression:
                notes.add(.attemptRegression, mark, "\(name): attempt \(event.attempt)")
            case .afterTerminal, .reopened:
                notes.add(.afterEnd, mark, "\(name): \(event.eventType) after the end")
            case .clockInversion:
                notes.add(.clockInversion, mark, "\(name): created at \(event.createdAt)")
            case .unknownStatus:
                let word = LintNotes.shown(event.status.word)
                notes.add(.unknownStatus, mark, "\(name): status \(word)")
            case .unknownStage, .unknownEventType:
                let word = kind == .unknownStage ? event.stage : event.eventType
                notes.add(.unknownWord, mark, "\(name): \(LintNotes.shown(word))")
            case .tenantMismatch:
                notes.add(.tenantMismatch, mark, "\(name): \(LintNotes.shown(event.tenant))")
            case .statusContradiction:
                notes.add(
                    .statusContradiction,
                    mark,
                    "\(name): \(event.eventType) is \(event.status.word)"
                )
            // The keys show every number that comes again, and not the highest alone.
            case .duplicateNumber, .outOfOrderStage: continue
            }
        }
    }

    mutating func finish(_ notes: inout LintNotes) {
        if plain.count > 0, aliased.count > 0, let mark = aliased.mark {
            notes.add(
                .mixedStatus,
                mark,
                count: aliased.count,
                "\(aliased.word) beside \(plain.count) \(plain.count == 1 ? "row" : "rows") with "
                    + plain.word
            )
        }
        let gaps = requests.values.filter { $0.missingCount > 0 }.sorted { $0.name < $1.name }
        for request in gaps {
            guard let numbers = request.numbers, let mark = request.gap else { continue }
            notes.add(
                .sequenceGap,
                mark,
                "\(LintNotes.shown(request.name)): "
                    + LintSequence.missing(request.missingCount, "number", in: numbers)
            )
        }
    }
}

extension PipelineCheck.Request {
    /// Counts a number of the request.
    fileprivate mutating func count(_ number: Int64, _ mark: LintMark) {
        defer { lastNumber = number }
        numberCount += 1
        let range = numbers ?? number...number
        numbers = min(range.lowerBound, number)...max(range.upperBound, number)
        // Rows may stand the newest first.
        if gap == nil, let lastNumber, LintSequence.isApart(lastNumber, number) { gap = mark }
    }

    /// How many numbers are missing between the lowest and the highest.
    fileprivate var missingCount: Int {
        gap == nil ? 0 : LintSequence.missingCount(in: numbers, numberCount)
    }
}
