internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB

/// Failures that are due to be tried again.
struct RetriesVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retries",
        abstract: "Lists the failed retryable events whose next_retry_at has come."
    )

    @OptionGroup var read: ReadOptions

    @Option(help: "Only events of this tenant.")
    var tenant: String?

    @Flag(
        help: ArgumentHelp(
            "Only what a request still waits on: without failures that a later event made good or "
                + "tried again, and at the time that a later RETRY_SCHEDULED names."
        )
    )
    var open = false

    @Option(
        parsing: .unconditional,
        help: "Most rows; 100 by default.",
        transform: { try Arguments.limit($0) }
    )
    var limit = 100

    @OptionGroup var clock: ClockOptions

    func run() async throws {
        let view = try await read.open()
        let rows = try await reading(view.path) { () async throws(IncidentError) in
            try await view.requests.retries(
                tenant: tenant,
                now: clock.now ?? view.now,
                openOnly: open,
                limit: limit
            )
        }
        try Self.listing.print(rows, as: read.format)
        try await view.noteRemovals("retries")
    }

    static let listing = Listing<RetryRow>(
        columns: [
            .init("pagw_id") { .text($0.requestID) },
            .init("tenant") { .text($0.tenant) },
            .init("stage") { .text($0.stage) },
            .init("event_type") { .text($0.eventType) },
            .init("error_code") { .text($0.errorCode) },
            .init("error_message") { .text($0.errorMessage) },
            .init("attempt") { .integer($0.attempt) },
            .init("next_retry_at") { .time($0.nextRetryAt) },
            .init("sequence_no", isInText: false) { .integer($0.sequenceNumber) },
            .init("position", isInText: false) { .count($0.position.rawValue) },
        ],
        emptyText: "no retry is due"
    )
}
