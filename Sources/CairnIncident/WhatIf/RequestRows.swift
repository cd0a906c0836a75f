internal import CairnCore
internal import CairnDomains
internal import CairnJournal

/// The rows of one of the two histories of a request, as a table of the source would hold them.
struct RequestRows {
    enum Side {
        case recorded, hypothetical
    }

    /// Each one's position is its place among them, from 1.
    private(set) var rows: [EventRow] = []
    /// The number of each row's line.
    private var lines: [Int] = []
    /// The last recorded position up to each row.
    private var positions: [Position] = []

    init(_ lines: [WhatIf<RequestMachine>.Line], of requestID: String, _ side: Side) {
        var seen = Position.zero
        for (index, line) in lines.enumerated() {
            if let recorded = line.event.recorded { seen = recorded.position }
            let event =
                switch side {
                case .recorded: line.event.recordedEvent
                case .hypothetical: line.event.event
                }
            if let row = event?.row { append(row, of: requestID, line: index, seen) }
        }
    }

    private mutating func append(
        _ row: PipelineEvent,
        of requestID: String,
        line: Int,
        _ seen: Position
    ) {
        let place = UInt64(rows.count + 1)
        rows.append(
            EventRow(
                requestID: requestID,
                position: Position(rawValue: place),
                sequence: SequenceNumber(rawValue: place),
                recordedAt: row.createdAt,
                event: row
            )
        )
        lines.append(line)
        positions.append(seen)
    }

    /// The last row in the order of the source.
    var latest: EventRow? { rows.max { Self.isInOrder($0, $1) } }

    private static func isInOrder(_ left: EventRow, _ right: EventRow) -> Bool {
        (left.sequenceNumber, left.position) < (right.sequenceNumber, right.position)
    }

    /// Where the last recorded event up to a row stands in the journal.
    func recordedPosition(of row: EventRow) -> Position {
        positions[Int(clamping: row.sequence.rawValue) - 1]
    }

    /// When the list of open retries has rows tried again, by their lines.
    ///
    /// A journal in memory that holds nothing else is asked, so that the answer is the list's own.
    func openRetries(
        by definition: PipelineDefinition
    ) async throws(WhatIfError) -> [Int: Timestamp] {
        guard let requestID = rows.first?.requestID else { return [:] }
        var events: [NewEvent] = []
        for row in rows {
            do throws(PipelineEventError) {
                events.append(try row.event.newEvent(id: nil))
            } catch {
                throw .event(error)
            }
        }
        let listed: [RetryRow]
        do throws(IncidentError) {
            let journal = MemoryJournal()
            let view = PipelineView(journal, definition: definition)
            let stream = try MachineView(journal, RequestMachine(definition)).stream(requestID)
            try await view.reading { () async throws(JournalError) in
                _ = try await journal.append([StreamAppend(events, to: stream)])
            }
            listed = try await view.retries(now: .distantFuture, openOnly: true, limit: .max)
        } catch {
            throw .incident(error)
        }
        return Dictionary(
            listed.map { (lines[Int(clamping: $0.position.rawValue) - 1], $0.nextRetryAt) },
            uniquingKeysWith: min
        )
    }

    /// The lines of failures that nothing has followed: of their stages no other row but plans to
    /// try them again, and no end of the request.
    func openFailures(by definition: PipelineDefinition) -> Set<Int> {
        var last: [ExactText: (isFailure: Bool, line: Int)] = [:]
        for row in rows.sorted(by: Self.isInOrder) {
            let event = row.event
            if definition.eventType(named: event.eventType)?.isTerminal == true {
                last = [:]
                continue
            }
            let stage = ExactText(definition.stageName(of: event.stage))
            let line = lines[Int(clamping: row.sequence.rawValue) - 1]
            switch event.status {
            case .failed: last[stage] = (true, line)
            case .started, .completed, .skipped: last[stage] = (false, line)
            case .retryScheduled, .other: break
            }
        }
        return Set(last.values.filter(\.isFailure).map(\.line))
    }
}

extension WhatIf where Rules == RequestMachine {
    /// Where events stand that the hypothetical history does not have as they were recorded.
    var droppedPositions: Set<Position> {
        Set(lines.filter { !$0.event.change.isHypothetical }.compactMap(\.event.recorded?.position))
    }
}

extension WhatIf {
    /// For the line to which an event is moved, the one where it was recorded.
    var placesBeforeMoves: [Int: Int] {
        var old: [SequenceNumber: Int] = [:]
        var places: [Int: Int] = [:]
        for (index, line) in lines.enumerated() where line.event.change == .movedAway {
            if let step = line.event.source { old[step.sequence] = index }
        }
        for (index, line) in lines.enumerated() where line.event.change == .movedHere {
            places[index] = line.event.source.flatMap { old[$0.sequence] }
        }
        return places
    }
}

extension RequestEvent {
    /// The row, if it is a failure.
    var failure: PipelineEvent? { row.flatMap { $0.status == .failed ? $0 : nil } }
}

extension [MachineStep<RequestEvent>] {
    /// The tenant of the first row.
    var tenant: String? {
        for step in self {
            if let row = step.event?.row { return row.tenant }
        }
        return nil
    }
}
