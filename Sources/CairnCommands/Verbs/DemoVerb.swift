internal import ArgumentParser
internal import CairnCore
internal import CairnJournal
internal import CairnLMDB

/// Something to try everything on.
struct DemoVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Makes a journal with a day of requests and shows what the verbs tell of it.",
        discussion: """
            Takes --journal PATH (cairn-demo by default) and --format text|json. The day is the \
            same on every machine. A journal that holds it already is shown again \
            and not changed; any other one is left alone. 'cairn demo jobs' sends a batch instead \
            that is killed three times.
            """,
        subcommands: [
            DemoDayVerb.self, DemoJobsVerb.self, DemoProviderVerb.self, DemoWorkerVerb.self,
        ],
        defaultSubcommand: DemoDayVerb.self
    )

    /// The verbs below this one that people are told of.
    static let shown: [any ParsableCommand.Type] = [DemoJobsVerb.self]
}

/// A journal with a day of requests.
struct DemoDayVerb: AsyncParsableCommand {
    // Named as the verb it stands for, which its messages begin with.
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Makes a journal with a day of requests and shows what the verbs tell of it.",
        shouldDisplay: false
    )

    @Option(
        name: .customLong("journal"),
        help: ArgumentHelp(
            "Where the journal goes; by default what CAIRN_JOURNAL names, or else cairn-demo.",
            valueName: "path"
        ),
        completion: .directory,
        transform: { try Arguments.name($0) }
    )
    var givenPath: String?

    @Option(help: "How results are printed: text for people, json for programs.")
    var format: OutputFormat = .text

    private var path: String {
        givenPath ?? Terminal.environment("CAIRN_JOURNAL") ?? "cairn-demo"
    }

    func run() async throws {
        let day = DemoDay()
        let eventCount = try await fill(with: day)
        let tour = DemoTour(day)
        guard format == .text else { return try describe(tour, eventCount) }
        try Terminal.write(introduction(day, eventCount))
        for stop in tour.stops {
            try Terminal.write("\n\(Colour.bold.applied(to: "# \(stop.question)"))\n")
            try Terminal.write("$ \(stop.command)\n")
            var verb = try CairnCommand.parseAsRoot(stop.arguments + ["--journal", path])
            guard var asynchronous = verb as? any AsyncParsableCommand else {
                try verb.run(); continue
            }
            try await asynchronous.run()
        }
        try Terminal.write("\nEvery verb explains itself: cairn help timeline\n")
    }

    /// Makes the journal, unless it is there.
    private func fill(with day: DemoDay) async throws(CommandFailure) -> Int {
        let journal = try JournalOptions.open(path, LMDBJournal.Configuration())
        defer { journal.close() }
        let first = try await journaling(path) { () async throws(JournalError) in
            try await journal.record(at: .first)
        }
        if let first, first.stream.key != day.rows.first?.request {
            throw CommandFailure(
                .usage,
                "\(path) holds another journal, which stays as it is; choose a place with --journal"
            )
        }
        return try await day.append(to: journal)
    }

    private func introduction(_ day: DemoDay, _ newCount: Int) -> String {
        let program = CommandLine.arguments.first ?? "cairn"
        let alias = program.contains("/") ? "  alias cairn='\(program)'\n" : ""
        let made =
            newCount > 0
            ? "\(path) now holds \(newCount) events of \(DemoDay.requestCount) requests"
            : "\(path) holds the day already: \(day.rows.count) events"
        return """
            \(made), on 2025-12-25 from 06:00 to 18:00 UTC.
            To repeat the commands below in this shell:
            \(alias)  export CAIRN_JOURNAL='\(path)'

            """
    }

    private func describe(_ tour: DemoTour, _ newCount: Int) throws(CommandFailure) {
        var details = Details()
        details.add("journal", .text(path))
        details.add("events", .integer(Int64(newCount)))
        details.add("requests", .integer(Int64(DemoDay.requestCount)))
        details.add("commands", .list(tour.stops.map(\.command)))
        try details.print(as: .json)
    }
}
