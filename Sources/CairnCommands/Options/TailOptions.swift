internal import ArgumentParser

/// How much of a journal's end is shown, and whether what comes is, too.
struct TailOptions: ParsableArguments {
    @Option(
        name: [.customLong("lines"), .customShort("n")],
        parsing: .unconditional,
        help: "Most events to begin with; 20 by default, and with --follow also 0.",
        transform: { $0 == "0" ? 0 : try Arguments.limit($0) }
    )
    var limit = 20

    @Flag(name: [.long, .customShort("f")], help: "Go on with new events as they come.")
    var follow = false

    /// Sees to it that what is read can be followed, if it is to be.
    func check(_ sight: SightOptions) throws(ValidationError) {
        guard follow else {
            guard limit > 0 else {
                throw ValidationError("--lines 0 is for --follow, which shows what comes")
            }
            return
        }
        if sight.asOf != nil {
            throw ValidationError("--follow looks ahead and --as-of back: give one of them")
        }
        if sight.privateCopy {
            throw ValidationError("--follow waits for events that a private copy never gets")
        }
    }
}
