internal import CairnCore
internal import CairnIncident

extension CompareListing {
    /// Prints what becomes of one request.
    static func print(
        _ found: RequestComparison,
        as format: OutputFormat
    ) throws(CommandFailure) {
        var details = Details()
        details.add("pagw_id", .text(found.requestID))
        details.add("in_flight", .bool(found.isInFlight))
        details.add("diverged", .bool(found.divergence != nil))
        let divergence = found.divergence
        details.add("position", .integer(divergence.map { Int64(clamping: $0.position.rawValue) }))
        details.add("sequence", .integer(divergence.map { Int64(clamping: $0.sequence.rawValue) }))
        details.add("stage", .value(divergence?.event["stage"] ?? .null), isInText: true)
        details.add("event_type", .value(divergence?.event["event_type"] ?? .null))
        details.add("event", .value(divergence?.event ?? .null), isInText: false)
        details.add("healed", divergence.map { .bool($0.isHealed) } ?? .text(nil))
        let first = divergence?.differences ?? []
        let last = divergence?.finalDifferences ?? []
        details.add("differences", DifferenceListing(first).value, isInText: false)
        details.add("final_differences", DifferenceListing(last).value, isInText: false)
        details.add("breaks", rows(found.breaks, breaksOfOne), isInText: false)
        details.add("answers", rows(found.answers, answersOfOne), isInText: false)
        try details.print(
            as: format,
            followedBy: [
                found.breaks.isEmpty ? "" : breaksOfOne.text(found.breaks),
                found.answers.isEmpty ? "" : answersOfOne.text(found.answers),
                DifferenceListing(first, heading: "after_this_event").table,
                last == first
                    ? "" : DifferenceListing(last, heading: "after_the_last").table,
            ]
        )
    }

    private static let breaksOfOne = Listing<PipelineBreak>(
        columns: [
            .init("break") { .text($0.kind.rawValue) }, .init("word") { .text($0.word) },
        ],
        emptyText: ""
    )

    private static let answersOfOne = Listing<PipelineAnswer>(
        columns: [
            .init("answer") { .text($0.kind.rawValue) },
            .init("old") { .text($0.before) },
            .init("new") { .text($0.after) },
        ],
        emptyText: ""
    )
}
