internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident

/// What is changed about the rules of a pipeline.
struct PolicyOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "With other terms of retry: of a stage, or of all, such as "
                + "max_attempts=8,initial_delay=1m,multiplier=2,max_delay=1h,jitter=0.1; what is "
                + "not named stays.",
            valueName: "[stage:]terms"
        )
    )
    var retryPolicy: [String] = []

    @Option(
        help: ArgumentHelp(
            "With another deadline of a stage, after which its request is stuck.",
            valueName: "stage=span"
        )
    )
    var deadline: [String] = []

    @Option(
        help: ArgumentHelp(
            "With an event type that ends its request, or does not.",
            valueName: "type=yes|no"
        )
    )
    var terminal: [String] = []

    /// The changes.
    func changes() throws(CommandFailure) -> [PolicyChange] {
        var changes: [PolicyChange] = []
        for text in retryPolicy { changes.append(try Self.retry(text)) }
        for text in deadline {
            let (stage, value) = try Self.pair(text, of: "--deadline", "STAGE=SPAN")
            changes.append(.deadline(try Self.span(value, of: "--deadline"), stage: stage))
        }
        for text in terminal {
            let (type, value) = try Self.pair(text, of: "--terminal", "TYPE=yes or TYPE=no")
            guard value == "yes" || value == "no" else {
                throw CommandFailure(.usage, "--terminal: it must be TYPE=yes or TYPE=no")
            }
            changes.append(.terminal(value == "yes", eventType: type))
        }
        return changes
    }

    private static func retry(_ text: String) throws(CommandFailure) -> PolicyChange {
        var change = RetryPolicyChange()
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let stage = parts.count == 2 ? String(parts[0]) : nil
        for term in parts[parts.count - 1].split(separator: ",", omittingEmptySubsequences: false) {
            let (name, value) = try pair(String(term), of: "--retry-policy", "TERM=VALUE")
            switch name {
            case "max_attempts":
                let limit = RetryPolicy.attemptCountLimit
                change.attemptCountMax = try number(value, name, decimals: 0, in: 1...limit)
            case "initial_delay": change.initialDelay = try span(value, of: "--retry-policy")
            case "multiplier":
                change.multiplierThousandths =
                    try number(value, name, decimals: 3, in: 1_000...1_000_000)
            case "max_delay": change.delayMax = try span(value, of: "--retry-policy")
            case "jitter":
                change.jitterThousandths = try number(value, name, decimals: 3, in: 0...1_000)
            default:
                throw CommandFailure(
                    .usage,
                    "--retry-policy: there is no term '\(name)'; there are max_attempts, "
                        + "initial_delay, multiplier, max_delay and jitter"
                )
            }
        }
        return .retry(change, stage: stage)
    }

    private static func pair(
        _ text: String,
        of option: String,
        _ form: String
    ) throws(CommandFailure) -> (String, String) {
        // A span and a number have no sign of equality in them; a name may.
        guard let sign = text.lastIndex(of: "="), sign > text.startIndex else {
            throw CommandFailure(.usage, "\(option): '\(text)' is not \(form)")
        }
        return (String(text[..<sign]), String(text[text.index(after: sign)...]))
    }

    private static func span(
        _ text: String,
        of option: String
    ) throws(CommandFailure) -> TimeSpan {
        do {
            return try Arguments.span(text)
        } catch {
            throw CommandFailure(.usage, "\(option): '\(text)': \(error.message)")
        }
    }

    private static func number(
        _ text: String,
        _ name: String,
        decimals: Int,
        in range: ClosedRange<Int64>
    ) throws(CommandFailure) -> Int64 {
        let scale: Int64 = decimals == 0 ? 1 : 1_000
        let number = JSONNumber(text)?.integer(scaledByPowerOfTen: decimals)
        guard let number, range.contains(number) else {
            throw CommandFailure(
                .usage,
                "--retry-policy: \(name) must be from \(range.lowerBound / scale) to "
                    + "\(range.upperBound / scale)"
                    + (decimals == 0 ? "" : ", with at most 3 decimals")
            )
        }
        return number
    }
}
