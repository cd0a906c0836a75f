internal import ArgumentParser
internal import CairnCore
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB

/// Which event to look for.
struct BisectOptions: ParsableArguments {
    static let discussion = """
        Of one, or of all: then the first event after which the predicate holds of any, or of as \
        many as --count says. What is true can be false again, so each event is asked for, in one \
        pass that ends at the event; with --lasting, which says that the answer stays once it is \
        given, it is found by halving: the predicate is asked only where a fold ends. Ages count \
        up to --now, for each event the same.

        Exit codes: 65 where --from is beyond the last position, 66 where no event makes it so.
        """

    @Option(
        name: .customLong("where"),
        help: ArgumentHelp(
            "What must hold of the state, such as 'status == FAILED && attempt > 3'.",
            valueName: "predicate"
        )
    )
    var predicate: String

    @Option(
        help: ArgumentHelp(
            "Of how many it must hold, such as '> 10'; by default of any.",
            valueName: "condition"
        )
    )
    var count: String?

    @Flag(help: "Look for the event that makes it false.")
    var untilFalse = false

    @Flag(help: "Look for the last such event, and not for the first.")
    var last = false

    @Flag(help: "Say that the answer stays once it is given, and find it by halving.")
    var lasting = false

    @Option(
        help: ArgumentHelp(
            "The first position to look at, or the first time.",
            valueName: "position|time"
        ),
        transform: { try Moment($0) }
    )
    var from: Moment?

    @OptionGroup var clock: ClockOptions

    /// The question, about one stream or all.
    func query<Standing: FieldResolver>(
        of stream: StreamID?,
        in sight: OpenSight
    ) throws(CommandFailure) -> BisectionQuery<Standing> {
        guard let predicate: Predicate<Standing> = try Arguments.predicate(predicate) else {
            throw CommandFailure(.usage, "--where is missing")
        }
        if last, lasting {
            throw CommandFailure(.usage, "what lasts has no last event: --last or --lasting")
        }
        if stream != nil, count != nil {
            throw CommandFailure(.usage, "--count is for all, and one is named")
        }
        return BisectionQuery(
            predicate,
            of: stream,
            count: try condition(),
            wanted: !untilFalse,
            from: try start(in: sight),
            isLast: last,
            isLasting: lasting,
            now: clock.now ?? sight.now
        )
    }

    private func condition() throws(CommandFailure) -> CountCondition {
        guard let count else { return .any }
        guard let condition = CountCondition(count) else {
            throw CommandFailure(
                .usage,
                "--count: '\(count)' is no comparison with a whole number, such as '> 10'"
            )
        }
        return condition
    }

    /// The first position to look at.
    ///
    /// - Throws: ``CommandFailure``, with exit code 65 where nothing is to be seen from there on.
    private func start(in sight: OpenSight) throws(CommandFailure) -> Position {
        guard let from else { return .first }
        let journal = sight.journal
        let (start, last): (Position, Position)
        let moment: Moment.Dated
        do throws(JournalError) {
            last = min(sight.bound ?? Position(rawValue: .max), try journal.head().lastPosition)
            moment = try from.dated(in: journal, upTo: sight.bound == nil ? nil : sight.now)
            switch moment {
            case .position(let position): start = position
            case .time(let time):
                start = try journal.position(at: time.adding(TimeSpan(nanoseconds: -1))).next
            }
        } catch {
            throw CommandFailure(error, path: sight.path)
        }
        guard start <= last else {
            throw CommandFailure(.badInput, moment.isBeyond(last, as: "--from"))
        }
        from.noteDay(of: moment, as: "--from")
        return start
    }
}
