internal import ArgumentParser
internal import CairnCore
internal import CairnJournal
internal import CairnLMDB

/// What to compare, and how much of it to show.
struct DiffOptions: ParsableArguments {
    static let discussion = """
        Two moments of one: the events behind the first and up to the second, and the fields of \
        the state that differ. A moment is a position or a time, as --as-of takes it, or 'end'; \
        a whole number is always a position. Two of them: where their histories part, event by \
        event in the order in which they were recorded, and the fields that differ at the end; \
        times, which always do, are left out. The first of two is old, the second new.
        """

    @Argument(
        help: ArgumentHelp(
            "Its name and two moments, or two names.",
            valueName: "names"
        )
    )
    var names: [String] = []

    @Flag(help: "Show the fields that are the same, too, and of two the times.")
    var all = false

    @Flag(help: "Show the events of two beside each other.")
    var events = false

    @Flag(help: "End with exit code 1 if there is a difference.")
    var check = false

    /// What the names say.
    func comparison() throws(CommandFailure) -> Comparison {
        switch names.count {
        case 2: return .two(names[0], names[1])
        case 3:
            guard !events else {
                throw CommandFailure(
                    .usage,
                    "--events sets two histories beside each other; between two moments all events "
                        + "are listed without it"
                )
            }
            do {
                return .moments(
                    of: names[0],
                    from: try DiffMoment(names[1]),
                    to: try DiffMoment(names[2])
                )
            } catch {
                throw CommandFailure(
                    .usage,
                    "'\(names[1])' and '\(names[2])' must be moments: \(error)"
                )
            }
        default:
            throw CommandFailure(.usage, "give a name and two moments, or two names")
        }
    }

    /// What is compared.
    enum Comparison {
        case moments(of: String, from: DiffMoment, to: DiffMoment)
        case two(String, String)
    }
}

/// A moment, or the end of what is to be seen.
enum DiffMoment: Hashable, Sendable {
    case moment(Moment)
    case end

    init(_ text: String) throws(ValidationError) {
        self = text == "end" ? .end : .moment(try Moment(text))
    }

    /// The last position that it includes.
    func position(in journal: LMDBJournal) throws(CommandFailure) -> Position {
        switch self {
        case .moment(let moment):
            try moment.resolved(in: journal, as: "the moment").position
        case .end: Position(rawValue: .max)
        }
    }
}
