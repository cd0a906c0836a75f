import CairnCore
import CairnDomains
import CairnIncident
import CairnTesting
import Testing

/// Departures, variants and maps beside their naive twins, on histories that a seed repeats.
struct ConformanceRandomTests {
    static let seeds: Range<UInt64> = 1..<13

    /// A closed definition with two ways to one stage, a stage that none leads to, and an end.
    static let closed = PipelineDefinition(
        name: "closed",
        isOpen: false,
        stages: [
            .init("PARSING", aliases: ["PARSER"], deadline: .seconds(600)),
            .init("VALIDATION", follows: ["PARSING"]),
            .init("CHECK", follows: ["PARSING"]),
            .init("API_CONNECTOR", deadline: .seconds(60), follows: ["CHECK", "VALIDATION"]),
            .init("LATER", follows: ["API_CONNECTOR"]),
            .init("SUBSCRIPTION_HANDLER", follows: ["LATER"]),
            .init("NOWHERE", follows: ["NOWHERE"]),
        ],
        eventTypes: [
            .init("PARSE_START", stage: "PARSING", status: .started),
            .init("PARSE_OK", stage: "PARSING", status: .completed, startedBy: "PARSE_START"),
            .init("PARSE_ODD", stage: "PARSING", status: .started),
            .init("VAL_SKIPPED", stage: "VALIDATION", status: .skipped, mayComeAnytime: true),
            .init("NOTIFY_OK", stage: "SUBSCRIPTION_HANDLER", status: .completed, isTerminal: true),
        ]
    )

    struct Question {
        let view: PipelineView
        let query: ConformanceQuery
        let now: Timestamp
        let limit: Int
        let naive: NaivePaths

        init(seed: UInt64) async throws {
            var random = SeededGenerator(seed: seed &* 37)
            let whole = History.random(seed: seed)
            let bound = UInt64.random(in: 1...UInt64(whole.rows.count + 2), using: &random)
            view = PipelineView(
                try await whole.journal(),
                asOf: Position(rawValue: bound),
                definition: seed % 2 == 0 ? .priorAuthorization : ConformanceRandomTests.closed
            )
            var query = ConformanceQuery()
            func time() -> Timestamp { History.time(minutes: .random(in: 0...90, using: &random)) }
            if .random(in: 0..<3, using: &random) == 0 { query.since = time() }
            if .random(in: 0..<3, using: &random) == 0 { query.until = time() }
            if .random(in: 0..<3, using: &random) == 0 { query.tenant = "anthem" }
            if .random(in: 0..<4, using: &random) == 0 {
                query.predicate = try Predicate("attempt_max > 2 and event_count > 3")
            }
            self.query = query
            now = History.time(minutes: .random(in: 0...140, using: &random))
            limit = Int.random(in: 0...12, using: &random)
            naive = try await NaivePaths(whole.upTo(bound), view, query, now: now)
        }
    }

    @Test(arguments: seeds)
    func `departures are those that the rows show`(seed: UInt64) async throws {
        let question = try await Question(seed: seed)
        let naive = question.naive
        for wanted in [nil, ["late_row", "deadline_overrun"] as Set] {
            let report = try await question.view.departures(
                question.query,
                kinds: wanted.map { names in
                    Set(DepartureKind.allCases.filter { names.contains($0.name) })
                },
                limit: question.limit,
                now: question.now
            )
            let all = naive.requests.map { request in
                (
                    request,
                    naive.departures(of: request).filter { wanted?.contains($0.kind) ?? true }
                )
            }
            #expect(report.requestCount == all.count)
            #expect(report.eventCount == all.reduce(0) { $0 + $1.0.rows.count })
            var totals: [String] = []
            for kind in Set(all.flatMap { $0.1.map(\.kind) }) {
                let found = all.map { $0.1.filter { $0.kind == kind } }.filter { !$0.isEmpty }
                let times = found.joined().map(\.at)
                totals.append(
                    "\(kind) \(found.count) \(times.count) \(times.min()!) \(times.max()!) "
                        + "\(Double(found.count) / Double(all.count))"
                )
            }
            let shown = report.totals.map { total in
                "\(total.kind.name) \(total.requestCount) \(total.eventCount) \(total.firstSeen) "
                    + "\(total.lastSeen) \(total.share)"
            }
            #expect(shown.sorted() == totals.sorted(), "seed \(seed)")
            let departing = all.map { request, found in
                (
                    request,
                    found.filter { wanted != nil || !NaivePaths.ofRows.contains($0.kind) }
                )
            }.filter { !$0.1.isEmpty }
            #expect(report.departingCount == departing.count)
            let lines = departing.sorted { left, right in
                let (one, other) = (left.1.map(\.at).max()!, right.1.map(\.at).max()!)
                return one == other
                    ? left.0.id.utf8.lexicographicallyPrecedes(right.0.id.utf8) : one > other
            }.prefix(question.limit).map { request, found in
                "\(request.id) \(request.tenant) " + Self.summary(found)
            }
            let listed = report.requests.map { request in
                let kinds = request.departures.map { departure in
                    "\(departure.kind.name) \(departure.eventCount) \(departure.position) "
                        + "\(departure.sequenceNumber) \(departure.at) \(departure.eventType) "
                        + "\(departure.skippedStage ?? "-")"
                }
                return "\(request.requestID) \(request.tenant) "
                    + kinds.sorted().joined(separator: "; ")
            }
            #expect(listed == Array(lines), "seed \(seed)")
        }
    }

