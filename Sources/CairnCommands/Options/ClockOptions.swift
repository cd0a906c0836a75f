internal import ArgumentParser
internal import CairnCore

/// The instant that ages count from.
struct ClockOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The instant that ages and deadlines count from; by default the as-of time, or else "
                + "the clock's.",
            valueName: "time"
        ),
        transform: { try Arguments.time($0) }
    )
    var now: Timestamp?
}
