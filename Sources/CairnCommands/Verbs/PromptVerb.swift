internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnServices

/// What all participants of a prompt did together.
struct PromptVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prompt",
        abstract: "Shows what holds in a prompt at a moment, or how much happens in each second.",
        discussion: """
            Totals are over all sessions that ever went through the prompt: a changed answer \
            counts once, the end of a press undoes its start, and likes and answers stay when \
            their participant leaves. Moments are told apart by the millisecond.

            Answers come from tables beside the journal where 'cairn import' or 'cairn index' \
            made them, if at most 65,536 events or a quarter of the journal came since, and \
            otherwise, or with --as-of, from the events of the prompt.
            """
    )

    @Argument(help: "The prompt's uid.", transform: { try Arguments.name($0) })
    var prompt: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The prompt time in seconds, which may be negative; the end by default.",
            valueName: "seconds"
        ),
        transform: { try Arguments.promptTime($0) }
    )
    var at: PromptTime?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Events in each second from one to another, such as 0..60, instead of totals.",
            valueName: "from..to"
        ),
        transform: { try Arguments.seconds($0) }
    )
    var counts: ClosedRange<Int64>?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The events from one moment to another, such as 0..60, in their order, instead.",
            valueName: "from..to"
        ),
        transform: { try Arguments.promptTimes($0) }
    )
    var play: ClosedRange<PromptTime>?

    @Option(
        help: ArgumentHelp(
            "With --play: most events of each second, the same ones each time.",
            valueName: "count"
        ),
        transform: { try Arguments.limit($0) }
    )
    var sample: Int?

    @OptionGroup var read: ReadOptions

    func validate() throws {
        guard [at != nil, counts != nil, play != nil].count(where: \.self) <= 1 else {
            throw ValidationError("--at, --counts and --play are questions; ask one of them")
        }
        if sample != nil, play == nil {
            throw ValidationError("--sample chooses among the events of --play")
        }
    }

    func run() async throws {
        let open = try await read.open()
        if let play {
            let isKnown = try await reading(open.path) { () async throws(IncidentError) in
                try await PromptView(open.journal, asOf: open.bound).isKnown(prompt: prompt)
            }
            guard isKnown else { throw unknown }
            try await self.play(play, open)
            return Self.note(try await removedCount(open))
        }
        if let counts {
            let seconds = try await seconds(counts, open)
            try Self.secondListing.print(seconds, as: read.format)
            return Self.note(try await removedCount(open))
        }
        let totals = try await totals(open)
        var details = Details()
        details.add("prompt", .text(prompt))
        details.add("at", .decimal(at?.description))
        details.add("participants", .integer(totals.participantCount))
        details.add("pressing", .integer(totals.pressingCount))
        details.add("likes", .integer(totals.likeCount))
        let answers = totals.answerCounts.map { Answer($0.key, $0.value) }.sorted()
        details.add(
            "answers",
            .array(answers.map { .object(Self.answerListing.members(of: $0)) }),
            isInText: false
        )
        let removed = try await removedCount(open)
        details.add("removed_sessions", .count(removed), isInText: removed > 0)
        try details.print(
            as: read.format,
            followedBy: answers.isEmpty ? [] : [Self.answerListing.text(answers)]
        )
    }

    private func totals(_ open: OpenView) async throws(CommandFailure) -> PromptTotals {
        let time = at ?? .end
        if let view = try await view(open) {
            return try await reading(open.path) { () async throws(IncidentError) in
                try await view.totals(ofPrompt: prompt, at: time)
            }
        }
        return try await asking(open, orNone: PromptTotals()) { board throws(PromptSessionsError) in
            try await board.totals(ofPrompt: prompt, at: time)
        }
    }

    private func seconds(
        _ range: ClosedRange<Int64>,
        _ open: OpenView
    ) async throws(CommandFailure) -> [PromptSecond] {
        if let view = try await view(open) {
            return try await reading(open.path) { () async throws(IncidentError) in
                try await view.counts(ofPrompt: prompt, in: range)
            }
        }
        return try await asking(open, orNone: []) { board throws(PromptSessionsError) in
            try await board.counts(ofPrompt: prompt, in: range)
        }
    }

    /// Says how many sessions a list leaves out.
    private static func note(_ removedCount: UInt64) {
        guard removedCount > 0 else { return }
        Terminal.note(
            "cairn: prompt: removed: \(Wording.counted(removedCount, "session"))"
        )
    }

    /// How many sessions the answer leaves out.
    private func removedCount(_ open: OpenView) async throws(CommandFailure) -> UInt64 {
        try await reading(open.path) { () async throws(IncidentError) in
            let view = PromptView(open.journal, asOf: open.bound)
            return UInt64(try await view.removedSessionCount(ofPrompt: prompt))
        }
    }

    /// What is counted from events, of a prompt that was known by then; nil where tables answer.
    func view(_ open: OpenView) async throws(CommandFailure) -> PromptView? {
        if open.bound == nil {
            let board = PromptBoard(open.journal)
            do throws(PromptSessionsError) {
                if try await board.isNear() { return nil }
            } catch {
                throw CommandFailure(error, path: open.path)
            }
        }
        let view = PromptView(open.journal, asOf: open.bound)
        let isKnown = try await reading(open.path) { () async throws(IncidentError) in
            try await view.isKnown(prompt: prompt)
        }
        guard isKnown else { throw unknown }
        return view
    }

    private var unknown: CommandFailure {
        CommandFailure(.notFound, "no session goes through a prompt \(prompt)")
    }

    /// Asks the tables; of a prompt whose sessions were all removed there is nothing to tell.
    private func asking<Answer>(
        _ open: OpenView,
        orNone none: Answer,
        _ ask: (PromptBoard) async throws(PromptSessionsError) -> Answer?
    ) async throws(CommandFailure) -> Answer {
        let answer: Answer?
        do throws(PromptSessionsError) { answer = try await ask(PromptBoard(open.journal)) } catch {
            throw CommandFailure(error, path: open.path)
        }
        if let answer { return answer }
        guard try await removedCount(open) > 0 else { throw unknown }
        return none
    }

    /// How many participants hold an answer.
    struct Answer: Comparable {
        let kind: String
        let number: Int64
        let count: Int64

        init(_ answer: PromptAnswer, _ count: Int64) {
            self.count = count
            switch answer {
            case .rating(let rating): (kind, number) = ("rating", rating)
            case .color(let choice): (kind, number) = ("color", choice.index)
            case .word(let choice): (kind, number) = ("word", choice.index)
            }
        }

        static func < (left: Answer, right: Answer) -> Bool {
            (left.kind, left.number) < (right.kind, right.number)
        }
    }

    static let answerListing = Listing<Answer>(
        columns: [
            .init("answer") { .text($0.kind) },
            .init("value") { .integer($0.number) },
            .init("participants") { .integer($0.count) },
        ],
        emptyText: ""
    )

    static let secondListing = Listing<PromptSecond>(
        columns: [.init("second") { .integer($0.second) }]
            + PromptActKind.allCases.map { kind in
                .init(kind.rawValue) { .integer($0.counts[kind] ?? 0) }
            } + [.init("events") { .integer($0.eventCount) }],
        emptyText: "nothing happens in those seconds"
    )
}

extension Arguments {
    /// Reads a prompt time in seconds.
    static func promptTime(_ text: String) throws(ValidationError) -> PromptTime {
        guard let seconds = Double(text), let time = try? PromptTime(seconds) else {
            throw ValidationError("'\(text)' is no prompt time: give seconds, such as 30 or 2.5")
        }
        return time
    }

    /// Reads a range of whole seconds.
    static func seconds(_ text: String) throws(ValidationError) -> ClosedRange<Int64> {
        let parts = text.split(separator: "..", omittingEmptySubsequences: false)
        guard parts.count == 2, let first = Int64(parts[0]), let last = Int64(parts[1]),
            first <= last
        else {
            throw ValidationError("'\(text)' is no range of seconds: give one such as 0..60")
        }
        return first...last
    }
}
