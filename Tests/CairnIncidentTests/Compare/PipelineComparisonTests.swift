import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import CairnServices
import Testing

/// What becomes of requests by another definition.
struct PipelineComparisonTests {
    private static let now = History.time(minutes: 60)

    /// One request that has ended, one in parsing under an alias, one that failed, one validated.
    private static var history: History {
        var history = History()
        history.add("R-1", "PARSE_START", .started, minutes: 0)
        history.add("R-1", "NOTIFY_OK", .completed, minutes: 1, stage: "SUBSCRIPTION_HANDLER")
        history.add("R-2", "PARSE_START", .started, minutes: 2, stage: "PARSER", tenant: "bcbs")
        history.add("R-3", "PARSE_START", .started, minutes: 3)
        history.add("R-3", "PARSE_FAIL", .failed, minutes: 4) {
            ($0.attempt, $0.nextRetryAt) = (2, History.time(minutes: 10))
        }
        history.add("R-4", "PARSE_START", .started, minutes: 56)
        history.add("R-4", "PARSE_OK", .completed, minutes: 57)
        history.add("R-4", "VAL_START", .started, minutes: 57, stage: "VALIDATION")
        return history
    }

    private func report(
        asOf position: UInt64? = nil,
        _ change: (inout PipelineDefinition) -> Void
    ) async throws -> PipelineComparisonReport {
        try await comparison(asOf: position, change).report(now: Self.now)
    }

    private func comparison(
        asOf position: UInt64? = nil,
        _ change: (inout PipelineDefinition) -> Void
    ) async throws -> PipelineComparison {
        var definition = PipelineDefinition.priorAuthorization
        change(&definition)
        return PipelineComparison(
            try await Self.history.journal(),
            from: .priorAuthorization,
            to: definition,
            asOf: position.map { Position(rawValue: $0) }
        )
    }

    private func told(_ report: PipelineComparisonReport) -> [String] {
        report.breaks.map {
            "\($0.value.kind.rawValue) \($0.value.word) \($0.requestCount) \($0.example)"
        }
            + report.answers.map {
                "\($0.value.kind.rawValue) \($0.value.before) > \($0.value.after) "
                    + "\($0.requestCount) \($0.example)"
            }
    }

    @Test func `equal definitions find nothing`() async throws {
        let report = try await report { _ in }
        #expect(report.isEqual && report.definition.isEmpty)
        #expect(report.requests.streamCount == 4 && report.requests.inFlightCount == 3)
    }

    @Test func `an alias that is gone breaks the request that came under it`() async throws {
        let report = try await report { $0.stage("PARSING") { $0.aliases = [] } }
        #expect(told(report).first == "alias_gone PARSER 1 R-2")
        #expect(report.definition.map { "\($0.path)" } == ["stages.PARSING.aliases"])
        let group = try #require(report.requests.groups.first)
        #expect(group.cause.members.map(\.value) == [.string("PARSER"), .string("PARSE_START")])
        #expect(group.cause.fields.contains("stages.PARSING"))
        #expect(group.cause.fields.contains("stages.PARSER"))
        #expect(report.requests.streams.map(\.position.rawValue) == [3])
    }

    @Test func `a stage and an event type that are gone break who is in them`() async throws {
        let stage = try await report { $0.stages.removeAll { $0.name == "VALIDATION" } }
        #expect(told(stage).first == "stage_gone VALIDATION 1 R-4")
        let type = try await report { $0.eventTypes.removeAll { $0.name == "PARSE_FAIL" } }
        #expect(told(type) == ["event_type_gone PARSE_FAIL 1 R-3"])
        let early = try await report(asOf: 4) {
            $0.eventTypes.removeAll { $0.name == "PARSE_FAIL" }
        }
        #expect(early.isEqual)
    }

    @Test func `an end that is none opens what had ended`() async throws {
        let report = try await report { $0.type("NOTIFY_OK") { $0.isTerminal = false } }
        #expect(told(report).first == "end_gone NOTIFY_OK 1 R-1")
        #expect(told(report).contains("ended yes > no 1 R-1"))
        #expect(report.requests.inFlightCount == 4)
        let other = try await self.report { $0.type("PARSE_FAIL") { $0.isTerminal = true } }
        #expect(told(other).contains("ended no > yes 1 R-3"))
        #expect(other.breaks.isEmpty)
    }

