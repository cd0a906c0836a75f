internal import CairnIncident

extension OpenView {
    /// Says beside what is shown of a request how many of its events are left out.
    ///
    /// - Parameters:
    ///   - verb: The verb that shows it.
    ///   - request: The request's id.
    ///   - count: How many; none is not worth a word.
    func noteRemovals(_ verb: String, of request: String, eventCount count: Int) {
        guard count > 0 else { return }
        Terminal.note(
            "cairn: \(verb): removed of request \(Terminal.printable(request)): "
                + TouchListing.counted(count, "event")
        )
    }

    /// Says beside a list of requests or their events what it leaves out.
    ///
    /// - Parameter verb: The verb that printed the list.
    /// - Throws: ``CommandFailure``.
    func noteRemovals(_ verb: String) async throws(CommandFailure) {
        let removals = try await reading(path) { () async throws(IncidentError) in
            try await requests.removals()
        }
        guard removals.streamCount > 0 else { return }
        Terminal.note(
            "cairn: \(verb): removed, of whatever tenant: "
                + "\(TouchListing.counted(removals.streamCount, "request")) with "
                + TouchListing.counted(removals.eventCount, "event")
        )
    }
}
