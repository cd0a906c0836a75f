/// Where one session stands at a moment: the fold over its events in the order of their keys.
///
/// A changed answer counts once, the end of a press undoes its start, and leaving ends a press
/// with the presence. Likes and answers stay when their participant leaves.
public struct PromptStanding: Hashable, Sendable {
    public private(set) var isPresent = false
    public private(set) var isPressing = false
    public private(set) var likeCount: Int64 = 0
    /// The answer that holds, for each kind of prompt.
    public private(set) var rating: Int64?
    public private(set) var color: PromptChoice?
    public private(set) var word: PromptChoice?
    /// A session is not joined again, so events beyond the leave event bring no presence back.
    private var hasLeft = false

    public init() {}

    /// Takes the next event in the order of keys.
    public mutating func take(_ act: PromptAct) {
        switch act {
        case .join: isPresent = !hasLeft
        case .leave:
            hasLeft = true
            isPresent = false
            isPressing = false
        case .like: likeCount &+= 1
        case .numericResponse(let value): rating = value
        case .pressStart: isPressing = !hasLeft
        case .pressEnd: isPressing = false
        case .colorResponse(let choice): color = choice
        case .wordResponse(let choice): word = choice
        }
    }

    /// The answers that hold.
    public var answers: [PromptAnswer] {
        [
            rating.map(PromptAnswer.rating), color.map(PromptAnswer.color),
            word.map(PromptAnswer.word),
        ].compactMap(\.self)
    }
}

/// An answer that participants have in common.
public enum PromptAnswer: Hashable, Sendable {
    case rating(Int64)
    case color(PromptChoice)
    case word(PromptChoice)
}

/// What holds at a prompt time, over all sessions of a prompt.
///
/// Prompt times are inclusive: an event at 30 seconds counts at 30 seconds.
public struct PromptTotals: Hashable, Sendable {
    public private(set) var participantCount: Int64 = 0
    public private(set) var pressingCount: Int64 = 0
    public private(set) var likeCount: Int64 = 0
    /// How many participants hold each answer; those that nobody holds are not in it.
    public private(set) var answerCounts: [PromptAnswer: Int64] = [:]

    public init() {}

    /// Puts together what was counted elsewhere.
    package init(
        participantCount: Int64,
        pressingCount: Int64,
        likeCount: Int64,
        answerCounts: [PromptAnswer: Int64]
    ) {
        self.participantCount = participantCount
        self.pressingCount = pressingCount
        self.likeCount = likeCount
        self.answerCounts = answerCounts.filter { $0.value != 0 }
    }

    /// Adds where one session stands.
    public mutating func add(_ standing: PromptStanding) {
        participantCount &+= standing.isPresent ? 1 : 0
        pressingCount &+= standing.isPressing ? 1 : 0
        likeCount &+= standing.likeCount
        for answer in standing.answers { answerCounts[answer, default: 0] &+= 1 }
    }

    /// Counts from the events themselves: slow, and what faster ways must agree with.
    ///
    /// - Parameters:
    ///   - sessions: The counted events of each session, in any order.
    ///   - time: The moment.
    /// - Returns: What holds then.
    /// - Complexity: One pass over all events, and sorting those of each session.
    public static func counted(
        from sessions: some Sequence<[PromptEvent]>,
        at time: PromptTime
    ) -> PromptTotals {
        var totals = PromptTotals()
        for events in sessions { totals.add(standing(from: events, at: time)) }
        return totals
    }

    /// Where one session stands at a moment.
    ///
    /// - Parameters:
    ///   - events: Its counted events, in any order.
    ///   - time: The moment; nil for the end.
    /// - Returns: Where it stands then.
    public static func standing(
        from events: [PromptEvent],
        at time: PromptTime? = nil
    ) -> PromptStanding {
        var standing = PromptStanding()
        for event in events.sorted(by: { $0.key < $1.key }) {
            if let time, event.promptTime.millisecond > time.millisecond { break }
            standing.take(event.act)
        }
        return standing
    }
}

extension PromptSessionMachine {
    /// The events of one session that count in what holds at a moment.
    ///
    /// - Parameter events: All of them, in the order they were stored.
    /// - Returns: Those without a flaw that takes them out, in the same order.
    public func counted(_ events: some Sequence<PromptEvent>) -> [PromptEvent] {
        var state = initial
        return events.filter { event in
            let counts = state.flaw(of: event)?.counts ?? true
            state.take(event)
            return counts
        }
    }
}