    @Test func `deadlines and retries change what is said of requests in flight`() async throws {
        let stuck = try await report { $0.stage("VALIDATION") { $0.deadline = .seconds(60) } }
        #expect(told(stuck) == ["stuck no > waiting 1 R-4"])
        #expect(stuck.requests.isEqual && !stuck.isEqual)
        let retries = try await report { $0.retry.attemptCountMax = 2 }
        #expect(told(retries) == ["retry_allowed yes > no 1 R-3"])
        let due = try await report { $0.type("PARSE_FAIL") { $0.isTerminal = true } }
        #expect(told(due).contains("retry_due yes > no 1 R-3"))
    }

    @Test func `the stages that may come next are compared`() async throws {
        let report = try await report {
            $0.stage("CONVERSION") { $0.follows = ["PARSING"] }
            $0.stages.append(.init("ARCHIVE", follows: ["NOTHING"]))
        }
        #expect(told(report) == ["next_stages none > CONVERSION 2 R-2"])
    }

    @Test func `requests are chosen by tenant, state and whether they are in flight`() async throws
    {
        var comparison = try await comparison { $0.isOpen = false }
        comparison.tenant = "bcbs"
        #expect(try await comparison.report(now: Self.now).requests.streamCount == 1)
        comparison.tenant = nil
        comparison.predicate = try Predicate("pagw_id in (R-1, R-3) and event_count == 2")
        #expect(try await comparison.report(now: Self.now).requests.streamCount == 2)
        comparison.isInFlightOnly = true
        let report = try await comparison.report(now: Self.now)
        #expect(report.requests.streamCount == 1 && report.requests.inFlightCount == 1)
    }

    @Test func `answers are told of chosen requests alone`() async throws {
        var comparison = try await comparison {
            $0.stage("VALIDATION") { $0.deadline = .seconds(60) }
        }
        comparison.tenant = "bcbs"
        #expect(try await comparison.report(now: Self.now).isEqual)
        #expect(try await comparison.request("R-2", now: Self.now).isEqual)
        let found = try await comparison.request("R-4", now: Self.now)
        #expect(found.answers.map(\.kind) == [.stuck] && found.divergence == nil)
        await #expect(throws: IncidentError.unknownRequest("R-9")) {
            try await comparison.request("R-9", now: Self.now)
        }
    }

    @Test func `ignored fields may differ`() async throws {
        var comparison = try await comparison {
            $0.stage("PARSING") { $0.follows = [] }
        }
        let report = try await comparison.report(now: Self.now)
        let fields = report.requests.groups.map(\.cause.fields)
        // The rows have the stage under two words.
        #expect(
            fields
                == [[String]](
                    repeating: ["anomalies.out_of_order_stage", "anomaly_count"],
                    count: 2
                )
        )
        comparison.ignored = try ["anomalies", "anomaly_count"].map {
            try FieldPattern(ofRequests: $0)
        }
        #expect(try await comparison.report(now: Self.now).requests.isEqual)
        #expect(throws: FieldPatternError.unknownField("anomalie", near: ["anomalies"])) {
            try FieldPattern(ofRequests: "anomalie")
        }
        #expect(throws: FieldPatternError.notAPath("")) { try FieldPattern(ofRequests: "") }
    }

    @Test func `what was removed is compared no more`() async throws {
        let journal = try await Self.history.journal()
        try await PipelineRemover(journal).forget(request: "R-2")
        var definition = PipelineDefinition.priorAuthorization
        definition.stage("PARSING") { $0.aliases = [] }
        let comparison = PipelineComparison(journal, from: .priorAuthorization, to: definition)
        let report = try await comparison.report(now: Self.now)
        #expect(report.isEqual && report.requests.streamCount == 3)
        let before = PipelineComparison(
            journal,
            from: .priorAuthorization,
            to: definition,
            asOf: Position(rawValue: 8)
        )
        #expect(try await before.report(now: Self.now).requests.streams.count == 1)
        await #expect(throws: IncidentError.unknownRequest("R-2")) {
            try await comparison.request("R-2", now: Self.now)
        }
    }

    @Test func `definitions are compared by names, and in their orders`() {
        var definition = PipelineDefinition.priorAuthorization
        #expect(definition.differences(to: definition).isEmpty)
        definition.version = 2
        definition.retry.attemptCountMax = 9
        definition.stages.append(.init("ARCHIVE"))
        definition.type("PARSE_OK") { $0.startedBy = nil }
        definition.stages.swapAt(0, 1)
        let found = PipelineDefinition.priorAuthorization.differences(to: definition)
        #expect(
            found.map { "\($0.path)" } == [
                "version", "stages.ARCHIVE", "event_types.PARSE_OK.started_by",
                "retry.max_attempts",
                "stages",
            ]
        )
        #expect(found.first?.before == .number("1") && found.first?.after == .number("2"))
    }
}
