internal import CairnCore
internal import CairnIncident

/// Prints what becomes of a machine's streams by another machine.
struct MachineCompareListing {
    /// What the key of a stream is called.
    let keyName: String

    /// Prints what becomes of all streams.
    func print(
        _ report: ComparisonReport,
        limit: Int,
        as format: OutputFormat
    ) throws(CommandFailure) {
        let inFlightCount = report.streams.count(where: \.isInFlight)
        var details = Details()
        details.add("key_count", CompareListing.count(report.streamCount))
        details.add("in_flight_count", CompareListing.count(report.inFlightCount))
        details.add("diverged_count", CompareListing.count(report.streams.count))
        details.add("diverged_in_flight_count", CompareListing.count(inFlightCount))
        details.add("cause_count", CompareListing.count(report.groups.count))
        let shown = Array(report.groups.prefix(limit))
        details.add("causes", CompareListing.rows(shown, causes), isInText: false)
        let hiddenCount = report.groups.count - shown.count
        try details.print(
            as: format,
            followedBy: [
                shown.isEmpty
                    ? "all states are equal\n"
                    : causes.text(shown)
                        + (hiddenCount > 0 ? "and \(hiddenCount) more: --limit shows them\n" : "")
            ]
        )
    }

    /// Prints what becomes of one stream.
    func print(
        _ found: Divergence?,
        of key: String,
        as format: OutputFormat
    ) throws(CommandFailure) {
        var details = Details()
        details.add(keyName, .text(key))
        details.add("diverged", .bool(found != nil))
        details.add("position", .integer(found.map { Int64(clamping: $0.position.rawValue) }))
        details.add("sequence", .integer(found.map { Int64(clamping: $0.sequence.rawValue) }))
        details.add("type", .text(found?.type))
        details.add("event", .value(found?.event ?? .null))
        details.add("old_reading", .text(found?.cause.oldReading.rawValue))
        details.add("new_reading", .text(found?.cause.newReading.rawValue))
        details.add("healed", found.map { .bool($0.isHealed) } ?? .text(nil))
        let (first, last) = (found?.differences ?? [], found?.finalDifferences ?? [])
        details.add("differences", DifferenceListing(first).value, isInText: false)
        details.add("final_differences", DifferenceListing(last).value, isInText: false)
        try details.print(
            as: format,
            followedBy: [
                DifferenceListing(first, heading: "after_this_event").table,
                last == first
                    ? "" : DifferenceListing(last, heading: "after_the_last").table,
            ]
        )
    }

    private var causes: Listing<DivergenceGroup> {
        let keyName = keyName
        // People need no word of it where both machines read the event.
        @Sendable func reading(
            _ outcome: ReadingOutcome,
            of group: DivergenceGroup
        ) -> String? {
            group.cause.isOfReading ? outcome.rawValue : nil
        }
        return Listing(
            columns: [
                .init("type") { .text($0.cause.type) },
                .init("event") {
                    .value($0.cause.members.isEmpty ? .null : .object($0.cause.members))
                },
                .init("old_reading", text: { .text(reading($0.cause.oldReading, of: $0)) }) {
                    .text($0.cause.oldReading.rawValue)
                },
                .init("new_reading", text: { .text(reading($0.cause.newReading, of: $0)) }) {
                    .text($0.cause.newReading.rawValue)
                },
                .init("key_count") { CompareListing.count($0.streamCount) },
                .init("in_flight_count") { CompareListing.count($0.inFlightCount) },
                .init("healed_count") { CompareListing.count($0.healedCount) },
                .init("example") { .text($0.examples.first?.stream.key) },
                .init("position") {
                    .integer($0.examples.first.map { Int64(clamping: $0.position.rawValue) })
                },
                .init("fields") { .array($0.cause.fields.map { .text($0) }) },
                .init("examples", isInText: false) {
                    .array($0.examples.map { .object(CompareListing.members(of: $0, keyName)) })
                },
            ],
            emptyText: ""
        )
    }
}
