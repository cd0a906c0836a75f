internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB

/// Where one job stands.
struct JobVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "job",
        abstract: "Shows a job's runs, decisions and rate, and its items by verdict.",
        discussion: """
            The rate is that of the last minute of a job that runs, and of the last run of one \
            that does not. The time left is known while a job runs whose items were counted: by \
            their sequence, or by an earlier run that went through all of them.
            """
    )

    @Argument(
        help: "The job's name.",
        completion: .job,
        transform: { try Arguments.name($0) }
    )
    var job: String

    @OptionGroup var read: ReadOptions

    @Flag(help: "Take all holders for gone, as after a crash.")
    var crashed = false

    @OptionGroup var clock: ClockOptions

    func run() async throws {
        let open = try await read.open()
        let sight = try await reading(open.path) { () async throws(IncidentError) in
            try await open.items(crashed: crashed).job(named: job, now: clock.now ?? open.now)
        }
        guard let sight else { throw CommandFailure.noJob(job, in: open.path) }
        try JobListing.print(sight, as: read.format)
    }
}
