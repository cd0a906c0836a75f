import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import Testing

/// What a report's data says is what the folds of the same events say.
struct ReportTests {
    static let dayEnd = History.time(minutes: 24 * 60)

    @Test(arguments: 0..<16 as Range<UInt64>)
    func `states after every event are those of the machine`(seed: UInt64) async throws {
        let history = History.random(seed: seed)
        let report = try await PipelineView(history.journal()).report(now: Self.dayEnd)
        let reader = try ReportReader(report.json)
        let machine = PipelineMachine()
        #expect(reader.eventCount == history.rows.count)
        for (id, states) in zip(reader.ids, try reader.states()) {
            let rows = history.rows.filter { $0.requestID == id }
            try #require(rows.count == states.count, "seed \(seed), \(id)")
            var state = machine.initial
            var stages: [String: ReportReader.Fields] = [:]
            for (row, told) in zip(rows, states) {
                machine.evolve(&state, by: row.event)
                #expect(told.request == Self.fields(of: state), "seed \(seed), \(id)")
                stages[row.event.stage == "PARSER" ? "PARSING" : row.event.stage] = told.stage
                // No other stage than the event's own has changed.
                for stage in state.stages {
                    let known = stages[stage.name]
                    #expect(known == Self.fields(of: stage), "seed \(seed), \(id), \(stage.name)")
                }
            }
        }
    }

    /// The fields of a state as the page names them, from the state itself.
    private static func fields(of state: PipelineState) -> ReportReader.Fields {
        let current = state.current
        let failure = state.lastError
        let sequence = current.map { Int64($0.sequence.rawValue) }
        let starts = state.openStarts.joined(separator: ", ")
        var fields: [String: String?] = [
            "stage": current?.stage, "event_type": current?.eventType,
            "status": current?.status.word, "attempt": current.map { "\($0.attempt)" },
            "attempt_max": "\(state.attemptMax)",
            "retryable": current.map { $0.isRetryable ? "1" : "0" },
            "next_retry_at": text(current?.nextRetryAt),
            "sequence_no": (current?.sequenceNumber ?? sequence).map { "\($0)" },
            "created_at": text(current?.createdAt),
            "first_created_at": text(state.firstCreatedAt),
            "last_created_at": text(state.lastCreatedAt),
            "event_count": "\(state.eventCount)", "terminal": state.isTerminal ? "1" : "0",
            "reopened_count": "\(state.reopenedCount)",
            "open_starts": starts.isEmpty ? nil : starts, "error_stage": failure?.stage,
            "error_code": failure?.code, "error_message": failure?.message,
            "error_attempt": failure.map { "\($0.attempt)" },
            "error_created_at": text(failure?.createdAt),
            "anomaly_count": "\(state.anomalies.totalCount)",
        ]
        for kind in PipelineAnomaly.Kind.allCases {
            fields["anomalies.\(kind.name)"] = "\(state.anomalies[kind])"
        }
        return fields.compactMapValues(\.self)
    }

    private static func fields(of stage: PipelineStageState) -> ReportReader.Fields {
        let fields: [String: String?] = [
            "status": stage.status.word, "attempt": "\(stage.attempt)",
            "attempt_max": "\(stage.attemptMax)", "retryable": stage.isRetryable ? "1" : "0",
            "next_retry_at": text(stage.nextRetryAt), "event_count": "\(stage.eventCount)",
            "failure_count": "\(stage.failureCount)", "started_at": text(stage.startedAt),
            "ended_at": text(stage.endedAt),
            "duration_ms": stage.lastDurationMilliseconds.map { "\($0)" },
            "total_duration_ms": "\(stage.totalDurationMilliseconds)",
            "error_code": stage.lastError?.code,
        ]
        return fields.compactMapValues(\.self)
    }

