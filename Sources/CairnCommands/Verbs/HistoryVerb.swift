internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB

/// What was said to one customer.
struct HistoryVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Lists the interactions with a customer, the newest first."
    )

    @Argument(help: "The customer_id.", transform: { try Arguments.name($0) })
    var customer: String

    @OptionGroup var read: ReadOptions

    @Option(
        parsing: .unconditional,
        help: "Most rows; 100 by default.",
        transform: { try Arguments.limit($0) }
    )
    var limit = 100

    @OptionGroup var clock: ClockOptions

    func run() async throws {
        let open = try await read.open()
        let rows = try await reading(open.path) { () async throws(IncidentError) in
            try await open.items.history(
                customer: customer,
                limit: limit,
                now: clock.now ?? open.now
            )
        }
        let name = Terminal.printable(customer)
        try ItemListing.listing(emptyText: "no interaction with customer \(name) is known")
            .print(rows, as: read.format)
    }
}
