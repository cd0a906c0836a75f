internal import ArgumentParser
internal import CairnIncident

/// What is compared of requests as of the streams of any machine, and how much of it is shown.
struct CompareOptions: ParsableArguments {
    @Flag(help: "Only what has not ended, by one of the two at least.")
    var inFlight = false

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Fields of the states that may differ, such as anomaly_count or 'stages.*.attempt'.",
            valueName: "field"
        )
    )
    var ignore: [String] = []

    @Option(
        parsing: .unconditional,
        help: "Most causes; 20 by default.",
        transform: { try Arguments.limit($0) }
    )
    var limit: Int?

    var limitOrStandard: Int { limit ?? 20 }

    /// Refuses what chooses among many where one is named.
    ///
    /// - Parameters:
    ///   - one: What is named.
    ///   - isChoosing: Whether an option of the verb's own chooses.
    ///   - choices: Those options, as the refusal names them.
    /// - Throws: The refusal.
    func check(
        naming one: String,
        _ isChoosing: Bool,
        _ choices: String
    ) throws(ValidationError) {
        guard inFlight || limit != nil || isChoosing else { return }
        throw ValidationError(
            "one \(one) is named, so --in-flight, \(choices) and --limit have nothing to choose"
        )
    }

    /// The fields that may differ.
    ///
    /// - Parameter pattern: Reads one, and says what is wrong with it.
    /// - Returns: The patterns, in the order given.
    /// - Throws: ``CommandFailure``, with exit code 64.
    func ignored<Failure: Error>(
        _ pattern: (String) throws(Failure) -> FieldPattern
    ) throws(CommandFailure) -> [FieldPattern] {
        do throws(Failure) {
            return try ignore.map(pattern)
        } catch {
            throw CommandFailure(.usage, "--ignore: \(error)")
        }
    }
}
