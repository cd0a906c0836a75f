public import CairnCore
internal import CairnDomains
internal import CairnIncident
public import CairnJournal

/// Reads the pipeline events of a journal as rows, in the order of their positions.
///
/// What was removed is left out and counted, and so is what was erased.
public struct PipelineExport: Sendable {
    /// Most streams whose names are remembered.
    private static let nameCountMax = 65_536

    /// How many rows were handed out.
    public private(set) var rowCount = 0
    /// Events whose payload was erased; they are no rows any more.
    public private(set) var erasedCount = 0
    /// Rows that a removal covers.
    public private(set) var removedCount = 0

    private let journal: any Journal
    private let bound: Position?
    private var names: [StreamNumber: StreamID] = [:]
    private var gate = PipelineGate()
    private var removals: StreamRemovals?

    /// Prepares an export.
    ///
    /// - Parameters:
    ///   - journal: What to read.
    ///   - bound: The last position that is seen; nil for all.
    public init(of journal: any Journal, upTo bound: Position? = nil) {
        self.journal = journal
        self.bound = bound
    }

    /// Hands out each row, page after page; no page is held while a row is being written.
    ///
    /// - Throws: What the body throws, ``ExportError/journal(_:)`` and
    ///   ``ExportError/codec(position:_:)``.
    public mutating func forEachRow(
        _ body: (ExportRow) throws(ExportError) -> Void
    ) async throws(ExportError) {
        var next: UInt64? = Position.first.rawValue
        let removals = try await knownRemovals()
        while let start = next {
            var page = Page(gate: gate, removals: removals)
            do {
                next = try await journal.page(
                    from: Position(rawValue: start),
                    .forwards,
                    upTo: bound,
                    limit: PageLimit(eventCountMax: 4_096)
                ) { header, frame in page.take(header, frame) }.next
            } catch {
                throw .journal(error)
            }
            erasedCount += page.erasedCount
            removedCount += page.removedCount
            for (number, name) in page.names { remember(number, name) }
            gate = page.gate
            try await check(gate.takeSuspects())
            for (header, id, event) in page.events {
                let stream = try await name(of: header.streamNumber)
                try body(
                    ExportRow(
                        request: stream.key,
                        sequence: header.sequence,
                        position: header.position,
                        recordedAt: header.recordedAt,
                        eventID: id,
                        event: event
                    )
                )
                rowCount += 1
            }
            if let (position, error) = page.failure {
                throw .codec(position: position, error)
            }
        }
    }

    /// What was removed up to the bound; found once.
    private mutating func knownRemovals() async throws(ExportError) -> StreamRemovals {
        if let removals { return removals }
        do throws(IncidentError) {
            let found = try await StreamRemovals(
                of: journal,
                kind: PipelineEvent.streamKind,
                upTo: bound
            )
            removals = found
            return found
        } catch {
            switch error {
            case .journal(let error): throw .journal(error)
            case .unreadable(let position, let error): throw .unreadable(position: position, error)
            case .event(let position, let error): throw .codec(position: position, error)
            case .limit(let error): throw .journal(.limit(error))
            case .unknownRequest, .unknownStream, .removedRequest, .tooManyEvents:
                return StreamRemovals()
            }
        }
    }

    /// Stops at an event in a request's stream that may not be passed over (law 6).
    private mutating func check(_ suspects: [PipelineGate.Suspect]) async throws(ExportError) {
        for suspect in suspects {
            if let error = suspect.error(in: try await name(of: suspect.stream)) {
                throw .codec(position: suspect.position, error)
            }
        }
    }

    /// Reads all rows once and says what a writer must know before the first one: in CSV whether
    /// any needs a column for its event's id (``RowNaming``), in SQL what the table has room for.
    ///
    /// To hold for an export that follows, it needs the same bound.
    ///
    /// - Parameters:
    ///   - format: How the rows will be written.
    ///   - includes: Which rows the export is about.
    /// - Returns: What they say together.
    /// - Throws: What ``forEachRow(_:)`` throws.
    public func survey(
        for format: ExportFormat,
        where includes: (ExportRow) -> Bool = { _ in true }
    ) async throws(ExportError) -> TableSurvey {
        var reading = self
        var naming = RowNaming()
        var survey = TableSurvey()
        try await reading.forEachRow { row throws(ExportError) in
            guard includes(row) else { return }
            // SQL has no column for it, and so no need of names.
            var needsEventID = false
            if format == .csv { needsEventID = try naming.id(of: row) != nil }
            survey.take(row, needsEventID: needsEventID)
        }
        return survey
    }

    private mutating func remember(_ number: StreamNumber, _ name: StreamID) {
        if names.count == Self.nameCountMax { names.removeAll(keepingCapacity: true) }
        names[number] = name
    }

    private mutating func name(of number: StreamNumber) async throws(ExportError) -> StreamID {
        if let known = names[number] { return known }
        do {
            let name = try await journal.streamID(of: number)
            remember(number, name)
            return name
        } catch {
            throw .journal(error)
        }
    }

    /// What one page holds, copied out of the journal.
    private struct Page {
        var gate: PipelineGate
        let removals: StreamRemovals
        var events: [(EventHeader, EventID?, PipelineEvent)] = []
        var names: [(StreamNumber, StreamID)] = []
        var erasedCount = 0
        var removedCount = 0
        var failure: (Position, PipelineCodecError)?

        mutating func take(_ header: EventHeader, _ frame: RawSpan) -> PageFlow {
            if let name = header.streamID(in: frame) { names.append((header.streamNumber, name)) }
            guard gate.isRow(header, frame: frame) else {
                if PipelineGate.hasRowType(header, frame: frame) { erasedCount += 1 }
                return .proceed
            }
            guard !removals.cover(header) else {
                removedCount += 1
                return .proceed
            }
            do throws(PipelineCodecError) {
                let event = try PipelineEvent(header, frame: frame)
                events.append((header, header.eventID(in: frame), event))
                return .proceed
            } catch {
                failure = (header.position, error)
                return .stop
            }
        }
    }
}
