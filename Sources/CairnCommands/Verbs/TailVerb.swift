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
            as JSON it then writes one object a line.
            """
    )

    @OptionGroup var read: ReadOptions

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
        let open = try await read.open()
        let records = try await lastRecords(open)
        guard follow else { return try show(records, of: open) }
        var printer = RowPrinter(listing: Self.listing, format: read.format)
        for record in records { try printer.print(try row(record, of: open)) }
        let head = try await journaling(open.path) { () async throws(JournalError) in
            try open.journal.head()
        }
        var iterator = open.journal.events(after: records.last?.position ?? head.lastPosition)
            .makeAsyncIterator()
        while let record = try await journaling(
            open.path,
            { () async throws(JournalError) in try await iterator.next() }
        ) {
            try printer.print(try row(record, of: open))
        }
    }

    /// Prints the events up to the first one that cannot be read, and then says which that is.
    private func show(_ records: [EventRecord], of open: OpenView) throws {
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
        try Self.listing.print(rows, as: read.format)
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

    private func lastRecords(_ open: OpenView) async throws(CommandFailure) -> [EventRecord] {
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
        let records = try await journaling(open.path) { () async throws(JournalError) in
            let last = min(
                open.bound ?? .init(rawValue: .max),
                try open.journal.head().lastPosition
            )
            var found: [(EventHeader, [UInt8])] = []
            try await open.journal.forEachEvent(from: last, .backwards, upTo: last) {
                header,
                frame in
                // What stands in a request's or a session's stream is what its removal covers.
                guard !requests.cover(header), !sessions.cover(header) else {
                    removedCount += 1
                    return .proceed
                }
                found.append((header, frame.array()))
                return found.count < limit ? .proceed : .stop
            }
            var records: [EventRecord] = []
            for (header, frame) in found.reversed() {
                let stream = try open.journal.streamID(of: header.streamNumber)
                records.append(EventRecord(header, frame: frame.span.bytes, stream: stream))
            }
            return records
        }
        if removedCount > 0 {
            Terminal.note(
                "cairn: tail: removed: \(TouchListing.counted(removedCount, "event")) in between"
            )
        }
        return records
    }

    static let listing = Listing<TailRow>(
        columns: [
            .init("position") { .count($0.position.rawValue) },
            .init("recorded_at") { .time($0.record.recordedAt) },
            .init("stream", isInText: false) { .text($0.record.stream.name) },
            .init("sequence", isInText: false) { .count($0.record.sequence.rawValue) },
            .init("type", isInText: false) { .text($0.record.type) },
            .init("event_id", isInText: false) { .text($0.record.id?.name) },
            .init("pagw_id", text: { .text($0.subject) }) { .text($0.request) },
            .init("sequence_no", isInText: false) { .integer($0.event?.sequenceNumber) },
            .init("stage") { .text($0.event?.stage) },
            .init("event_type") { .text($0.event?.eventType ?? $0.record.type) },
            .init("status") { .status($0.event?.status) },
            .init("attempt") { .integer($0.event?.attempt) },
            .init("duration_ms") { .milliseconds($0.event?.durationMilliseconds) },
            .init("error_code") { .text($0.event?.errorCode) },
            .init("metadata", isInText: false) { .json($0.event?.metadata) },
            .init("created_at", isInText: false) { .time($0.event?.createdAt) },
        ],
        emptyText: "the journal has no events"
    )
}

/// One event of any kind; what only pipeline events have is absent in others and in erased ones.
struct TailRow {
    let record: EventRecord
    let event: PipelineEvent?

    init(_ record: EventRecord) throws(IncidentError) {
        self.record = record
        let isRow = record.type == PipelineEvent.frameType && !record.flags.contains(.isErased)
        event = isRow ? try EventRow(record).event : nil
    }

    var position: Position { record.position }

    /// The request that the event is about; nil where its stream is that of something else.
    var request: String? {
        record.stream.kind == PipelineEvent.streamKind ? record.stream.key : nil
    }

    /// What the event is about: a request, or else a stream.
    var subject: String { event == nil ? record.stream.name : record.stream.key }
}
