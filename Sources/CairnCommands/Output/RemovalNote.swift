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
                + Wording.counted(count, "event")
        )
    }

    /// Says how many events of a request were removed, whether or not there are others.
    ///
    /// - Throws: ``CommandFailure``.
    func noteRemovals(_ verb: String, of request: String) async throws(CommandFailure) {
        let count = try await reading(path) { () async throws(IncidentError) in
            do throws(IncidentError) {
                return try await requests.standing(of: request).removedCount
            } catch {
                switch error {
                case .removedRequest(_, _, let eventCount): return eventCount
                case .unknownRequest: return 0
                default: throw error
                }
            }
        }
        noteRemovals(verb, of: request, eventCount: count)
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
                + "\(Wording.counted(removals.streamCount, "request")) with "
                + Wording.counted(removals.eventCount, "event")
        )
    }
}