    private static func summary(_ found: [NaivePaths.Found]) -> String {
        Dictionary(grouping: found, by: \.kind).values.compactMap { found in
            found.min { $0.place < $1.place }.map { first in
                "\(first.kind) \(found.count) \(first.row.position) \(first.row.number) \(first.at) "
                    + "\(first.row.event.eventType) \(first.skipped ?? "-")"
            }
        }.sorted().joined(separator: "; ")
    }

    @Test(arguments: seeds)
    func `variants are the histories, each counted once`(seed: UInt64) async throws {
        let question = try await Question(seed: seed)
        let naive = question.naive
        // Of departures all times count here.
        let whole = try await question.view.departures(limit: .max, now: question.now)
        let departed = Set(whole.requests.map(\.requestID))
        for (level, folded) in [(PathLevel.stage, false), (.stage, true), (.type, true)] {
            let report = try await question.view.variants(
                question.query,
                by: level,
                foldsRepeats: folded,
                limit: .max,
                now: question.now
            )
            let groups = Dictionary(grouping: naive.requests) { request in
                naive.visits(of: request, by: level, folded: folded).map(\.name)
                    .joined(separator: ">")
            }
            #expect(report.variantCount == groups.count)
            #expect(report.requestCount == naive.requests.count)
            #expect(report.variants.reduce(0) { $0 + $1.requestCount } == report.requestCount)
            if let last = report.variants.last { #expect(last.cumulativeShare == 1) }
            #expect(report.variants.map(\.rank) == Array(report.variants.indices.map { $0 + 1 }))
            let counts = report.variants.map(\.requestCount)
            #expect(counts == counts.sorted(by: >))
            for variant in report.variants {
                let group = try #require(groups[variant.steps.joined(separator: ">")])
                #expect(variant.requestCount == group.count)
                #expect(group.last?.id == variant.exampleID)
                let spans = group.map { request in
                    let times = request.rows.map(\.event.createdAt.nanoseconds)
                    return times.max()! - times.min()!
                }
                #expect(
                    variant.duration.percentile95Milliseconds
                        == NaivePaths.percentile(0.95, spans) / 1e6
                )
                #expect(
                    variant.duration.medianMilliseconds == NaivePaths.percentile(0.5, spans) / 1e6
                )
                #expect(
                    variant.duration.meanMilliseconds.sum == spans.reduce(0) { $0 + Int128($1) }
                )
                #expect(variant.departingCount == group.filter { departed.contains($0.id) }.count)
            }
        }
    }

    @Test(arguments: seeds)
    func `a map has each step from a row to the next`(seed: UInt64) async throws {
        let question = try await Question(seed: seed)
        let naive = question.naive
        for (level, folded) in [(PathLevel.stage, false), (.stage, true), (.type, false)] {
            let map = try await question.view.processMap(
                question.query,
                by: level,
                foldsRepeats: folded,
                now: question.now
            )
            var edges: [String: (count: Int, requests: Set<String>, times: [Int64])] = [:]
            var visitCount = 0
            func add(_ key: String, _ id: String, odd: Bool, _ time: Int64?) {
                let key = "\(key) \(odd)"
                var edge = edges[key] ?? (0, [], [])
                edge.count += 1
                edge.requests.insert(id)
                if let time { edge.times.append(time) }
                edges[key] = edge
            }
            for request in naive.requests {
                let visits = naive.visits(of: request, by: level, folded: folded)
                visitCount += visits.count
                for (place, visit) in visits.enumerated() {
                    let odd = (visit.first...visit.last).contains { row in
                        request.anomalies[row].contains { !NaivePaths.ofRows.contains($0.name) }
                    }
                    let before = place > 0 ? visits[place - 1] : nil
                    let time = before.map {
                        request.rows[visit.first].event.createdAt.nanoseconds
                            - request.rows[$0.last].event.createdAt.nanoseconds
                    }
                    add("\(before?.name ?? "^")>\(visit.name)", request.id, odd: odd, time)
                }
                add(
                    "\(visits.last!.name)>$",
                    request.id,
                    odd: !request.isTerminal && naive.shouldEnd(request),
                    nil
                )
            }
            let expected = edges.map { key, edge in
                "\(key) \(edge.count) \(edge.requests.count) "
                    + (edge.times.isEmpty
                        ? "-" : "\(NaivePaths.percentile(0.95, edge.times) / 1e6)")
            }
            let found = map.edges.map { edge in
                "\(edge.from.map { map.nodes[$0].name } ?? "^")>"
                    + "\(edge.to.map { map.nodes[$0].name } ?? "$") \(!edge.isDeclared) "
                    + "\(edge.count) \(edge.requestCount) "
                    + (edge.time.map { "\($0.percentile95Milliseconds)" } ?? "-")
            }
            #expect(found.sorted() == expected.sorted(), "seed \(seed)")
            let inner = map.edges.filter { $0.from != nil && $0.to != nil }
            #expect(inner.reduce(0) { $0 + $1.count } == visitCount - map.requestCount)
            #expect(map.nodes.reduce(0) { $0 + $1.eventCount } == map.eventCount)
            #expect(map.nodes.reduce(0) { $0 + $1.visitCount } == visitCount)
            if !folded { #expect(visitCount == map.eventCount) }
            // The same once more, whatever the order of a hash table.
            let again = try await question.view.processMap(
                question.query,
                by: level,
                foldsRepeats: folded,
                now: question.now
            )
            #expect(again.mermaid == map.mermaid)
            #expect(try again.svg() == (try map.svg()))
        }
    }
}
