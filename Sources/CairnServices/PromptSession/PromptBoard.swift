internal import CairnCore
public import CairnDomains
internal import CairnEngine
public import CairnJournal

/// What all participants of a prompt did together: totals at any moment, how much happens in each
/// second, and the events to play back (seed 004).
///
/// Answers come from tables that are kept beside the journal and caught up with it whenever they
/// are asked; the first question to a journal without them reads it once. Copies of a board share
/// them, and what came since they were stored; another board has its own of that.
public struct PromptBoard: Sendable {
    let journal: any Journal
    private let tables: RemovalTables<PromptProjection>

    /// Looks at a journal; nothing is read before the first question.
    public init(_ journal: any Journal) {
        self.journal = journal
        tables = PromptProjection.tables(of: journal)
    }

    /// Whether going on from the stored tables is the cheaper way to one answer, as against going
    /// through the events: what came since they were stored is at most 65,536 events, or a
    /// quarter of the journal.
    ///
    /// - Throws: `PromptSessionsError`.
    public func isNear() async throws(PromptSessionsError) -> Bool {
        let table: ProjectionTable
        do throws(EngineError<Never>) { table = try await tables.current().table } catch {
            throw PromptSessionsError(error)
        }
        do throws(JournalError) {
            let quarter = try await journal.head().lastPosition.rawValue / 4
            return try await journal.hasStored(table, behindByAtMost: quarter)
        } catch {
            throw .journal(error)
        }
    }

    /// What holds in a prompt at a moment, over all of its sessions.
    ///
    /// Moments are told apart by the millisecond, and a moment includes its own; times of more
    /// than 34 years before or after the beginning are all one.
    ///
    /// - Parameters:
    ///   - prompt: The prompt.
    ///   - time: The prompt time.
    /// - Returns: What holds then; nil for a prompt that no session goes through.
    /// - Throws: ``PromptSessionsError``.
    /// - Complexity: O(log n) in the milliseconds that the prompt lasts.
    public func totals(
        ofPrompt prompt: String,
        at time: PromptTime
    ) async throws(PromptSessionsError) -> PromptTotals? {
        try await read(.byKey) { view throws(EngineError<Never>) in
            try view.counts(of: prompt, at: time)?.totals
        }
    }

    /// How many events there are in each second of a stretch: what a sampling rate is chosen by.
    ///
    /// - Parameters:
    ///   - prompt: The prompt.
    ///   - seconds: The first and the last second; the second 0 is from 0 up to 1.
    /// - Returns: The seconds in which something happened, in their order; nil for a prompt that
    ///   no session goes through.
    /// - Throws: ``PromptSessionsError``.
    /// - Complexity: The seconds in the stretch in which something happened.
    public func counts(
        ofPrompt prompt: String,
        in seconds: ClosedRange<Int64>
    ) async throws(PromptSessionsError) -> [PromptSecond]? {
        try await read(.inOrder) { view throws(EngineError<Never>) in
            guard let number = try view.number(of: prompt) else { return nil }
            var found: [PromptSecond] = []
            try view.forEach(
                inPrefix: PromptProjection.secondPrefix(number),
                from: .second(number, seconds.lowerBound)
            ) { key, value in
                guard case .second(_, let second) = key, second <= seconds.upperBound,
                    case .second(let counts) = value
                else { return .stop }
                found.append(PromptSecond(second, counts.byKind))
                return .proceed
            }
            return found
        }
    }

    /// A page of a prompt's events in the order of `(prompt_time, uid)`, of all its sessions.
    ///
    /// - Parameters:
    ///   - prompt: The prompt.
    ///   - after: Where the page before ended; nil for the beginning.
    ///   - time: The last prompt time of interest; nil for all.
    ///   - limit: Most events of the page.
    /// - Returns: The events; nil for a prompt that no session goes through.
    /// - Throws: ``PromptSessionsError``.
    public func events(
        ofPrompt prompt: String,
        after: PromptEventKey? = nil,
        upTo time: PromptTime? = nil,
        limit: Int = 1_000
    ) async throws(PromptSessionsError) -> [PromptEvent]? {
        try await page(ofPrompt: prompt, after: after, upTo: time, limit: limit).known?
            .map(\.event)
    }

    /// A page of events, and the last event of the journal that the answer knows of.
    func page(
        ofPrompt prompt: String,
        after: PromptEventKey?,
        upTo time: PromptTime?,
        limit: Int
    ) async throws(PromptSessionsError) -> PromptPage {
        try await read(.inOrder) { view throws(EngineError<Never>) in
            guard let number = try view.number(of: prompt) else {
                return PromptPage(known: nil, position: view.position)
            }
            var found: [PromptPage.Line] = []
            try view.forEach(
                inPrefix: PromptProjection.eventPrefix(number),
                from: after.map { .event(number, $0) }
            ) { key, value in
                guard case .event(_, let place) = key, case .event(let played) = value,
                    found.count < limit, time.map({ place.promptTime <= $0 }) ?? true
                else { return .stop }
                if place == after { return .proceed }
                let event = PromptEvent(
                    uid: place.uid,
                    act: played.act,
                    promptTime: place.promptTime,
                    createdAt: played.createdAt
                )
                found.append(PromptPage.Line(event: event, mayBeLive: played.mayBeLive))
                return .proceed
            }
            return PromptPage(known: found, position: view.position)
        }
    }

    /// Brings the stored tables up to the journal's end, for a journal that is written to.
    ///
    /// - Throws: ``PromptSessionsError``.
    public func catchUp() async throws(PromptSessionsError) {
        do throws(EngineError<Never>) { try await tables.catchUp() } catch {
            throw PromptSessionsError(error)
        }
    }

    private func read<Answer: Sendable>(
        _ kind: QueryKind,
        _ query: @Sendable (ProjectionView<PromptProjection>) throws(EngineError<Never>) -> Answer
    ) async throws(PromptSessionsError) -> Answer {
        do throws(EngineError<Never>) {
            if let answer = try await tables.read(kind, query) { return answer }
        } catch {
            throw PromptSessionsError(error)
        }
        throw .journal(.busy(path: "the tables of prompts, while sessions are removed"))
    }
}

extension PromptSessionsError {
    init(_ error: EngineError<Never>) {
        switch error {
        case .journal(let error): self = .journal(error)
        case .unreadable(let position, let error): self = .unreadable(position: position, error)
        }
    }
}

/// Some of a prompt's events in their order.
struct PromptPage: Sendable {
    struct Line: Sendable {
        let event: PromptEvent
        /// Whether it may have come to those who watched when it was recorded.
        let mayBeLive: Bool
    }

    /// Nil for a prompt that no session goes through.
    let known: [Line]?
    let position: Position

    var lines: [Line] { known ?? [] }
}
