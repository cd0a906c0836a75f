public import CairnCore
public import CairnDomains
public import CairnJournal

/// A read-only sight of the pipeline requests of a journal, up to one position.
///
/// Each question is one pass over the journal that reads its frames in place, and sees one
/// consistent state: events appended while it runs are beyond its bound.
///
/// The rows and their order are those that the queries of seed 002 give on PostgreSQL over a
/// table with the same events, with ties ordered by `pagw_id` and then `sequence_no`. Where a
/// row has no `sequence_no` of its own, the event's sequence in its stream stands for it.
///
/// Requests that were removed are left out; ``removals()`` says how many those are.
public struct PipelineView: Sendable {
    public let journal: any Journal
    /// The last position to see; nil for all that there is when a question starts.
    public let asOf: Position?

    /// The rules that requests are read by: stage aliases, deadlines and ends.
    public let definition: PipelineDefinition

    /// Where requests stood at earlier positions; nil where every question goes through all
    /// events.
    package var checkpoints: (any RequestCheckpoints)?
    /// The machine of the rules, where whoever made the view has one at hand.
    package var machine: PipelineMachine?

    public init(
        _ journal: any Journal,
        asOf: Position? = nil,
        definition: PipelineDefinition = .priorAuthorization
    ) {
        self.journal = journal
        self.asOf = asOf
        self.definition = definition
    }

    /// Passes what folds need of each pipeline event, and its frame, to a body.
    ///
    /// - Parameters:
    ///   - tenant: Whose events; nil for all.
    ///   - start: Where to begin; nil for the first event.
    ///   - bound: The last position to see.
    ///   - direction: Which way to go.
    ///   - removals: What is left out; nil where nobody has looked yet.
    ///   - body: Gets each event until it stops.
    /// - Throws: ``IncidentError``.
    /// - Complexity: Proportional to the whole journal; nothing is allocated for an event.
    func scan(
        tenant: String?,
        from start: Position? = nil,
        upTo bound: Position,
        _ direction: PageDirection = .forwards,
        without removals: StreamRemovals? = nil,
        _ body: (ScannedStep, RawSpan) throws(PipelineCodecError) -> PageFlow
    ) async throws(IncidentError) {
        let tenant = tenant.map { Array($0.utf8) }
        try await forEachFrame(from: start, upTo: bound, direction, without: removals) {
            header,
            frame throws(PipelineCodecError) in
            let payload = frame.extracting(header.payloadRange)
            let step = try PipelineStep(payload, occurredAt: header.occurredAt)
            if let tenant, !payload.extracting(step.tenant.range).isSame(as: tenant) {
                return .proceed
            }
            return try body(ScannedStep(header: header, step: step), frame)
        }
    }

    /// Passes the frame of each pipeline event to a body, until the body stops it.
    ///
    /// Which frames those are, and what stops the pass, is for `PipelineGate` to say. Those that
    /// were removed are not among them.
    func forEachFrame(
        from start: Position? = nil,
        upTo bound: Position,
        _ direction: PageDirection = .forwards,
        withRemoved: Bool = false,
        without known: StreamRemovals? = nil,
        _ body: (EventHeader, RawSpan) throws(PipelineCodecError) -> PageFlow
    ) async throws(IncidentError) {
        let removals: StreamRemovals
        if withRemoved {
            removals = StreamRemovals()
        } else if let known {
            removals = known
        } else {
            removals = try await self.removals(upTo: bound)
        }
        var gate = PipelineGate()
        var failure: IncidentError?
        try await reading { () async throws(JournalError) in
            try await journal.forEachEvent(from: start, direction, upTo: bound) { header, frame in
                guard gate.isRow(header, frame: frame), !removals.cover(header) else {
                    return .proceed
                }
                do throws(PipelineCodecError) {
                    return try body(header, frame)
                } catch {
                    failure = .event(position: header.position, error)
                    return .stop
                }
            }
        }
        if let failure { throw failure }
        for suspect in gate.takeSuspects() {
            let stream = try await reading { () async throws(JournalError) in
                try await journal.streamID(of: suspect.stream)
            }
            if let error = suspect.error(in: stream) {
                throw .event(position: suspect.position, error)
            }
        }
    }

    /// The ids of requests that a pass did not meet the first events of.
    func requestID(of number: StreamNumber) async throws(IncidentError) -> String {
        try await streamID(of: number).key
    }

    /// Most events that are read in one view.
    private static let rowCountMax = 1_024
    /// About as many bytes of them, unless one has more.
    private static let rowByteCountMax = 4 << 20

    /// Copies the events at some positions out, in the order given; those that the journal does
    /// not hold are passed over.
    func rows(
        at positions: [Position]
    ) async throws(IncidentError) -> [EventRow] {
        var rows: [EventRow] = []
        rows.reserveCapacity(positions.count)
        var start = 0
        while start < positions.count {
            let page = positions[start...].prefix(Self.rowCountMax)
            let (events, end) = try await events(at: page)
            let names = try await requestIDs(of: events.map(\.header.streamNumber))
            for (header, event) in events {
                let number = header.streamNumber
                let name =
                    if let known = names[number] { known } else {
                        // A stream without a name is an error that the journal tells.
                        try await requestID(of: number)
                    }
                rows.append(EventRow(requestID: name, header: header, event: event))
            }
            start = end
        }
        return rows
    }

    /// Reads events in one view.
    ///
    /// - Returns: The events, and the index of the first position that there was no room for.
    private func events(
        at positions: ArraySlice<Position>
    ) async throws(IncidentError) -> (
        events: [(header: EventHeader, event: PipelineEvent)], end: Int
    ) {
        var events: [(header: EventHeader, event: PipelineEvent)] = []
        events.reserveCapacity(positions.count)
        var (next, end) = (positions.startIndex, positions.endIndex)
        var byteCount = 0
        var failure: IncidentError?
        do throws(IncidentError) {
            try await reading { () async throws(JournalError) in
                try await journal.forEachEvent(at: Array(positions)) { header, frame in
                    guard failure == nil, next < end else { return }
                    while positions[next] != header.position { next += 1 }
                    guard byteCount < Self.rowByteCountMax else {
                        end = next
                        return
                    }
                    byteCount += frame.byteCount
                    next += 1
                    do throws(PipelineCodecError) {
                        events.append((header, try PipelineEvent(header, frame: frame)))
                    } catch {
                        failure = .event(position: header.position, error)
                    }
                }
            }
        } catch {
            // What stands first in the order is told.
            throw failure ?? error
        }
        if let failure { throw failure }
        return (events, end)
    }

    /// The ids of requests, by the events that name their streams.
    private func requestIDs(
        of numbers: [StreamNumber]
    ) async throws(IncidentError) -> [StreamNumber: String] {
        var names: [StreamNumber: String] = [:]
        let firsts = Set(numbers.map(\.firstPosition)).sorted()
        try await reading { () async throws(JournalError) in
            try await journal.forEachEvent(at: firsts) { header, frame in
                names[header.streamNumber] = header.streamID(in: frame)?.key
            }
        }
        return names
    }
}

extension RawSpan {
    /// Whether the bytes are exactly those.
    @inline(__always)
    func isSame(as bytes: [UInt8]) -> Bool {
        guard byteCount == bytes.count else { return false }
        for index in bytes.indices where byte(at: index) != bytes[index] { return false }
        return true
    }
}
