internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB

/// The end of the journal, and what comes.
struct TailVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail",
        abstract: "Shows the last events of the journal in the order they were recorded.",
        discussion: """
            With --follow it goes on with each new event, of any process, until it is stopped; \
            as JSON it then writes one object a line. Filters choose among both; of events that \
            are no request's, --type is the type of the event, and what only requests have is \
            absent. --where is a predicate as 'find' reads it.
            """
    )

    @OptionGroup var read: ReadOptions

    @OptionGroup var filter: TailFilterOptions

    @OptionGroup var tail: TailOptions

    func validate() throws { try tail.check(read.sight) }

    func run() async throws {
        let filter = try filter.filter()
        let open = try await read.open()
        let touches = TouchRowRemovals()
        let records = try await records(open, filter, touches)
        let end = try await records.end()
        if let failure = touches.failure { throw CommandFailure(failure, path: open.path) }
        if end.removedCount > 0 {
            Terminal.note(
                "cairn: tail: removed: \(Wording.counted(end.removedCount, "event")) in between"
            )
        }
        guard tail.follow else { return try show(end.rows, of: open, filter) }
        var printer = RowPrinter(
            listing: Self.listing(isFiltered: !filter.isEmpty),
            format: read.format
        )
        for record in end.rows { try printer.print(try row(record, of: open)) }
        try await records.follow(after: end.last) { record in
            try printer.print(try row(record, of: open))
        }
    }

    /// The events that fit, or cannot be read.
    private func records(
        _ open: OpenView,
        _ filter: TailFilter,
        _ touches: TouchRowRemovals
    ) async throws(CommandFailure) -> JournalTail<EventRecord> {
        let (requests, sessions) = try await reading(open.path) {
            () async throws(IncidentError) in
            (
                try await open.requests.removals(),
                try await StreamRemovals(
                    of: open.journal,
                    kind: PromptSessionMachine.streamKind,
                    upTo: open.bound
                )
            )
        }
        return JournalTail(
            sight: open.sight,
            limit: tail.limit,
            // What stands in a request's or a session's stream is what its removal covers.
            isRemoved: { header, frame, stream in
                requests.cover(header) || sessions.cover(header)
                    || touches.cover(header, frame, stream)
            },
            row: { header, frame, stream in
                let record = EventRecord(header, frame: frame.span.bytes, stream: stream)
                return filter.fits(record) ? record : nil
            }
        )
    }

    /// Prints the events up to the first one that cannot be read, and then says which that is.
    private func show(
        _ records: [EventRecord],
        of open: OpenView,
        _ filter: TailFilter
    ) throws {
        var rows: [TailRow] = []
        var failure: CommandFailure?
        for record in records {
            do throws(CommandFailure) {
                rows.append(try row(record, of: open))
            } catch {
                failure = error
                break
            }
        }
        try Self.listing(isFiltered: !filter.isEmpty).print(rows, as: read.format)
        if let failure { throw failure }
    }

    private func row(
        _ record: EventRecord,
        of open: OpenView
    ) throws(CommandFailure) -> TailRow {
        do throws(IncidentError) {
            return try TailRow(record)
        } catch {
            throw CommandFailure(error, path: open.path)
        }
    }

    private static func listing(isFiltered: Bool) -> Listing<TailRow> {
        let emptyText = isFiltered ? "no such events" : "the journal has no events"
        return Listing(columns: columns, emptyText: emptyText)
    }

    private static let columns: [Listing<TailRow>.Column] = [
        .init("position") { .count($0.position.rawValue) },
        .init("recorded_at") { .time($0.record.recordedAt) },
        .init("stream", isInText: false) { .text($0.record.stream.name) },
        .init("sequence", isInText: false) { .count($0.record.sequence.rawValue) },
        .init("type", isInText: false) { .text($0.record.type) },
        .init("event_id", isInText: false) { .text($0.record.id?.name) },
        .init("pagw_id", text: { .text($0.subject) }) { .text($0.request) },
        .init("sequence_no", isInText: false) { .integer($0.event?.sequenceNumber) },
        .init("stage") { .text($0.event?.stage) },
        .init("event_type") { .text($0.eventType) },
        .init("status") { .status($0.event?.status) },
        .init("attempt") { .integer($0.event?.attempt) },
        .init("duration_ms") { .milliseconds($0.event?.durationMilliseconds) },
        .init("error_code") { .text($0.event?.errorCode) },
        .init("metadata", isInText: false) { .json($0.event?.metadata) },
        .init("created_at", isInText: false) { .time($0.event?.createdAt) },
    ]
}

/// One event of any kind; what only pipeline events have is absent in others and in erased ones.
struct TailRow {
    let record: EventRecord
    let row: EventRow?

    init(_ record: EventRecord) throws(IncidentError) {
        self.record = record
        let isRow = record.type == PipelineEvent.frameType && !record.flags.contains(.isErased)
        row = isRow ? try EventRow(record) : nil
    }

    var event: PipelineEvent? { row?.event }

    /// `event_type`, or the event's own type where it is no request's.
    var eventType: String { event?.eventType ?? record.type }

    var position: Position { record.position }

    /// The request that the event is about; nil where its stream is that of something else.
    var request: String? {
        record.stream.kind == PipelineEvent.streamKind ? record.stream.key : nil
    }

    /// What the event is about: a request, or else a stream.
    var subject: String { event == nil ? record.stream.name : record.stream.key }
}
