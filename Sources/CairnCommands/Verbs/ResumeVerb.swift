internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB

/// What a resume would do, and never the resume itself.
struct ResumeVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Shows what a resume of a job would send, skip, wait for and park, and why.",
        discussion: """
            It decides by the code that the job runner decides by. Without a job it counts for \
            each that is not finished or cancelled. Listed are the items that the job's runs \
            began, and by default not those that are skipped; items that no run came to are known \
            to the job alone, and 'new' counts them where a run knew how many it had. Policies \
            stand in no event: the standard ones are taken, or those that are given.

            As of a moment all holders count as gone, as after a crash there; --crashed says so of \
            now. --every-point goes through the job's past, takes each event for the last one \
            before a crash, and counts what a resume would do there. It ends with exit code 1 \
            where that would send what may have been sent, or skip what never was.
            """
    )

    @Argument(help: "The job's name; all that are not over by default.", completion: .job)
    var job: String?

    @Flag(help: "Do nothing but say what would be done; there is no other way to run this.")
    var dryRun = false

    @OptionGroup var read: ReadOptions

    @Option(
        help: ArgumentHelp(
            "When a known key is sent: standard, if_key_exists or unless_failed.",
            valueName: "name"
        ),
        completion: .words(of: SkipRule.self),
        transform: { try Arguments.choice($0) }
    )
    var policy: SkipRule = .standard

    @Option(
        help: ArgumentHelp(
            "What becomes of a doubt: park, or dedup_by_key for a provider that ignores repeats.",
            valueName: "name"
        ),
        completion: .words(of: Doubt.self),
        transform: { try Arguments.choice($0) }
    )
    var inDoubt: Doubt = .park

    @Option(
        parsing: .unconditional,
        help: "Most attempts at an item; 5 by default.",
        transform: { try Arguments.limit($0) }
    )
    var attempts = Int(RetryPolicy.standard.attemptCountMax)

    @Flag(help: "Take all holders for gone, as after a crash.")
    var crashed = false

    @Flag(help: "Take each event of the job's past for the last one before a crash.")
    var everyPoint = false

    @Option(
        help: "Only items of which this becomes: send, skip, wait or park.",
        completion: .list(Arguments.resumeKinds),
        transform: { try Arguments.resumeKind($0) }
    )
    var decision: ResumeKind?

    @Option(
        help: "Only items with this verdict, such as failed_retryable.",
        completion: .list(Arguments.verdicts),
        transform: { try Arguments.verdict($0) }
    )
    var verdict: String?

    @Option(
        parsing: .unconditional,
        help: "Most rows; 100 by default.",
        transform: { try Arguments.limit($0) }
    )
    var limit = 100

    @OptionGroup var clock: ClockOptions

    /// What of a doubt's policy needs nobody to be asked.
    enum Doubt: String, CaseIterable {
        case park
        case dedupByKey = "dedup_by_key"

        var rule: DoubtRule {
            switch self {
            case .park: .park
            case .dedupByKey: .dedupByKey
            }
        }
    }

    func validate() throws {
        guard dryRun else {
            throw ValidationError(
                "cairn sends nothing: a job is resumed by the program that runs it, with its "
                    + "JobRunner; --dry-run shows what that would do"
            )
        }
        if job?.isEmpty ?? false { throw ValidationError("The job's name is empty") }
        if job == nil, decision != nil || verdict != nil {
            throw ValidationError("--decision and --verdict list items: name a job")
        }
        guard everyPoint else { return }
        guard job != nil else { throw ValidationError("--every-point is about one job: name it") }
        if decision != nil || verdict != nil {
            throw ValidationError("--every-point lists no items: give no --decision or --verdict")
        }
    }

    func run() async throws {
        let open = try await read.open()
        guard let job else { return try await printAll(open) }
        if everyPoint { return try await printPast(of: job, open) }
        let now = clock.now ?? open.now
        let plan = try await reading(open.path) { () async throws(IncidentError) in
            try await open.items.resumePlan(of: job, for: query, now: now)
        }
        guard let plan else { throw CommandFailure.noJob(job, in: open.path) }
        try ResumeListing.print(plan, query, isCrashed: isCrashed, as: read.format)
    }

    private func printAll(_ open: OpenView) async throws {
        let now = clock.now ?? open.now
        let plans = try await reading(open.path) { () async throws(IncidentError) in
            try await open.items.resumePlans(for: query, now: now)
        }
        try ResumeListing.jobs.print(Array(plans.prefix(limit)), as: read.format)
    }

    private func printPast(of job: String, _ open: OpenView) async throws {
        let past = try await reading(open.path) { () async throws(IncidentError) in
            try await open.items.resumePast(of: job, under: rule, limit: limit)
        }
        guard let past else { throw CommandFailure.noJob(job, in: open.path) }
        try ResumeListing.print(past, query, as: read.format)
        guard let breach = past.breaches.first else { return }
        throw CommandFailure(.finding, "position \(breach.position): \(breach.objection)")
    }

    private var isCrashed: Bool { crashed || read.asOf != nil }

    private var rule: ItemRule {
        var rule = ItemRule(skip: policy, doubt: inDoubt.rule)
        rule.attempts.retry.attemptCountMax = Int64(attempts)
        return rule
    }

    private var query: ResumeQuery {
        ResumeQuery(
            rule: rule,
            isCrashed: isCrashed,
            kind: decision,
            verdict: verdict,
            limit: limit
        )
    }
}
