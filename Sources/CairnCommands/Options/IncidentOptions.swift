internal import ArgumentParser
internal import CairnCore
internal import CairnIncident

/// Which requests a verb is about, by when they were under way.
struct IncidentOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Only requests under way in this time, such as 2h.. for the last two hours: with an "
                + "event created in it, or begun before and not ended when it began. Each end is a "
                + "time, or a span before now; the second is not part of it.",
            valueName: "from..to"
        ),
        transform: { try IncidentRange($0) }
    )
    var incident: IncidentRange?

    /// The time as instants; spans count back from now.
    ///
    /// - Throws: ``CommandFailure``, with exit code 64 where it ends before it begins.
    func span(now: Timestamp) throws(CommandFailure) -> IncidentSpan? {
        try incident?.span(now: now)
    }
}

/// A stretch of time, as `--incident` takes it.
struct IncidentRange: Hashable, Sendable {
    /// Where it begins; nil for the first event.
    let from: TimeBound?
    /// Where it ends; nil for the last event.
    let to: TimeBound?

    init(_ text: String) throws(ValidationError) {
        guard let dots = text.firstRange(of: "..") else {
            throw ValidationError("it is not FROM..TO, such as 2h.. or two times with .. between")
        }
        let (from, to) = (text[..<dots.lowerBound], text[dots.upperBound...])
        self.from = from.isEmpty ? nil : try TimeBound(String(from))
        self.to = to.isEmpty ? nil : try TimeBound(String(to))
    }

    /// The time as instants; spans count back from now.
    ///
    /// - Throws: ``CommandFailure``, with exit code 64 where it ends before it begins.
    func span(now: Timestamp) throws(CommandFailure) -> IncidentSpan {
        let span = IncidentSpan(from: from?.instant(now: now), until: to?.instant(now: now))
        if let from = span.from, let until = span.until, from >= until {
            throw CommandFailure(.usage, "--incident ends before it begins")
        }
        return span
    }
}
