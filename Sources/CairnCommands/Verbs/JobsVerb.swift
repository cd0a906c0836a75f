internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB

/// The jobs and what they are doing.
struct JobsVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs",
        abstract: "Lists the jobs with their state and their last run's counts, newest first."
    )

    @OptionGroup var read: ReadOptions

    @Option(
        parsing: .unconditional,
        help: "Most rows; 100 by default.",
        transform: { try Arguments.limit($0) }
    )
    var limit = 100

    func run() async throws {
        let open = try await read.open()
        let rows = try await reading(open.path) { () async throws(IncidentError) in
            try await open.items.jobs()
        }
        try JobListing.listing.print(Array(rows.prefix(limit)), as: read.format)
    }
}
