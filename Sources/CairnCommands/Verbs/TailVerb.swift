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
        let rows = try await lastRows(open)
        guard follow else { return try Self.listing.print(rows, as: read.format) }
        var printer = RowPrinter(listing: Self.listing, format: read.format)
        for row in rows { try printer.print(row) }
        let head = try await journaling(open.path) { () async throws(JournalError) in
            try open.journal.head()
        }
        var iterator = open.journal.events(after: rows.last?.position ?? head.lastPosition)
            .makeAsyncIterator()
        while let record = try await journaling(
            open.path,
            { () async throws(JournalError) in try await iterator.next() }
        ) {
            try printer.print(TailRow(record))
        }
    }

    private func lastRows(_ open: OpenView) async throws(CommandFailure) -> [TailRow] {
        try await journaling(open.path) { () async throws(JournalError) in
            let last = min(
                open.bound ?? .init(rawValue: .max),
                try open.journal.head().lastPosition
            )
            var found: [(EventHeader, [UInt8])] = []
            try await open.journal.forEachEvent(from: last, .backwards, upTo: last) {
                header,
                frame in
                found.append((header, frame.array()))
                return found.count < limit ? .proceed : .stop
            }
            var rows: [TailRow] = []
            for (header, frame) in found.reversed() {
                let stream = try open.journal.streamID(of: header.streamNumber)
                rows.append(TailRow(EventRecord(header, frame: frame.span.bytes, stream: stream)))
            }
            return rows
        }
    }

    static let listing = Listing<TailRow>(
        columns: [
            .init("position") { .count($0.position.rawValue) },
            .init("recorded_at") { .time($0.record.recordedAt) },
            .init("stream", isInText: false) { .text($0.record.stream.name) },
            .init("sequence", isInText: false) { .count($0.record.sequence.rawValue) },
            .init("type", isInText: false) { .text($0.record.type) },
            .init("event_id", isInText: false) { .text($0.record.id?.name) },
            .init("pagw_id") { .text($0.subject) },
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

/// One event of any kind; what only pipeline events have is absent in others.
struct TailRow {
    let record: EventRecord
    let event: PipelineEvent?

    init(_ record: EventRecord) {
        self.record = record
        let isPipeline = record.type == PipelineEvent.frameType
        event =
            isPipeline
            ? try? PipelineEvent(record.payload.span.bytes, occurredAt: record.occurredAt) : nil
    }

    var position: Position { record.position }

    /// What the event is about: a request, or else a stream.
    var subject: String { event == nil ? record.stream.name : record.stream.key }
}
