internal import CairnCore
internal import CairnIncident

/// Prints what becomes of requests by another definition.
enum CompareListing {
    /// Most differences of the definitions that people are shown; JSON has all of them.
    private static let definitionCountMax = 10

    /// Prints what becomes of all requests.
    ///
    /// - Parameters:
    ///   - report: What was found.
    ///   - limit: Most causes.
    ///   - format: The format.
    /// - Throws: ``CommandFailure``, as ``Terminal/write(_:)``.
    static func print(
        _ report: PipelineComparisonReport,
        limit: Int,
        as format: OutputFormat
    ) throws(CommandFailure) {
        switch format {
        case .json: try document(report, limit: limit).print(as: .json)
        case .text: try Terminal.write(text(report, limit: limit))
        }
    }

    private static func text(_ report: PipelineComparisonReport, limit: Int) -> String {
        var parts = [definitionText(report.definition), summary(report.requests)]
        if !report.breaks.isEmpty { parts.append(breaks.text(report.breaks)) }
        if !report.answers.isEmpty { parts.append(answers.text(report.answers)) }
        let groups = report.requests.groups
        if !groups.isEmpty {
            let hiddenCount = groups.count - min(groups.count, limit)
            parts.append(
                causes.text(Array(groups.prefix(limit)))
                    + (hiddenCount > 0 ? "and \(hiddenCount) more: --limit shows them\n" : "")
            )
        }
        return parts.joined(separator: "\n")
    }

    private static func definitionText(_ found: [Difference]) -> String {
        guard !found.isEmpty else { return "the definitions are equal\n" }
        let hiddenCount = found.count - min(found.count, definitionCountMax)
        let table = DifferenceListing(
            whole: Array(found.prefix(definitionCountMax)),
            heading: "definition"
        ).table
        return table
            + (hiddenCount > 0 ? "and \(hiddenCount) more: --format json names all\n" : "")
    }

    private static func summary(_ report: ComparisonReport) -> String {
        let whole =
            "\(Wording.counted(report.streamCount, "request")), "
            + "\(report.inFlightCount) in flight"
        guard !report.isEqual else { return "\(whole): all states are equal\n" }
        let inFlightCount = report.streams.count(where: \.isInFlight)
        let count = report.streams.count
        return "\(whole): \(count) \(count == 1 ? "differs" : "differ"), "
            + "\(inFlightCount) of them in flight\n"
    }

    private static func document(_ report: PipelineComparisonReport, limit: Int) -> Details {
        var details = Details()
        let requests = report.requests
        details.add("request_count", count(requests.streamCount))
        details.add("in_flight_count", count(requests.inFlightCount))
        details.add("diverged_count", count(requests.streams.count))
        details.add(
            "diverged_in_flight_count",
            count(requests.streams.count(where: \.isInFlight))
        )
        details.add("definition", DifferenceListing(whole: report.definition).value)
        details.add("breaks", rows(report.breaks, breaks))
        details.add("answers", rows(report.answers, answers))
        details.add("cause_count", count(requests.groups.count))
        details.add("causes", rows(Array(requests.groups.prefix(limit)), causes))
        return details
    }

    static func count(_ count: Int) -> OutputValue { .integer(Int64(count)) }

    static func rows<Row>(_ rows: [Row], _ listing: Listing<Row>) -> OutputValue {
        .array(rows.map { .object(listing.members(of: $0)) })
    }

    private static let breaks = Listing<CountedBreak>(
        columns: [
            .init("break") { .text($0.value.kind.rawValue) },
            .init("word") { .text($0.value.word) },
            .init("request_count") { count($0.requestCount) },
            .init("example") { .text($0.example) },
        ],
        emptyText: ""
    )

    private static let answers = Listing<CountedAnswer>(
        columns: [
            .init("answer") { .text($0.value.kind.rawValue) },
            .init("old") { .text($0.value.before) },
            .init("new") { .text($0.value.after) },
            .init("request_count") { count($0.requestCount) },
            .init("example") { .text($0.example) },
        ],
        emptyText: ""
    )

    private static let causes = Listing<DivergenceGroup>(
        columns: [
            .init("stage") { .value(member("stage", of: $0.cause)) },
            .init("event_type") { .value(member("event_type", of: $0.cause)) },
            .init("request_count") { count($0.streamCount) },
            .init("in_flight_count") { count($0.inFlightCount) },
            .init("healed_count") { count($0.healedCount) },
            .init("example") { .text($0.examples.first?.stream.key) },
            .init("position") {
                .integer($0.examples.first.map { Int64(clamping: $0.position.rawValue) })
            },
            .init("fields") { .array($0.cause.fields.map { .text($0) }) },
            .init("examples", isInText: false) {
                .array($0.examples.map { .object(members(of: $0)) })
            },
        ],
        emptyText: ""
    )

    private static func member(_ name: String, of cause: DivergenceCause) -> JSONValue {
        cause.members.first { $0.key == name }?.value ?? .null
    }

    /// A divergence for programs.
    static func members(
        of found: Divergence,
        _ keyName: String = "pagw_id"
    ) -> [(String, OutputValue)] {
        [
            (keyName, .text(found.stream.key)),
            ("position", .count(found.position.rawValue)),
            ("sequence", .count(found.sequence.rawValue)),
            ("event", .value(found.event)),
            ("differences", DifferenceListing(found.differences).value),
            ("final_differences", DifferenceListing(found.finalDifferences).value),
            ("healed", .bool(found.isHealed)),
        ]
    }
}
