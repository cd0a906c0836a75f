internal import CairnCore
internal import CairnIncident

/// Prints how requests went, or the keys of a machine, beside how they should have.
struct ConformanceListing: Sendable {
    /// What their names are called.
    let keyName: String
    /// What one of them is called; numbers of them are named after it.
    let noun: String
    /// Whether they are of a pipeline, and so have tenants and stages.
    let isOfPipeline: Bool

    static let ofRequests = ConformanceListing(
        keyName: "pagw_id",
        noun: "request",
        isOfPipeline: true
    )
    static let ofKeys = ConformanceListing(keyName: "key", noun: "key", isOfPipeline: false)

    private var countName: String { "\(noun)_count" }

    func print(_ report: DepartureReport, as format: OutputFormat) throws(CommandFailure) {
        let share =
            report.requestCount > 0
            ? Double(report.departingCount) / Double(report.requestCount) : 0
        var details = Details()
        details.add(countName, .integer(Int64(report.requestCount)))
        details.add("event_count", .integer(Int64(report.eventCount)))
        details.add("departed_count", .integer(Int64(report.departingCount)))
        details.add("share", format == .json ? Self.number(share) : Self.percent(share))
        details.add(
            "kinds",
            .array(report.totals.map { .object(totals.members(of: $0)) }),
            isInText: false
        )
        details.add(
            "departures",
            .array(report.requests.map(object)),
            isInText: false
        )
        let lines = report.requests.flatMap { request in
            request.departures.map { DepartureLine(request: request, departure: $0) }
        }
        try details.print(
            as: format,
            followedBy: [
                report.totals.isEmpty ? "" : totals.text(report.totals),
                lines.isEmpty ? "" : departures.text(lines),
                report.requests.count < report.departingCount
                    ? "and \(report.departingCount - report.requests.count) more: --limit names more\n"
                    : "",
            ]
        )
    }

    func print(_ report: VariantReport, as format: OutputFormat) throws(CommandFailure) {
        switch format {
        case .json:
            var details = Details()
            details.add(countName, .integer(Int64(report.requestCount)))
            details.add("variant_count", .integer(Int64(report.variantCount)))
            details.add(
                "variants",
                .array(report.variants.map { .object(variants.members(of: $0)) })
            )
            try details.print(as: .json)
        case .text:
            try variants.print(report.variants, as: .text)
            guard report.variants.count < report.variantCount else { return }
            try Terminal.write(
                "\nand \(report.variantCount - report.variants.count) more variants of "
                    + "\(report.requestCount) \(noun)s: --limit lists more\n"
            )
        }
    }

    /// A map for programs.
    func document(
        _ map: ProcessMap,
        _ kind: MapKind,
        _ source: String,
        path: String?
    ) -> Details {
        var details = Details()
        details.add("map", .text(kind.rawValue))
        details.add("path", .text(path))
        details.add(isOfPipeline ? "pipeline" : "machine", .text(map.pipeline))
        if isOfPipeline { details.add("by", .text(map.level.rawValue)) }
        details.add(countName, .integer(Int64(map.requestCount)))
        details.add("event_count", .integer(Int64(map.eventCount)))
        details.add("left_out_edge_count", .integer(Int64(map.droppedEdgeCount)))
        details.add("nodes", .array(map.nodes.map { .object(nodes.members(of: $0)) }))
        let named = map.edges.map { NamedEdge(map: map, edge: $0) }
        details.add("edges", .array(named.map { .object(edges.members(of: $0)) }))
        details.add("source", .text(source))
        return details
    }

    /// How large a map is, for people.
    static func size(of map: ProcessMap) -> String {
        let left =
            map.droppedEdgeCount > 0
            ? "; left out \(Wording.counted(map.droppedEdgeCount, "edge"))" : ""
        return "a map of \(Wording.counted(map.nodes.count, "node")) and "
            + Wording.counted(map.edges.count, "edge") + left
    }

    private static func number(_ share: Double) -> OutputValue {
        .decimal(OutputValue.number(share))
    }

    /// A share for people, such as `12.5%`.
    private static func percent(_ share: Double) -> OutputValue {
        let tenths = Int((share * 1_000).rounded())
        return .decimal("\(tenths / 10).\(tenths % 10)%")
    }

    private struct DepartureLine {
        let request: DepartingRequest
        let departure: Departure
    }

    private struct NamedEdge {
        let map: ProcessMap
        let edge: ProcessMap.Edge
    }

