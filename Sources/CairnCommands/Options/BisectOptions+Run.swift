internal import CairnCore
internal import CairnIncident

extension BisectOptions {
    /// Looks for the event, and prints it.
    ///
    /// - Parameters:
    ///   - key: Of what; nil for all.
    ///   - subject: Where.
    /// - Throws: ``CommandFailure``, with exit code 66 where there is no such event.
    func run<Rules: InspectableMachine>(
        on key: String?,
        of subject: MachineSubject<Rules>
    ) async throws(CommandFailure) {
        let stream = try key.map { key throws(CommandFailure) in try subject.stream(key) }
        let query: BisectionQuery<Rules.Standing> = try query(of: stream, in: subject.sight)
        let result = try await subject.asking { view throws(IncidentError) in
            try await view.bisect(query)
        }
        guard let finding = result.finding else {
            throw CommandFailure(.notFound, absence(result))
        }
        let places = DifferenceListing(
            subject.machine.differences(from: finding.before, to: finding.after)
        )
        var details = Details()
        details.add(subject.keyName, .text(finding.stream.key))
        for (name, value) in subject.listing(emptyText: "").members(of: finding.step) {
            details.add(name, value)
        }
        let isOfAll = key == nil
        details.add("count_before", .count(UInt64(finding.countBefore)), isInText: isOfAll)
        details.add("count_after", .count(UInt64(finding.countAfter)), isInText: isOfAll)
        details.add("folds", .count(UInt64(result.foldCount)))
        details.add("events_read", .count(UInt64(result.eventCount)))
        details.add("states_asked", .count(UInt64(result.askedCount)))
        details.add("differences", places.value, isInText: false)
        try details.print(as: subject.sight.format, followedBy: [places.text])
    }

    /// Why no event was found.
    private func absence<Rules>(_ result: Bisection<Rules>) -> String {
        let wanted = untilFalse ? "false" : "true"
        let held = result.heldBefore == !untilFalse
        return "no event up to position \(result.end) makes it \(wanted)"
            + (held
                ? (lasting ? ": it is so from the start" : " again: it is so from the start") : "")
    }
}
