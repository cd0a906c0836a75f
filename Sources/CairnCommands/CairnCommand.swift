internal import ArgumentParser

/// The tool's verbs.
struct CairnCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cairn",
        abstract: "Replays the history of requests from a journal of events.",
        discussion: """
            Start with 'cairn demo', which needs nothing but a place to write to. Every verb takes \
            --journal PATH (or the environment variable CAIRN_JOURNAL, which 'demo jobs' does not \
            look at) and --format text|json; verbs that read state take --as-of POSITION|TIME. \
            Reading never changes a journal.

            Exit codes: 0 fine, 1 a finding (damage; stuck requests with --check; what 'lint' looks \
            for; a batch of 'demo jobs' that did not arrive once), 64 usage, 65 bad input data, or nothing to resolve, 66 \
            no such journal, file or key, 74 input/output, 130 stopped with Ctrl-C.
            """,
        subcommands: [
            DemoVerb.self, LintVerb.self, ImportVerb.self, TimelineVerb.self, StateVerb.self,
            RequestsVerb.self, StuckVerb.self, RetriesVerb.self, StatsVerb.self,
            SummaryVerb.self, SlowestVerb.self, FindVerb.self, ReportVerb.self,
            TestcaseVerb.self, ExportVerb.self, InteractionsVerb.self, HistoryVerb.self,
            KeyVerb.self, ResolveVerb.self, JobsVerb.self, JobVerb.self, TouchesVerb.self,
            TouchVerb.self, ForgetVerb.self, TruncateVerb.self, EventsVerb.self,
            SessionVerb.self, PromptVerb.self, StreakVerb.self, TailVerb.self, InfoVerb.self,
            VerifyVerb.self, BackupVerb.self, SalvageVerb.self, IndexVerb.self,
        ]
    )
}
