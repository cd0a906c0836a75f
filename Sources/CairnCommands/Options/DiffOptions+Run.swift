internal import CairnCore
internal import CairnIncident
internal import CairnLMDB

extension DiffOptions {
    /// Compares, and prints what was found.
    ///
    /// - Throws: ``CommandFailure``; with `--check`, exit code 1 where there is a difference.
    func run<Rules: InspectableMachine>(
        on subject: MachineSubject<Rules>
    ) async throws(CommandFailure) {
        let isDifferent =
            switch try comparison() {
            case .moments(let key, let from, let to):
                try await compareMoments(of: key, from, to, on: subject)
            case .two(let left, let right): try await compare(left, right, on: subject)
            }
        if check, isDifferent { throw CommandFailure.finding }
    }

    private func compareMoments<Rules: InspectableMachine>(
        of key: String,
        _ first: DiffMoment,
        _ second: DiffMoment,
        on subject: MachineSubject<Rules>
    ) async throws(CommandFailure) -> Bool {
        let stream = try subject.stream(key)
        let bound = try await subject.asking { view throws(IncidentError) in
            try await view.lastPosition()
        }
        let from = min(try first.position(in: subject.sight.journal), bound)
        let to = min(try second.position(in: subject.sight.journal), bound)
        guard from <= to else {
            throw CommandFailure(.usage, "the second moment, \(to), is before the first, \(from)")
        }
        let change = try await subject.asking { view throws(IncidentError) in
            try await view.change(of: stream, from: from, to: to)
        }
        let places = subject.machine.differences(
            from: change.before,
            to: change.after,
            includesSame: all
        )
        let events = subject.listing(emptyText: "")
        let rows = DifferenceListing(places)
        var details = Details()
        details.add(subject.keyName, .text(key))
        details.add("from_position", .count(from.rawValue))
        details.add("to_position", .count(to.rawValue))
        details.add("seen_before", .bool(change.before != nil), isInText: change.before == nil)
        details.add("seen_after", .bool(change.after != nil), isInText: change.after == nil)
        details.add("event_count", .count(UInt64(change.steps.count)))
        let members = change.steps.map { OutputValue.object(events.members(of: $0)) }
        details.add("events", .array(members), isInText: false)
        details.add("differences", rows.value, isInText: false)
        let table = change.steps.isEmpty ? "" : events.text(change.steps)
        try details.print(as: subject.sight.format, followedBy: [table, rows.text])
        return places.contains { !$0.isNone }
    }

    private func compare<Rules: InspectableMachine>(
        _ left: String,
        _ right: String,
        on subject: MachineSubject<Rules>
    ) async throws(CommandFailure) -> Bool {
        let (first, second) = (try subject.stream(left), try subject.stream(right))
        let comparison = try await subject.asking { view throws(IncidentError) in
            try await view.comparison(of: first, and: second)
        }
        let found = subject.machine.differences(
            from: comparison.left.state,
            to: comparison.right.state,
            includesSame: all
        )
        let places = all ? found : found.withoutTimes
        let rows = DifferenceListing(places)
        let report = HistoryReport(subject: subject, comparison: comparison)
        var details = Details()
        details.add(subject.keyName, .text(left))
        details.add("other_\(subject.keyName)", .text(right))
        details.add("event_count", .count(UInt64(comparison.left.steps.count)))
        details.add("other_event_count", .count(UInt64(comparison.right.steps.count)))
        details.add("common_count", .count(UInt64(comparison.alignment.commonCount)))
        details.add("common_start_count", .count(UInt64(comparison.commonStartCount)))
        details.add("parted", .bool(comparison.isParted))
        details.add("event", report.event(comparison.parting.left), isInText: false)
        details.add("other_event", report.event(comparison.parting.right), isInText: false)
        details.add(
            "alignment",
            events ? report.alignment : .text(nil),
            isInText: false
        )
        details.add("differences", rows.value, isInText: false)
        try details.print(
            as: subject.sight.format,
            followedBy: [
                report.partingText(left, right), events ? report.alignmentText : "", rows.text,
            ]
        )
        return comparison.isParted || places.contains { !$0.isNone }
    }
}
