internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB

/// A page that shows what happened.
struct ReportVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Writes one page of HTML that shows what happened to requests.",
        discussion: """
            The page shows requests over time and by stage: what failed, what is stuck, how long \
            stages took; and of each request its attempts, waits, gaps and errors, and its state \
            after any of its events. It needs no network and asks for none, in a browser, in a mail, \
            on paper. Without requests and --incident it is about all requests; it holds at most \
            250,000 events. Whatever the events hold stands in the page, metadata and error texts too.

            Exit codes: 65 where there are too many events, or the file exists and is no report; 66 \
            where no request fits.
            """
    )

    @Argument(help: ArgumentHelp("The requests' pagw_id.", valueName: "request"))
    var requests: [String] = []

    @Option(
        help: ArgumentHelp(
            "The requests with an event created in this time, such as 2h.. for the last two hours: "
                + "each end is a time, or a span before now; the second is not part of it.",
            valueName: "from..to"
        ),
        transform: { try IncidentRange($0) }
    )
    var incident: IncidentRange?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Where the page goes; '-' is standard output. Only a report is written over.",
            valueName: "file"
        )
    )
    var output: String

    @Flag(help: "Write over the file, whatever it is.")
    var overwrite = false

    @Option(help: "Only requests of this tenant.")
    var tenant: String?

    @Option(
        name: .customLong("where"),
        help: ArgumentHelp(
            "Only requests of which this holds, as 'cairn requests' takes it.",
            valueName: "predicate"
        )
    )
    var predicate: String?

    @Option(
        help: ArgumentHelp(
            "How long a request may rest before it is stuck; 15m by default.",
            valueName: "span"
        ),
        transform: { try Arguments.span($0) }
    )
    var olderThan: TimeSpan = .seconds(900)

    @Flag(help: "Let the deadlines that stages declare replace --older-than.")
    var deadlines = false

    @OptionGroup var read: ReadOptions

    @OptionGroup var clock: ClockOptions

    private var isToStandardOutput: Bool { output == "-" }

    func validate() throws {
        if !requests.isEmpty, incident != nil || tenant != nil || predicate != nil {
            throw ValidationError(
                "requests are named, so --incident, --tenant and --where have nothing to choose"
            )
        }
        if isToStandardOutput, read.format == .json {
            throw ValidationError("-o - and --format json both want standard output; name a file")
        }
    }

    func run() async throws {
        let predicate: Predicate<RequestRow>? = try Arguments.predicate(predicate)
        let file = OutputFile(
            path: output,
            isOverwriting: try overwrite || (!isToStandardOutput && Self.isReport(output))
        )
        if !isToStandardOutput { try file.requireFree() }
        let open = try await read.open()
        let now = clock.now ?? open.now
        let query = ReportQuery(
            requestIDs: requests,
            tenant: tenant,
            predicate: predicate,
            predicateText: self.predicate,
            since: incident?.from?.instant(now: now),
            until: incident?.to?.instant(now: now),
            olderThan: olderThan,
            usesDeadlines: deadlines
        )
        if let since = query.since, let until = query.until, since >= until {
            throw CommandFailure(.usage, "--incident ends before it begins")
        }
        let report = try await reading(open.path) { () async throws(IncidentError) in
            try await open.requests.report(query, now: now)
        }
        guard report.requestCount > 0 else {
            throw CommandFailure(
                .notFound,
                "no request fits, so nothing was written; 'cairn requests' lists all"
                    + (open.hint(now: now).map { "; \($0)" } ?? "")
            )
        }
        let page = report.page
        if isToStandardOutput {
            // In pieces: what a pipe takes is little, and the rest is moved each time.
            for start in stride(from: 0, to: page.count, by: 1 << 18) {
                try Terminal.write(Array(page[start..<min(start + 1 << 18, page.count)]))
            }
        } else {
            try file.write(page)
            try print(report, byteCount: page.count)
        }
        try await open.noteRemovals("report")
    }

    private func print(_ report: Report, byteCount: Int) throws(CommandFailure) {
        var details = Details()
        details.add("path", .text(output))
        details.add("request_count", .count(UInt64(report.requestCount)))
        details.add("event_count", .count(UInt64(report.eventCount)))
        details.add("first_created_at", .time(report.createdAt?.lowerBound))
        details.add("last_created_at", .time(report.createdAt?.upperBound))
        details.add("byte_count", .count(UInt64(byteCount)), isInText: false)
        try details.print(as: read.format)
    }

    /// Whether a file is a report, which another one may take the place of.
    private static func isReport(_ path: String) throws(CommandFailure) -> Bool {
        guard FileBytes.isFile(path) else { return false }
        return Report.isPage(try FileBytes.read(path, first: Report.pageMarkByteCount))
    }
}

/// A stretch of time, as `--incident` takes it.
struct IncidentRange: Hashable, Sendable {
    /// Where it begins; nil for the first event.
    let from: TimeBound?
    /// Where it ends; nil for the last event.
    let to: TimeBound?

    init(_ text: String) throws(ValidationError) {
        guard let dots = text.firstRange(of: "..") else {
            throw ValidationError("it is not FROM..TO, such as 2h.. or two times with .. between")
        }
        let (from, to) = (text[..<dots.lowerBound], text[dots.upperBound...])
        self.from = from.isEmpty ? nil : try TimeBound(String(from))
        self.to = to.isEmpty ? nil : try TimeBound(String(to))
    }
}
