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
            in doubt; as of a moment, when nobody can say who lived, it is in flight, and with \
            --crashed in doubt. The status is FAILED, too, where it is known that nothing was sent; \
            whether it is tried again, the verdict tells.

            For an alert: --in-doubt --older-than 15m --check --format json prints the list and \
            ends with exit code 0 for an empty one, 1 where there is such an item, and another one \
            where there is no answer.
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
        completion: .list([Channel.email, .sms, .phone, .system].map(\.word)),
        transform: { try Arguments.name($0) }
    )
    var channel: String?

    @Flag(help: "Only items of which nobody knows whether they were sent.")
    var inDoubt = false

    @Flag(help: "Take all holders for gone, as after a crash.")
    var crashed = false

    @Option(
        help: ArgumentHelp(
            "Only items whose last event, or with --in-doubt whose doubt, is older than this, such "
                + "as 15m.",
            valueName: "span"
        ),
        transform: { try Arguments.span($0) }
    )
    var olderThan: TimeSpan?

    @Flag(help: "End with exit code 1 if an item is listed.")
    var check = false

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
            olderThan: olderThan,
            limit: limit
        )
        let open = try await read.open()
        let now = clock.now ?? open.now
        let rows = try await reading(open.path) { () async throws(IncidentError) in
            try await open.items(crashed: crashed).items(where: query, now: now)
        }
        if check, rows.isEmpty { try await requireNamed(in: open, now: now) }
        try ItemListing.listing(emptyText: "no such interactions").print(rows, as: read.format)
        if inDoubt, !crashed, read.asOf != nil {
            Terminal.note(
                "cairn: interactions: who lived at that moment nobody knows; --crashed also lists "
                    + "what a crash there leaves in doubt"
            )
        }
        if check, !rows.isEmpty { throw CommandFailure.finding }
    }

    /// Refuses to find nothing of a job, a customer or a channel that has no interaction at all, as
    /// of a misspelled one.
    private func requireNamed(in open: OpenView, now: Timestamp) async throws(CommandFailure) {
        guard job != nil || customer != nil || channel != nil else { return }
        let query = ItemQuery(
            job: job,
            channel: channel.map { Channel($0) },
            customer: customer,
            limit: 1
        )
        let found = try await reading(open.path) { () async throws(IncidentError) in
            try await open.items.items(where: query, now: now)
        }
        guard found.isEmpty else { return }
        throw CommandFailure(
            .notFound,
            "no interaction fits, so nothing was checked; 'cairn interactions' lists all"
        )
    }
}
