internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB

/// What happened to one request.
struct TimelineVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "timeline",
        abstract: "Shows the events of a request in their order, with what is odd about them."
    )

    @Argument(help: "The request's pagw_id.")
    var request: String

    @OptionGroup var read: ReadOptions

    func run() async throws {
        let open = try await read.open()
        let timeline = try await reading(open.path) { () async throws(IncidentError) in
            try await open.requests.timeline(of: request)
        }
        try Self.listing.print(timeline.entries, as: read.format)
        open.noteRemovals("timeline", of: request, eventCount: timeline.removedCount)
    }

    static let listing = Listing<Timeline.Entry>(
        columns: [
            .init("position") { .count($0.row.position.rawValue) },
            .init("sequence_no") { .integer($0.row.sequenceNumber) },
            .init("stage") { .text($0.row.event.stage) },
            .init("event_type") { .text($0.row.event.eventType) },
            .init("status") { .status($0.row.event.status) },
            .init("attempt") { .integer($0.row.event.attempt) },
            .init("duration_ms") { .milliseconds($0.row.event.durationMilliseconds) },
            .init("error_code") { .text($0.row.event.errorCode) },
            .init("metadata") { .json($0.row.event.metadata) },
            .init("created_at") { .time($0.row.event.createdAt) },
            .init("anomalies") { .list($0.anomalies.map(\.name)) },
        ],
        emptyText: "no events"
    )
}
