internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnJournal
internal import CairnLMDB
internal import CairnServices
internal import CairnTesting
internal import Glibc

/// A batch that is killed three times and finishes.
struct DemoJobsVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs",
        abstract: "Sends a batch of messages, kills itself three times, and counts what arrived.",
        discussion: """
            The provider is a simulator in a process of its own, which loses some answers and some \
            requests and does not know repeats. What is in doubt after a crash is looked up there. \
            At the end the provider's own log is counted.
            """
    )

    @Option(
        name: .customLong("journal"),
        help: ArgumentHelp(
            "Where the journal goes, which must not exist yet; cairn-jobs-demo by default.",
            valueName: "path"
        )
    )
    var path = "cairn-jobs-demo"

    @Option(help: "Messages in the batch.", transform: { try Arguments.limit($0) })
    var count = 10_000

    @Option(help: "How results are printed: text for people, json for programs.")
    var format: OutputFormat = .text

    func run() async throws {
        guard access(path, F_OK) != 0 else {
            throw CommandFailure(.usage, "\(path) exists; choose another place with --journal")
        }
        let socketPath = "/tmp/cairn-demo-\(getpid()).socket"
        let logPath = "/tmp/cairn-demo-\(getpid()).log"
        defer { for file in [socketPath, logPath] { unlink(file) } }
        let provider = try DemoProcess(["demo", "provider", socketPath, logPath])
        defer { provider.terminate() }
        guard provider.firstWords().hasPrefix("ready") else {
            throw CommandFailure(.inputOutput, "the provider's process does not start")
        }
        for kill in 1...3 {
            let limit = max(count * (kill == 1 ? 27 : 18 + kill) / 100, 1)
            let worker = try DemoProcess(
                ["demo", "worker", path, socketPath, "\(count)", "--kill-after", "\(limit)"]
            )
            let end = worker.end()
            try await tell(kill, end.signal, logPath)
        }
        let last = try DemoProcess(["demo", "worker", path, socketPath, "\(count)"]).end()
        guard last.signal == nil, last.text.hasPrefix("done") else {
            throw CommandFailure(.inputOutput, "the last run did not end: \(last.text)")
        }
        try await report(try log(logPath))
    }

    private func tell(
        _ kill: Int,
        _ signal: Int32?,
        _ logPath: String
    ) async throws(CommandFailure) {
        guard format == .text else { return }
        let delivered = try log(logPath).deliveryCount
        let how = signal == SIGKILL ? "killed by SIGKILL" : "ended by itself"
        let counts = try await DemoDoubts(journalPath: path)
        try Terminal.write(
            "run \(kill): \(how); the provider has delivered \(delivered) of \(count), "
                + "\(counts.openCount) in doubt\n"
        )
    }

    private func log(_ path: String) throws(CommandFailure) -> ProviderLog {
        do { return try ProviderLog(path: path) } catch {
            throw CommandFailure(.inputOutput, "the provider's log cannot be read: \(error)")
        }
    }

    private func report(_ log: ProviderLog) async throws(CommandFailure) {
        let doubts = try await DemoDoubts(journalPath: path)
        let messages = Dictionary(
            log.deliveries.map { key, count in (String(key.prefix { $0 != "#" }), count) },
            uniquingKeysWith: +
        )
        let onceCount = messages.values.count { $0 == 1 }
        var details = Details()
        details.add("messages", .integer(Int64(count)))
        details.add("delivered_exactly_once", .integer(Int64(onceCount)))
        details.add("delivered_twice", .integer(Int64(messages.values.count { $0 > 1 })))
        details.add("never_delivered", .integer(Int64(count - messages.count)))
        details.add("requests", .integer(Int64(log.requestCount)))
        details.add("replies_lost", .integer(Int64(log.lostReplyCount)))
        details.add("requests_lost", .integer(Int64(log.lostRequestCount)))
        details.add("in_doubt", .integer(Int64(doubts.doubtCount)))
        details.add("found_sent", .integer(Int64(doubts.foundSentCount)))
        details.add("found_not_sent", .integer(Int64(doubts.foundNotSentCount)))
        details.add("still_in_doubt", .integer(Int64(doubts.openCount)))
        try details.print(as: format)
        if format == .text {
            try Terminal.write("\nTo look closer: cairn job \(DemoBatch.job) --journal \(path)\n")
        }
        guard onceCount == count else { throw CommandFailure.finding }
    }
}

/// The provider of the demonstration, in a process of its own.
struct DemoProviderVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "provider", shouldDisplay: false)

    @Argument var socketPath: String
    @Argument var logPath: String

    func run() async throws {
        try await ProviderSimulator.serve(
            socketPath: socketPath,
            logPath: logPath,
            behaviour: DemoBatch.behaviour
        ) {
            try? Terminal.write("ready\n")
        }
    }
}

/// One run of the demonstration's batch, in a process of its own.
struct DemoWorkerVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "worker", shouldDisplay: false)

    @Argument var journalPath: String
    @Argument var socketPath: String
    @Argument var count: Int
    @Option var killAfter: Int?

    func run() async throws {
        let batch = DemoBatch(
            journalPath: journalPath,
            socketPath: socketPath,
            count: count,
            killAfter: killAfter
        )
        let report = try await batch.run()
        try Terminal.write("done \(report.counts.sent)\n")
    }
}
