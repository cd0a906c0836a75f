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

    @Option(
        name: [.customLong("lines"), .customShort("n")],
        parsing: .unconditional,
        help: "Most events to begin with; 20 by default.",
        transform: { try Arguments.limit($0) }
    )
    var limit = 20

    @Flag(name: [.long, .customShort("f")], help: "Go on with new events as they come.")
    var follow = false

    func validate() throws {
        if follow, read.asOf != nil {
            throw ValidationError("--follow looks ahead and --as-of back: give one of them")
        }
        if follow, read.copy.privateCopy {
            throw ValidationError("--follow waits for events that a private copy never gets")
        }
    }

    func run() async throws {
        let filter = try filter.filter()
        let open = try await read.open()
        let (records, last) = try await lastRecords(open, filter)
        guard follow else { return try show(records, of: open, filter) }
        var printer = RowPrinter(
            listing: Self.listing(isFiltered: !filter.isEmpty),
            format: read.format
        )
        for record in records { try printer.print(try row(record, of: open)) }
        // What no filter lets through was read all the same.
        var iterator = open.journal.events(after: last).makeAsyncIterator()
        while let record = try await journaling(
            open.path,
            { () async throws(JournalError) in try await iterator.next() }
        ) {
            if filter.fits(record) { try printer.print(try row(record, of: open)) }
        }
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

    /// Most events that are read at a time while those that fit are looked for.
    private static let pageEventCountMax = 1_024

    /// The last events that fit, or cannot be read, and up to where they were looked for.
    private func lastRecords(
        _ open: OpenView,
        _ filter: TailFilter
    ) async throws(CommandFailure) -> (records: [EventRecord], last: Position) {
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
        var removedCount = 0
        var found: [EventRecord] = []
        var names = StreamMap<StreamID>()
        let last = try await journaling(open.path) { () async throws(JournalError) in
            let last = min(
                open.bound ?? .init(rawValue: .max),
                try open.journal.head().lastPosition
            )
            var next = last
            while next > .zero, found.count < limit {
                let page = try Self.page(from: next, in: open)
                guard !page.isEmpty else { break }
                for (header, frame) in page {
                    guard found.count < limit else { break }
                    next = header.position.previous
                    // What stands in a request's or a session's stream is what its removal covers.
                    guard !requests.cover(header), !sessions.cover(header) else {
                        removedCount += 1
                        continue
                    }
                    let stream = try Self.name(of: header.streamNumber, in: open, &names)
                    let record = EventRecord(header, frame: frame.span.bytes, stream: stream)
                    if filter.fits(record) { found.append(record) }
                }
            }
            return last
        }
        if removedCount > 0 {
            Terminal.note(
                "cairn: tail: removed: \(Wording.counted(removedCount, "event")) in between"
            )
        }
        return (found.reversed(), last)
    }

    /// The name of a stream, looked up once.
    private static func name(
        of number: StreamNumber,
        in open: OpenView,
        _ names: inout StreamMap<StreamID>
    ) throws(JournalError) -> StreamID {
        if let known = names[number] { return known }
        let name = try open.journal.streamID(of: number)
        names[number, default: name] = name
        return name
    }

    /// Some events, backwards.
    private static func page(
        from position: Position,
        in open: OpenView
    ) throws(JournalError) -> [(EventHeader, [UInt8])] {
        var events: [(EventHeader, [UInt8])] = []
        _ = try open.journal.page(
            from: position,
            .backwards,
            upTo: position,
            limit: PageLimit(eventCountMax: pageEventCountMax)
        ) { header, frame in
            events.append((header, frame.array()))
            return .proceed
        }
        return events
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