    private var totals: Listing<DepartureTotal> {
        Listing(
            columns: [
                .init("kind") { .text($0.kind.name) },
                .init("about") { .text($0.kind.isOfPath ? "path" : "rows") },
                .init(countName) { .integer(Int64($0.requestCount)) },
                .init("share", text: { Self.percent($0.share) }) { Self.number($0.share) },
                .init("event_count") { .integer(Int64($0.eventCount)) },
                .init("first_seen") { .time($0.firstSeen) },
                .init("last_seen") { .time($0.lastSeen) },
            ],
            emptyText: ""
        )
    }

    private var kinds: Listing<Departure> {
        let common: [Listing<Departure>.Column] = [
            .init("kind") { .text($0.kind.name) },
            .init("event_count") { .integer(Int64($0.eventCount)) },
            .init("at") { .time($0.at) },
            .init("position") { .count($0.position.rawValue) },
        ]
        let place: [Listing<Departure>.Column] =
            isOfPipeline
            ? [
                .init("sequence_no") { .integer($0.sequenceNumber) },
                .init("stage") { .text($0.stage) },
                .init("event_type") { .text($0.eventType) },
                .init("skipped_stage") { .text($0.skippedStage) },
            ]
            : [
                .init("sequence") { .integer($0.sequenceNumber) },
                .init("event") { .text($0.eventType) },
            ]
        return Listing(columns: common + place, emptyText: "")
    }

    private var departures: Listing<DepartureLine> {
        Listing(
            columns: [.init(keyName) { .text($0.request.requestID) }]
                + kinds.columns.map { column in .init(column.name) { column.value($0.departure) } },
            emptyText: ""
        )
    }

    private func object(_ request: DepartingRequest) -> OutputValue {
        let tenant: [(String, OutputValue)] =
            isOfPipeline ? [("tenant", .text(request.tenant))] : []
        return .object(
            [(keyName, .text(request.requestID))] + tenant
                + [("kinds", .array(request.departures.map { .object(kinds.members(of: $0)) }))]
        )
    }

    private var variants: Listing<Variant> {
        Listing(
            columns: [
                .init("rank") { .integer(Int64($0.rank)) },
                .init(countName) { .integer(Int64($0.requestCount)) },
                .init("share", text: { Self.percent($0.share) }) { Self.number($0.share) },
                .init("cumulative_share", text: { Self.percent($0.cumulativeShare) }) {
                    Self.number($0.cumulativeShare)
                },
                .init("departed_count") { .integer(Int64($0.departingCount)) },
                .init("median_ms") { .fractionalMilliseconds($0.duration.medianMilliseconds) },
                .init("p95_ms") { .fractionalMilliseconds($0.duration.percentile95Milliseconds) },
                .init("step_count") { .integer(Int64($0.steps.count)) },
                .init("example") { .text($0.exampleID) },
                .init("steps", text: { .text($0.steps.joined(separator: " > ")) }) {
                    .list($0.steps)
                },
            ],
            emptyText: "no such \(noun)s"
        )
    }

    private var nodes: Listing<ProcessMap.Node> {
        Listing(
            columns: [
                .init("name") { .text($0.name) },
                .init("listed") { .bool($0.isListed) },
                .init("event_count") { .integer(Int64($0.eventCount)) },
                .init(countName) { .integer(Int64($0.requestCount)) },
                .init("visit_count") { .integer(Int64($0.visitCount)) },
                .init("avg_ms") { .meanMilliseconds($0.time?.meanMilliseconds) },
                .init("median_ms") { Self.milliseconds($0.time?.medianMilliseconds) },
                .init("p95_ms") { Self.milliseconds($0.time?.percentile95Milliseconds) },
            ],
            emptyText: ""
        )
    }

    private var edges: Listing<NamedEdge> {
        Listing(
            columns: [
                .init("from") { line in .text(line.edge.from.map { line.map.nodes[$0].name }) },
                .init("to") { line in .text(line.edge.to.map { line.map.nodes[$0].name }) },
                .init("declared") { .bool($0.edge.isDeclared) },
                .init("count") { .integer(Int64($0.edge.count)) },
                .init(countName) { .integer(Int64($0.edge.requestCount)) },
                .init("avg_ms") { .meanMilliseconds($0.edge.time?.meanMilliseconds) },
                .init("median_ms") { Self.milliseconds($0.edge.time?.medianMilliseconds) },
                .init("p95_ms") { Self.milliseconds($0.edge.time?.percentile95Milliseconds) },
            ],
            emptyText: ""
        )
    }

    private static func milliseconds(_ value: Double?) -> OutputValue {
        value.map { .fractionalMilliseconds($0) } ?? .decimal(nil)
    }
}
