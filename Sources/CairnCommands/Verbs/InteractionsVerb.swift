internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB

/// Interactions and other items, and where they stand.
struct InteractionsVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "interactions",
        abstract: "Lists interactions and other items with their status and verdict, newest first.",
        discussion: """
            The verdict is what the item's key stands at: done, in_flight, in_doubt, \
            failed_retryable or failed_final. An item whose holder is gone without an outcome is \
            in doubt; as of a moment, when nobody can say who lived, it is in flight. The status is \
            FAILED, too, where it is known that nothing was sent; whether it is tried again, the \
            verdict tells.
            """
    )

    @OptionGroup var read: ReadOptions

    @Option(
        help: "Only items with this status: SENT, DELIVERED, FAILED or OPENED.",
        completion: .list(InteractionStatus.allCases.map(\.word)),
        transform: { try Arguments.interactionStatus($0) }
    )
    var status: InteractionStatus?

    @Option(
        help: "Only items with this verdict, such as failed_retryable.",
        completion: .list(Arguments.verdicts),
        transform: { try Arguments.verdict($0) }
    )
    var verdict: String?

    @Option(
        help: "Only items that this job began.",
        completion: .job,
        transform: { try Arguments.name($0) }
    )
    var job: String?

    @Option(
        help: "Only interactions with this customer_id.",
        transform: { try Arguments.name($0) }
    )
    var customer: String?

    @Option(
        help: "Only interactions over this channel, such as EMAIL.",
        transform: { try Arguments.name($0) }
    )
    var channel: String?

    @Flag(help: "Only items of which nobody knows whether they were sent.")
    var inDoubt = false

    @Option(
        parsing: .unconditional,
        help: "Most rows; 100 by default.",
        transform: { try Arguments.limit($0) }
    )
    var limit = 100

    @OptionGroup var clock: ClockOptions

    func run() async throws {
        let query = ItemQuery(
            status: status,
            verdict: verdict,
            job: job,
            channel: channel.map { Channel($0) },
            customer: customer,
            inDoubtOnly: inDoubt,
            limit: limit
        )
        let open = try await read.open()
        let rows = try await reading(open.path) { () async throws(IncidentError) in
            try await open.items.items(where: query, now: clock.now ?? open.now)
        }
        try ItemListing.listing(emptyText: "no such interactions").print(rows, as: read.format)
    }
}