    private static func text(_ time: Timestamp?) -> String? {
        time.map { "\($0.nanoseconds / 1_000)" }
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func `the list and the counts are those of the queries`(seed: UInt64) async throws {
        let history = History.random(seed: seed)
        let view = PipelineView(try await history.journal())
        let reader = try ReportReader(try await view.report(now: Self.dayEnd).json)
        let rows = try await view.requests(now: Self.dayEnd)
        let states = Dictionary(rows.map { (ExactID($0.requestID), $0) }, uniquingKeysWith: { $1 })
        let statuses = reader.column("requests", "s.status")
        let reasons = reader.column("requests", "reason")
        let stuck = try await view.stuck(now: Self.dayEnd)
        #expect(reader.requestCount == rows.count)
        for (index, id) in reader.ids.enumerated() {
            let status = statuses[index].map { reader.words[Int($0)] }
            #expect(status == states[ExactID(id)]?.state.current?.status.word)
            let reason = stuck.first { ExactID($0.requestID) == ExactID(id) }?.reason.rawValue
            #expect(reasons[index].map { reader.words[Int($0)] } == reason)
        }
        let failures = history.rows.count { $0.event.status == .failed }
        #expect(reader.numbers("buckets", "failures").reduce(0, +) == Int64(failures))
        #expect(reader.numbers("buckets", "events").reduce(0, +) == Int64(history.rows.count))
        let groups = (reader.root["failures"]?.elements ?? []).compactMap {
            $0["events"]?.integer
        }
        #expect(groups.reduce(0, +) == Int64(failures))
        #expect(groups == groups.sorted(by: >))
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func `the durations of a stage are those of its completed events`(seed: UInt64) async throws {
        let history = History.random(seed: seed)
        let report = try await PipelineView(history.journal()).report(now: Self.dayEnd)
        let reader = try ReportReader(report.json)
        let start = try #require(reader.root["buckets"]?["start"]?.integer)
        let width = try #require(reader.root["buckets"]?["width"]?.integer)
        let count = try #require(reader.root["buckets"]?["count"]?.integer)
        var durations: [String: [Int64: [Int64]]] = [:]
        for row in history.rows where row.event.status == .completed {
            guard let duration = row.event.durationMilliseconds else { continue }
            let stage = row.event.stage == "PARSER" ? "PARSING" : row.event.stage
            let stretch = (row.event.createdAt.nanoseconds / 1_000 - start) / width
            durations[stage, default: [:]][stretch, default: []].append(duration)
        }
        let lanes = try #require(reader.root["lanes"]?.elements)
        let told = try #require(reader.root["buckets"]?["lanes"]?.elements)
        #expect(lanes.count == told.count)
        for (lane, told) in zip(lanes, told) {
            let name = reader.words[Int(try #require(lane.integer))]
            let stretches = durations.removeValue(forKey: name) ?? [:]
            let all = stretches.values.flatMap(\.self)
            #expect(told["count"]?.integer == Int64(all.count), "seed \(seed), \(name)")
            #expect(told["max"]?.integer == all.max(), "seed \(seed), \(name)")
            #expect(told["p95"]?.double == Self.percentile95(all), "seed \(seed), \(name)")
            let expected = (0..<count).map { Self.percentile95(stretches[$0] ?? []) }
            let values = (told["p95s"]?.elements ?? []).map(\.double)
            #expect(values == (all.isEmpty ? [] : expected), "seed \(seed), \(name)")
        }
        #expect(durations.isEmpty)
    }

    /// `PERCENTILE_CONT(0.95)`, by its definition.
    private static func percentile95(_ values: [Int64]) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        let place = 0.95 * Double(sorted.count - 1)
        let lower = Double(sorted[Int(place)])
        let upper = Double(sorted[min(Int(place) + 1, sorted.count - 1)])
        return lower + (place - Double(Int(place))) * (upper - lower)
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func `what was stuck at an instant is what would have been listed then`(
        seed: UInt64
    ) async throws {
        let history = History.random(seed: seed)
        let now = Self.dayEnd
        let report = try await PipelineView(history.journal()).report(now: now)
        let reader = try ReportReader(report.json)
        let start = try #require(reader.root["buckets"]?["start"]?.integer)
        let width = try #require(reader.root["buckets"]?["width"]?.integer)
        for (index, count) in reader.numbers("buckets", "stuck").enumerated() {
            let end = Timestamp(nanoseconds: (start + Int64(index + 1) * width) * 1_000)
            var past = History()
            for row in history.rows where row.event.createdAt <= end {
                var event = row.event
                event.sequenceNumber = row.number
                past.add(row.requestID, event)
            }
            let listed = try await PipelineView(past.journal()).stuck(now: min(end, now))
            #expect(count == Int64(listed.count), "seed \(seed), stretch \(index)")
        }
    }

    @Test func `attempts, waits and gaps are what the events say`() async throws {
        var history = History()
        let stage = "API_CONNECTOR"
        history.add("R", "DOWNSTREAM_START", .started, minutes: 0, stage: stage)
        history.add("R", "DOWNSTREAM_TIMEOUT", .failed, minutes: 2, stage: stage) {
            $0.nextRetryAt = History.time(minutes: 9)
        }
        history.add("R", "DOWNSTREAM_START", .started, minutes: 10, stage: stage)
        history.add("R", "DOWNSTREAM_OK", .completed, minutes: 12, stage: stage)
        history.add("R", "CALLBACK_OK", .completed, minutes: 40, stage: "CALLBACK_HANDLER") {
            $0.durationMilliseconds = 60_000
        }
        history.add("R", "NOTIFY_START", .started, minutes: 41, stage: "SUBSCRIPTION_HANDLER")
        let report = try await PipelineView(history.journal()).report(now: Self.dayEnd)
        let reader = try ReportReader(report.json)
        let columns = ["kind", "first", "last"].map { reader.column("spans", $0) }
        let starts = reader.column("spans", "start").map { ($0 ?? 0) / 60_000_000 }
        let lengths = reader.column("spans", "length").map { ($0 ?? 0) / 60_000_000 }
        #expect(columns[0] == [0, 1, 0, 0, 0, 2])
        #expect(starts == [0, 2, 10, 39, 41, 12])
        #expect(lengths == [2, 8, 2, 1, 0, 27])
        #expect(columns[1] == [0, 1, 2, nil, 5, nil])
        #expect(columns[2] == [1, 2, 3, 4, nil, nil])
    }

    @Test func `a query chooses requests, and takes them whole`() async throws {
        var history = History()
        for (request, minutes) in [("A", 0), ("B", 30), ("C", 60)] as [(String, Int64)] {
            let tenant = request == "B" ? "bcbs" : "anthem"
            history.add(request, "PARSE_START", .started, minutes: minutes, tenant: tenant)
            history.add(request, "PARSE_OK", .completed, minutes: minutes + 10, tenant: tenant)
        }
        let view = PipelineView(try await history.journal())
        func ids(_ query: ReportQuery) async throws -> [String] {
            try ReportReader(try await view.report(query, now: Self.dayEnd).json).ids
        }
        #expect(try await ids(ReportQuery()) == ["A", "B", "C"])
        let since = ReportQuery(since: History.time(minutes: 40))
        // None of them has ended.
        #expect(try await ids(since) == ["A", "B", "C"])
        #expect(try await ids(ReportQuery(status: "COMPLETED", stage: "PARSER")).count == 3)
        #expect(try await ids(ReportQuery(status: "STARTED")) == [])
        let until = ReportQuery(until: History.time(minutes: 30))
        #expect(try await ids(until) == ["A"])
        #expect(try await ids(ReportQuery(tenant: "bcbs")) == ["B"])
        let predicate = try Predicate<RequestRow>(
            "pagw_id in (A, C) and first_created_at > "
                + "\"\(History.time(minutes: 5))\""
        )
        #expect(try await ids(ReportQuery(predicate: predicate)) == ["C"])
        #expect(try await ids(ReportQuery(requestIDs: ["C", "A", "C"])) == ["C", "A"])
        await #expect(throws: IncidentError.unknownRequest("D")) {
            try await view.report(ReportQuery(requestIDs: ["D"]), now: Self.dayEnd)
        }
        for query in [
            ReportQuery(eventCountMax: 5), ReportQuery(requestIDs: ["A"], eventCountMax: 1),
        ] {
            let error = IncidentError.tooManyEvents(max: query.eventCountMax)
            await #expect(throws: error) { try await view.report(query, now: Self.dayEnd) }
        }
        let nothing = try await view.report(ReportQuery(tenant: "none"), now: Self.dayEnd)
        #expect(nothing.requestCount == 0)
        #expect(try ReportReader(nothing.json).eventCount == 0)
    }

    static let hostile = [
        "</script><script>document.title='x'</script>", "<!--<script>", "]]>", "\u{2028}\u{2029}",
        "\u{202E}gpj.exe\u{2066}", "\u{FEFF}", "\"'\\ & &amp; \u{0}\u{1F}\u{7F}", "<img src=x>",
        "e\u{301}\u{1F4A5}",
    ]

    @Test func `no recorded text can leave the data`() async throws {
        var history = History()
        for (index, text) in Self.hostile.enumerated() {
            history.add("R\(index)\(text)", text, .other(text), minutes: Int64(index)) {
                $0.tenant = "t" + text
                $0.stage = "s" + text
                $0.errorCode = text
                $0.errorMessage = "m" + text
                $0.workerID = text
                var writer = JSONWriter()
                writer.beginObject()
                writer.member(text, text)
                writer.endObject()
                $0.metadata = writer.bytes
            }
        }
        let report = try await PipelineView(history.journal()).report(now: Self.dayEnd)
        let page = String(decoding: report.page, as: UTF8.self)
        #expect(Report.isPage(Array(report.page.prefix(Report.pageMarkByteCount))))
        // The data and the script, and nothing that a text has begun or ended.
        #expect(page.ranges(of: "<script").count == 2)
        #expect(page.ranges(of: "</script").count == 2)
        #expect(!page.contains("<!--"))
        let begin = try #require(page.firstRange(of: "id=\"data\">")).upperBound
        let end = try #require(page[begin...].firstRange(of: "</script>")).lowerBound
        let data = page[begin..<end]
        #expect(!data.unicodeScalars.contains { "<>&\u{7F}\u{FEFF}".unicodeScalars.contains($0) })
        #expect(!data.unicodeScalars.contains { (0x2000...0x207F).contains($0.value) })
        #expect(!data.unicodeScalars.contains { $0.value < 0x20 })
        let reader = try ReportReader(Array(data.utf8))
        let words = Set(reader.words.map { Array($0.utf8) })
        for text in Self.hostile {
            for word in [text, "t" + text, "s" + text, "m" + text] {
                #expect(words.contains(Array(word.utf8)), "\(word.debugDescription)")
            }
        }
    }

    @Test func `a page asks for nothing from anywhere`() async throws {
        let page = String(
            decoding: try await PipelineView(MemoryJournal()).report(now: Self.dayEnd).page,
            as: UTF8.self
        )
        #expect(page.contains("content=\"default-src 'none'; style-src 'unsafe-inline'; "))
        let addresses = page.ranges(of: "://").map { page[..<$0.lowerBound].suffix(5) }
        // The one is the name of a language, which nobody fetches.
        #expect(addresses.count == 1)
        #expect(page.contains("http://www.w3.org/2000/svg"))
        for word in ["fetch(", "XMLHttpRequest", "import(", "innerHTML", "eval(", "url(//"] {
            #expect(!page.contains(word), "\(word)")
        }
    }

    @Test func `numbers that double precision cannot hold are texts`() async throws {
        var history = History()
        history.add("R", "PARSE_START", .started, minutes: 0) {
            $0.sequenceNumber = .max
            $0.attempt = .max
        }
        history.add("R", "PARSE_OK", .completed, minutes: 1) {
            $0.sequenceNumber = .max - 1
            $0.attempt = 1
            $0.durationMilliseconds = .max
        }
        let report = try await PipelineView(history.journal()).report(now: Self.dayEnd)
        let reader = try ReportReader(report.json)
        #expect(reader.column("events", "number") == [.max, .max - 1])
        #expect(String(decoding: report.json, as: UTF8.self).contains("\"9223372036854775807\""))
        let states = try reader.states()
        #expect(states[0][0].request["attempt_max"] == "\(Int64.max)")
        #expect(states[0][1].stage["total_duration_ms"] == "\(Int64.max)")
    }
}

/// An id that is compared by its bytes.
private struct ExactID: Hashable {
    let bytes: [UInt8]

    init(_ text: String) { bytes = Array(text.utf8) }
}

extension ReportReader {
    /// The numbers of a list in an object.
    func numbers(_ table: String, _ name: String) -> [Int64] {
        (root[table]?[name]?.elements ?? []).compactMap(\.integer)
    }
}
