internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnLMDB

extension CompletionKind {
    /// A pipeline definition.
    static let definition = CompletionKind.file(extensions: ["json"])

    /// The jobs of the journal that the command line, or else the environment, names.
    static let job = CompletionKind.custom { words, _, _ async in await jobs(in: words) }

    /// The statuses of requests; other words of a source are typed.
    static let status = CompletionKind.list(
        [PipelineStatus.started, .completed, .failed, .skipped, .retryScheduled].map(\.word)
    )

    /// The kinds of the streams of Cairn's own machines.
    static let streamKind = CompletionKind.list(
        [
            PipelineEvent.streamKind, RetryLeaseMachine.streamKind, ItemKey.streamKind,
            InteractionMessage.streamKind, JobMachine.streamKind, TouchMachine.streamKind,
            SystemEvent.streamKind, PromptSessionMachine.streamKind,
        ].map(\.name)
    )

    /// The words of an option that takes one of a few.
    static func words<Choice: CaseIterable & RawRepresentable<String>>(
        of choice: Choice.Type
    ) -> CompletionKind {
        .list(choice.allCases.map(\.rawValue))
    }

    /// A shell has no use for an error: where there is no journal, there are no words.
    private static func jobs(in words: [String]) async -> [String] {
        let given = words.firstIndex(of: "--journal").map { words.dropFirst($0 + 1) }?.first
        guard let path = given ?? Terminal.environment("CAIRN_JOURNAL"),
            let journal = try? JournalOptions.open(path, .readOnly),
            let rows = try? await ItemView(journal).jobs()
        else { return [] }
        return rows.map(\.name)
    }
}
