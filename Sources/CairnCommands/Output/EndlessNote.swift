internal import CairnCore
internal import CairnIncident

extension OpenView {
    /// Says why `--incident` leaves out hardly any request where none ever ended.
    ///
    /// - Parameters:
    ///   - verb: The verb that takes the option.
    ///   - incident: What it was given; nil for nothing.
    ///   - now: The instant that ages count from.
    /// - Throws: ``CommandFailure``.
    func noteEndless(
        _ verb: String,
        _ incident: IncidentSpan?,
        now: Timestamp
    ) async throws(CommandFailure) {
        guard incident?.from != nil else { return }
        let lines = try await reading(path) { () async throws(IncidentError) in
            try await requests.lines(RequestQuery(), now: now)
        }
        guard !lines.contains(where: { $0.isTerminal || $0.reopenedCount > 0 }) else { return }
        Terminal.note(
            "cairn: \(verb): no event type ends a request here, so --incident leaves out none that "
                + "began before it; --pipeline takes a definition that says which types do"
        )
    }
}
