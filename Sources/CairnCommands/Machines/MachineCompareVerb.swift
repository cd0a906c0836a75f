internal import ArgumentParser
internal import CairnCore
internal import CairnIncident

/// What a new machine makes of the streams that there are.
struct MachineCompareVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Says where keys would stand by the new rules, and why.",
        discussion: """
            Each key is folded by the old machine and by the new one, event by event. What differs \
            is grouped by the event at which a key differs first and by the fields that do; a key is \
            healed if it agrees again after its last event.

            For a deploy: the exit code is 0 where all keys agree, 1 where one differs, and another \
            one where there is no answer: 66 where no key fits at all.
            """
    )

    @Option(help: "Only this key, with all that differs.")
    var key: String?

    @OptionGroup var compared: CompareOptions

    @Option(
        name: .customLong("where"),
        help: ArgumentHelp(
            "Only keys of whose state this holds by the old machine, as 'list --where'.",
            valueName: "predicate"
        )
    )
    var predicate: String?

    @OptionGroup var clock: ClockOptions
    @OptionGroup var read: MachineOptions

    func validate() throws {
        guard key != nil else { return }
        try compared.check(
            naming: "key",
            predicate != nil || clock.now != nil,
            "--where, its --now"
        )
    }

    func run() async throws {
        let comparisons = IncidentTool.current?.comparisons ?? []
        let found = try read.chosen(among: comparisons, by: { $0.streamKind })
        try await found.compare(self, on: try read.sight.open())
    }

    /// Compares two machines whose types are known.
    func run<Old, New>(
        _ comparison: MachineComparison<Old, New>,
        on subject: MachineSubject<Old>
    ) async throws {
        var comparison = comparison
        comparison.ignored += try compared.ignored { text throws(NoPath) in
            guard let pattern = FieldPattern(text) else { throw NoPath(text: text) }
            return pattern
        }
        let listing = MachineCompareListing(keyName: subject.keyName)
        if let key {
            let found = try await subject.asking { _ throws(IncidentError) in
                try await comparison.divergence(of: key)
            }
            try listing.print(found, of: key, as: subject.sight.format)
            if found != nil { throw CommandFailure.finding }
            return
        }
        let predicate: Predicate<Old.Standing>? = try Arguments.predicate(predicate)
        let (chosen, old) = (comparison.isSelected, comparison.old)
        let now = clock.now ?? subject.sight.now
        if chosen != nil || predicate != nil {
            comparison.isSelected = { stream, oldState, newState in
                if let chosen, !chosen(stream, oldState, newState) { return false }
                guard let predicate else { return true }
                return predicate.matches(old.standing(oldState, of: stream, now: now))
            }
        }
        let report = try await report(of: comparison, on: subject)
        try listing.print(report, limit: compared.limitOrStandard, as: subject.sight.format)
        if !report.isEqual { throw CommandFailure.finding }
    }

    /// What becomes of the keys that are chosen.
    ///
    /// - Throws: ``CommandFailure``, with exit code 66 where there is none, as by a misspelled
    ///   choice; that none of them is in flight is an answer.
    private func report<Old, New>(
        of whole: MachineComparison<Old, New>,
        on subject: MachineSubject<Old>
    ) async throws(CommandFailure) -> ComparisonReport {
        var comparison = whole
        if compared.inFlight, let isInFlight = whole.isInFlight {
            let chosen = whole.isSelected
            comparison.isSelected = { stream, old, new in
                (chosen?(stream, old, new) ?? true) && isInFlight(old, new)
            }
        }
        let report = try await subject.asking { _ throws(IncidentError) in
            try await comparison.report()
        }
        if report.streamCount > 0 { return report }
        if compared.inFlight {
            let ofAll = try await subject.asking { _ throws(IncidentError) in
                try await whole.report()
            }
            if ofAll.streamCount > 0 { return report }
        }
        throw .noKey("compared")
    }
}

/// A field that may differ, and is none.
private struct NoPath: Error, CustomStringConvertible {
    let text: String

    var description: String { "'\(text)' is not a path such as seats.*.row" }
}
