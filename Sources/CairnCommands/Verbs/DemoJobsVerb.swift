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
            "Where the journal goes, which must not exist yet; cairn-jobs-demo by default, "
                + "whatever CAIRN_JOURNAL names.",
            valueName: "path"
        ),
        completion: .directory,
        transform: { try Arguments.name($0) }
    )
    var path = "cairn-jobs-demo"

    @Option(
        help: "Messages in the batch; at most \(DemoBatch.countMax).",
        transform: { try DemoBatch.count($0) }
    )
    var count = 10_000

    @Option(help: "How results are printed: text for people, json for programs.")
    var format: OutputFormat = .text

    func run() async throws {
        guard access(path, F_OK) != 0 else {
            throw CommandFailure(.usage, "\(path) exists; choose another place with --journal")
        }
        let folder = try DemoFolder()
        defer { folder.remove() }
        try await DemoProcess(["demo", "provider", folder.path]).whileRunning { firstLine in
            guard firstLine == "ready" else {
                throw CommandFailure(.inputOutput, "the provider's process does not start")
            }
            // Whatever keeps a journal from being there is found before anything is sent.
            try JournalOptions.open(path, LMDBJournal.Configuration()).close()
            for number in 1...3 {
                let limit = max(count * (number == 1 ? 27 : 18 + number) / 100, 1)
                let isKilled = try await work(number, folder, ["--kill-after", "\(limit)"])
                try await tell(number, isKilled, folder)
            }
            guard try await !work(4, folder) else {
                throw CommandFailure(.inputOutput, "the last run was killed, and not by itself")
            }
            try await report(try log(folder))
        }
    }

    /// Runs the batch in a process of its own until that ends.
    ///
    /// - Returns: Whether it was killed; else it has done all its work.
    private func work(
        _ number: Int,
        _ folder: DemoFolder,
        _ options: [String] = []
    ) async throws -> Bool {
        let arguments = ["demo", "worker", path, folder.socketPath, "\(count)"]
        let end = try await DemoProcess(arguments + options).run()
        if end.signal == SIGKILL { return true }
        guard end.signal == nil, end.text.hasPrefix("done") else {
            let reason = end.signal.map { "it was ended by signal \($0)" } ?? end.text
            throw CommandFailure(.inputOutput, "run \(number) failed: \(reason)")
        }
        return false
    }

    private func tell(
        _ number: Int,
        _ isKilled: Bool,
        _ folder: DemoFolder
    ) async throws(CommandFailure) {
        guard format == .text else { return }
        let delivered = try log(folder).deliveryCount
        let how = isKilled ? "killed by SIGKILL" : "ended by itself"
        let counts = try await DemoDoubts(journalPath: path)
        try Terminal.write(
            "run \(number): \(how); the provider has delivered \(delivered) of \(count), "
                + "\(counts.openCount) in doubt\n"
        )
    }

    private func log(_ folder: DemoFolder) throws(CommandFailure) -> ProviderLog {
        do { return try ProviderLog(path: folder.logPath) } catch {
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
        details.add("in_doubt", .integer(Int64(doubts.doubts.count)))
        details.add("found_sent", .integer(Int64(doubts.count(.foundSent))))
        details.add("found_not_sent", .integer(Int64(doubts.count(.foundNotSent))))
        details.add("answered_late", .integer(Int64(doubts.count(.answeredLate))))
        details.add("still_in_doubt", .integer(Int64(doubts.openCount)))
        details.add("doubts", .array(doubts.doubts.map(\.object)), isInText: false)
        try details.print(as: format, followedBy: [Self.text(of: doubts.doubts)])
        if format == .text {
            try Terminal.write("\nTo look closer: cairn job \(DemoBatch.job) --journal \(path)\n")
        }
        guard onceCount == count else { throw CommandFailure.finding }
    }
}

extension DemoDoubts.Doubt {
    fileprivate var object: OutputValue {
        .object([
            ("idempotency_key", .text(key)), ("reason", .text(why)),
            ("resolution", .text(resolution?.rawValue)),
        ])
    }
}

extension DemoJobsVerb {
    /// Most doubts that people get to see; programs get all.
    private static let shownCount = 10

    /// The first doubts, as a table.
    private static func text(of doubts: [DemoDoubts.Doubt]) -> String {
        guard !doubts.isEmpty else { return "" }
        let shown = doubts.prefix(shownCount)
        var table = TextTable()
        table.add(
            heading: "idempotency_key",
            shown.map { .text($0.key) },
            isRightAligned: false
        )
        table.add(heading: "in_doubt_because", shown.map { .text($0.why) }, isRightAligned: false)
        table.add(
            heading: "resolution",
            shown.map { .text($0.resolution?.rawValue) },
            isRightAligned: false
        )
        let rest = doubts.count - shown.count
        return table.text + (rest > 0 ? "and \(rest) more: --format json names all\n" : "")
    }
}

/// The provider of the demonstration, in a process of its own.
struct DemoProviderVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "provider", shouldDisplay: false)

    @Argument var folderPath: String

    func run() async throws {
        let folder = DemoFolder(path: folderPath)
        // Ctrl-C is for the demonstration itself, which then ends and takes this along.
        for end in [SIGINT, SIGHUP] { signal(end, SIG_IGN) }
        DemoProcess.endWithParent { folder.remove() }
        try await ProviderSimulator.serve(
            socketPath: folder.socketPath,
            logPath: folder.logPath,
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
    @Argument(transform: { try DemoBatch.count($0) }) var count: Int
    @Option(transform: { try Arguments.limit($0) }) var killAfter: Int?

    func run() async throws {
        DemoProcess.endWithParent {}
        let batch = DemoBatch(
            journalPath: journalPath,
            socketPath: socketPath,
            count: count,
            killAfter: killAfter
        )
        do {
            let report = try await batch.run()
            try Terminal.write("done \(report.counts.sent)\n")
        } catch {
            // The demonstration itself says it, in its one line.
            try Terminal.write("\(error)")
            throw CommandFailure(.inputOutput, nil)
        }
    }
}
