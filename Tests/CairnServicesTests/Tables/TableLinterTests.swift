import Cairn
import CairnTestSupport
import Testing

@testable import CairnServices

/// What a linter says of rows that have each kind of mistake, and of rows that have none.
struct TableLinterTests {
    let scratch: ScratchFolder

    init() throws {
        scratch = try ScratchFolder()
    }

    private func lint(
        _ table: SourceTable,
        _ text: String,
        tenant: String? = nil,
        definition: PipelineDefinition? = nil
    ) throws -> LintReport {
        let path = try scratch.file("rows", text)
        var options = ImportOptions()
        options.tenant = tenant
        let linter = TableLinter(table, options: options, definition: definition)
        let report = try linter.run([ImportInput(path: path)])
        #expect(report.limits.isEmpty)
        return report
    }

    /// Each kind with its count and the lines of its examples.
    private func summary(_ report: LintReport) -> [String] {
        report.findings.map { finding in
            let lines = finding.examples.map { example in
                if case .line(let line) = example.place { "\(line)" } else { "-" }
            }
            return "\(finding.kind.rawValue) \(finding.count): \(lines.joined(separator: " "))"
        }
    }

    private static let pipeline =
        "id,tenant,pagw_id,stage,event_type,status,sequence_no,attempt,created_at,metadata\n"

    private func row(
        _ id: Int,
        _ request: String,
        _ event: String,
        _ number: Int,
        attempt: Int = 1,
        second: Int = 0,
        metadata: String = ""
    ) -> String {
        "\(id),a,\(request),\(event),\(number),\(attempt),2025-12-25T10:00:\(10 + second)Z,\(metadata)\n"
    }

    @Test func `rows without a mistake have no finding`() throws {
        let text =
            Self.pipeline + row(1, "R", "PARSING,PARSE_START,STARTED", 1)
            + row(2, "R", "PARSING,PARSE_OK,COMPLETED", 2, second: 1, metadata: "{}")
        let report = try lint(.pipeline, text)
        #expect(summary(report) == [])
        #expect(report.rowCount == 2)
    }

    @Test func `rows that an import takes are not bad`() throws {
        let tables: [(SourceTable, TableSamples.Sample)] = [
            (.touch, TableSamples.touch), (.prompt, TableSamples.prompt),
            (.system, TableSamples.system), (.interaction, TableSamples.interaction),
        ]
        for (table, sample) in tables {
            for text in [sample.csv, sample.jsonl] {
                let report = try lint(table, text)
                #expect(report.findings.allSatisfy { $0.kind != .badRow })
                #expect(report.rowCount == sample.jsonl.split(separator: "\n").count)
            }
        }
    }

    @Test func `requests have their anomalies, keys, gaps and words`() throws {
        let rows = [
            row(1, "R", "PARSING,PARSE_START,STARTED", 1),
            row(2, "R", "PARSING,PARSE_OK,SUCCESS", 2, second: 1),
            // A number is left out, its time goes back, and nothing started it.
            row(3, "R", "VALIDATION,VAL_OK,COMPLETED", 5),
            // The number comes again.
            row(4, "R", "VALIDATION,VAL_OK,COMPLETED", 5, second: 2),
            // A row that comes late, under an id that was used.
            row(4, "R", "VALIDATION,VAL_START,STARTED", 4, second: 2),
            row(6, "S", "PARSING,PARSE_START,STARTED", 1, attempt: 2),
            row(7, "S", "PARSING,PARSE_FAIL,FAILURE", 2, attempt: 1, second: 3),
            row(8, "S", "PARSING,PARSE_OK,LOST", 3, attempt: 2, second: 3),
            row(9, "S", "PARSING,PARSE_START,FAILED", 4, attempt: 2, second: 3),
            "10,b,S,PARSING,PARSE_START,STARTED,5,2,2025-12-25T10:00:20Z,\n",
            "11,a,T,\(String(repeating: "x", count: 65)),X,STARTED,1,1,2025-12-25T10:00:20Z,"
                + "\"{\"\"dob\"\":1}\"\n", "12,a,T,S,X,STARTED,two,1,2025-12-25T10:00:20Z,\n",
            "13,a\n",
        ]
        let report = try lint(.pipeline, Self.pipeline + rows.joined())
        #expect(
            summary(report) == [
                "bad_row 2: 13 14", "duplicate_key 2: 5 6", "mixed_status 2: 3",
                "unknown_status 1: 9", "status_contradiction 1: 10", "tenant_mismatch 1: 11",
                "missing_start 1: 4", "attempt_regression 1: 8", "clock_inversion 1: 4",
                "late_row 1: 6", "sequence_gap 1: 4", "over_long_field 1: 12",
                "personal_data 1: 12",
            ]
        )
        let gap = report.findings.first { $0.kind == .sequenceGap }
        #expect(gap?.examples.first?.detail == "'R': 1 number between 1 and 5 is missing")
        let mixed = report.findings.first { $0.kind == .mixedStatus }
        #expect(
            mixed?.examples.first?.detail == "SUCCESS beside 3 rows with COMPLETED or FAILED"
        )
    }

    @Test func `words are compared with a definition that is given`() throws {
        let text = Self.pipeline + row(1, "R", "PARSING,PARSE_BEGIN,STARTED", 1)
        #expect(try lint(.pipeline, text).findings.isEmpty)
        var closed = PipelineDefinition.priorAuthorization
        closed.isOpen = false
        let report = try lint(.pipeline, text, definition: closed)
        #expect(summary(report) == ["unknown_word 1: 2"])
    }

    @Test func `touches have their parents`() throws {
        func row(_ id: Int, _ uid: String, _ parent: String?, _ time: Int) -> String {
            let event =
                parent.map { "{\"type\":\"send_stale\",\"parent\":\"\($0)\"}" }
                ?? "{\"type\":\"send_attempt\",\"queued_at\":0,\"channel\":\"sms\",\"event\":\"e\","
                + "\"event_parameters\":{\"to\":\"+15551234567\"}}"
            let cell = event.replacing("\"", with: "\"\"")
            return "\(id),utbl_\(uid),12,\"\(cell)\",\(time)\n"
        }
        let text =
            "id,uid,user_id,event,created_at\n" + row(1, "b", "utbl_a", 5) + row(2, "a", nil, 4)
            + row(3, "c", "utbl_a", 3) + row(4, "d", "utbl_x", 6) + row(5, "e", "utbl_x", 6)
            + row(5, "e", "utbl_a", 6) + "6,nobody,12,{},1\n"
        #expect(
            summary(try lint(.touch, text)) == [
                "bad_row 1: 8", "duplicate_key 2: 7 7", "orphan_parent 2: 5 6", "late_parent 1: 2",
                "clock_inversion 1: 4", "personal_data 1: 3",
            ]
        )
    }

    @Test func `sessions have their beginnings and ends`() throws {
        let text = """
            id,uid,interactive_prompt_session_id,evtype,data,prompt_time,created_at
            1,ipe_a,1,like,{},1.0,100.0
            2,ipe_b,1,join,{},2.0,101.0
            3,ipe_c,1,join,{},3.0,102.0
            4,ipe_d,1,like,{},4.0,101.0
            5,ipe_e,1,leave,{},5.0,105.0
            6,ipe_f,1,like,{},6.0,106.0
            7,ipe_f,2,join,{},0.0,107.0
            8,ipe_g,2,leap,{},0.0,106.0

            """
        #expect(
            summary(try lint(.prompt, text)) == [
                "bad_row 1: 9", "duplicate_key 2: 8 4", "missing_start 1: 2", "after_end 1: 7",
                "clock_inversion 1: 4",
            ]
        )
    }

    @Test(arguments: [1, 300])
    func `sessions are followed as an import appends them, and not as they are listed`(
        sessionCount: Int
    ) throws {
        let rows = (1...sessionCount).flatMap { session in
            let first = 4 * session
            return [
                "\(first),ipe_\(session)_a,\(session),join,{},-1.5,\(100 + session)\n",
                "\(first + 1),ipe_\(session)_b,\(session),like,{},1,\(100 + session)\n",
                "\(first + 2),ipe_\(session)_c,\(session),like,{},3,\(103 + session)\n",
                "\(first + 3),ipe_\(session)_d,\(session),leave,{},3,\(103 + session)\n",
            ]
        }
        let path = try scratch.file(
            "rows",
            line(.prompt, nil, "", "") + rows.reversed().joined()
                + "3,ipe_x,1,like,{},4,2000\n"
        )
        var options = ImportOptions()
        options.sortByteCountMax = 1 << 16
        options.temporaryFolder = scratch.path
        let report = try TableLinter(.prompt, options: options).run([ImportInput(path: path)])
        // The last row goes on in a session that was left, and is found nowhere else.
        #expect(summary(report) == ["after_end 1: \(rows.count + 2)"])
        #expect(try scratch.names() == ["rows"])
    }

    @Test func `of rows with one uid the one that an import takes is followed`() throws {
        let header = "uid,interactive_prompt_session_id,evtype,data,prompt_time,created_at\n"
        // What is listed first comes last: an import refuses it, and its session is whole.
        let whole =
            "ipe_a,1,like,{},50,150\nipe_b,1,leave,{},20,120\nipe_a,1,join,{},0,100\n"
            + "ipe_a,1,join,{},0,100\n"
        #expect(summary(try lint(.prompt, header + whole)) == ["duplicate_key 2: 4 5"])
        let broken = "ipe_a,1,join,{},0,100\nipe_b,1,leave,{},20,120\nipe_a,1,like,{},1,90\n"
        #expect(
            summary(try lint(.prompt, header + broken)) == [
                "duplicate_key 1: 4", "missing_start 2: 4 3",
            ]
        )
    }

    @Test func `payloads that no event of ours would have are told`() throws {
        let long = String(repeating: "e\u{301}", count: 201)
        let events = """
            id,created_at,level,event_type,lead_id,payload
            1,2026-01-21T10:00:00Z,INFO,a.b,,"[1]"
            2,2026-01-21T10:00:00Z,INFO,a.b,,"{""error"":""\(long)""}"
            3,2026-01-21T10:00:00Z,INFO,a.b,,"{""error"":""\(long.dropLast())""}"
            4,2026-01-21T10:00:00Z,INFO,a.b,,"{""error"":5}"
            5,2026-01-21T10:00:00Z,INFO,a.b,,null

            """
        #expect(
            summary(try lint(.system, events)) == ["bad_payload 1: 2", "over_long_field 1: 3"]
        )
    }

    /// The header of a table, or a row of it.
    private func line(_ table: SourceTable, _ id: Int?, _ name: String, _ word: String) -> String {
        guard let id else {
            return switch table {
            case .touch: "id,uid,user_id,event,created_at\n"
            case .prompt:
                "id,uid,interactive_prompt_session_id,evtype,data,prompt_time,created_at\n"
            case .system: "id,created_at,level,event_type,event_id\n"
            case .interaction:
                "id,interaction_uuid,customer_id,channel,status,created_at\n"
            case .pipeline: Self.pipeline
            }
        }
        let time = "2026-01-21T10:00:00Z"
        return switch table {
        case .touch:
            #"\#(id),utbl_\#(name),7,"{""type"":""\#(word)"",""parent"":""utbl_x""}",1"# + "\n"
        case .prompt: "\(id),ipe_\(name),\(id)\(name),\(word),{},1,1\n"
        case .system: "\(id),\(time),\(word),a.b,\(name)\n"
        case .interaction: "\(id),\(name),7,SMS,\(word),\(time)\n"
        case .pipeline: ""
        }
    }

    @Test(arguments: [
        (SourceTable.touch, "send_stale"), (.prompt, "join"), (.system, "INFO"),
        (.interaction, "SENT"),
    ])
    func `ids have gaps and names come twice, also in bad rows`(
        table: SourceTable,
        word: String
    ) throws {
        func found(_ rows: [(id: Int, name: String, word: String)]) throws -> [String] {
            let lines = rows.map { line(table, $0.id, $0.name, $0.word) }
            let report = try lint(table, line(table, nil, "", "") + lines.joined())
            return summary(report).filter { !$0.hasPrefix("orphan") }
        }
        #expect(
            try found([(1, "a", word), (2, "b", word), (4, "c", word)]) == ["sequence_gap 1: 4"]
        )
        #expect(
            try found([(1, "a", word), (2, "a", "GONE"), (3, "c", word)])
                == ["bad_row 1: 3", "duplicate_key 1: 3"]
        )
        #expect(
            try found([(1, "a", word), (1, "b", "GONE"), (2, "c", word)])
                == ["bad_row 1: 3", "duplicate_key 1: 3"]
        )
    }

    @Test func `times that no instant stands for are told`() throws {
        let touches =
            "id,uid,user_id,event,created_at\n"
            + #"1,utbl_a,7,"{""type"":""send_stale"",""parent"":""utbl_a""}",1e300"#
        #expect(summary(try lint(.touch, touches)) == ["orphan_parent 1: 2", "out_of_range 1: 2"])
        let prompts =
            line(.prompt, nil, "", "") + "1,ipe_a,1,join,{},1,-1e300\n2,ipe_b,1,like,{},1,1e10\n"
        #expect(summary(try lint(.prompt, prompts)) == ["out_of_range 2: 2 3"])
    }

    @Test func `a bad row of a request has its number`() throws {
        let text =
            Self.pipeline + row(1, "R", "PARSING,PARSE_START,STARTED", 1)
            + "2,a,R,PARSING,PARSE_OK,COMPLETED,2,one,2025-12-25T10:00:11Z,\n"
            + row(3, "R", "VALIDATION,VAL_START,STARTED", 3, second: 2)
            + "3,a,R,PARSING,PARSE_OK,COMPLETED,3,one,2025-12-25T10:00:13Z,\n"
        #expect(summary(try lint(.pipeline, text)) == ["bad_row 2: 3 5", "duplicate_key 2: 5 5"])
    }

    @Test(
        arguments: [
            (
                #"{"type":"send_reachable","parent":"utbl_p","message":{"subject":"Hi ada@example.com","template":"t","template_parameters":{}},"destinations":["ada@example.com"]}"#,
                "subject has an e-mail address"
            ),
            (
                #"{"type":"send_reachable","parent":"utbl_p","message":{"title":"call +15551234567","body":"b","channel_id":"c"},"destinations":["token"]}"#,
                "title has a telephone number"
            ),
            (
                #"{"type":"send_attempt","queued_at":1735689600.25,"channel":"sms","event":"for ada@example.com","event_parameters":{}}"#,
                "event has an e-mail address"
            ),
            (
                #"{"type":"send_retry","parent":"utbl_p","destination":"+15551234567","info":{"phone":"x"}}"#,
                "info has a member 'phone'"
            ),
            (
                #"{"type":"send_reachable","parent":"utbl_p","message":{"body":"call +15551234567"},"destinations":["+15551234567"]}"#,
                nil
            ),
            (#"{"type":"send_success","parent":"utbl_p","destination":"ada@example.com"}"#, nil),
        ] as [(String, String?)]
    )
    func `personal data is looked for in a touch, but not where it has to be`(
        event: String,
        found: String?
    ) throws {
        let cell = event.replacing("\"", with: "\"\"")
        let report = try lint(
            .touch,
            "id,uid,user_id,event,created_at\n1,utbl_a,12,\"\(cell)\",1\n"
        )
        let personal = report.findings.filter { $0.kind == .personalData }
        #expect(personal.flatMap(\.examples).map(\.detail) == (found.map { [$0] } ?? []))
        #expect(report.findings.allSatisfy { $0.kind == .personalData || $0.kind == .orphanParent })
    }

    @Test func `a touch that is its own parent is told`() throws {
        let text =
            "id,uid,user_id,event,created_at\n"
            + "1,utbl_a,12,\"{\"\"type\"\":\"\"send_stale\"\",\"\"parent\"\":\"\"utbl_a\"\"}\",1\n"
        let report = try lint(.touch, text)
        #expect(summary(report) == ["orphan_parent 1: 2"])
        #expect(report.findings.first?.examples.first?.detail == "it names itself as its parent")
    }

    @Test func `system events and interactions have their ids, names and payloads`() throws {
        let events = """
            id,created_at,level,event_type,lead_id,payload
            1,2026-01-21T10:00:00Z,INFO,a.b,,
            4,2026-01-21T09:00:00Z,INFO,Bad Name,,"{""to"":""ada@example.com""}"
            4,2026-01-21T10:00:00Z,INFO,a.\(String(repeating: "b", count: 99)),,
            5,2026-01-21T10:00:00Z,FATAL,a.b,,

            """
        #expect(
            summary(try lint(.system, events)) == [
                "bad_row 1: 5", "duplicate_key 1: 4", "bad_name 2: 3 4", "clock_inversion 1: 3",
                "sequence_gap 1: 3", "over_long_field 1: 4", "personal_data 1: 3",
            ]
        )
        let interactions = """
            id,interaction_uuid,customer_id,idempotency_key,channel,status,notify_reference,meta_data,created_at
            1,u-1,1,k,EMAIL,SENT,,"{""ssn"":""1""}",2026-01-21T10:00:00Z
            2,u-2,1,k,FAX,SENT,\(String(repeating: "\u{E9}", count: 101)),,2026-01-21T10:00:00Z
            3,u-2,1,,SMS,LOST,,,2026-01-21T10:00:00Z

            """
        #expect(
            summary(try lint(.interaction, interactions)) == [
                "bad_row 1: 4", "duplicate_key 2: 3 4", "unknown_word 1: 3", "over_long_field 1: 3",
                "personal_data 1: 2",
            ]
        )
    }

    @Test(
        arguments: [
            (#"{"note":"write to ada.l@mail.example.com."}"#, "an e-mail address"),
            (#"{"n":"123-45-6789"}"#, "a social security number"),
            (#"{"n":["555-123-4567"]}"#, "a telephone number"),
            ("call +15551234567", "a telephone number"),
            (#"{"n":4111111111111111}"#, "a card number"),
            (#"{"a":{"Patient_Name":"x"}}"#, "a member 'Patient_Name'"),
            (#"[{"a":[{"patientId":7}]}]"#, "a member 'patientId'"),
            (#" [1,{"contactEmail":"x"}]"#, "a member 'contactEmail'"),
            (#"{"body":"{\"home-phone\":\"x\"}"}"#, "a member 'home-phone'"),
            (#"{"DateOfBirth":"1990"}"#, "a member 'DateOfBirth'"),
            ("(555) 123-4567", "a telephone number"), ("555.234.4567.", "a telephone number"),
            ("555 234 4567", "a telephone number"), ("+1 (555) 123-4567", "a telephone number"),
            ("+49 170 1234567", "a telephone number"), ("+44-20-7946-0958", "a telephone number"),
            ("+1.555.123.4567", "a telephone number"),
            (#"{"t":1735689600,"u":1735689600123}"#, nil), ("2025-12-25 10:00:00.123456+00", nil),
            ("Thu Dec 25 10:00:00 +0000 2025", nil), ("Fri Dec 26 10:00:00 +1100 2025", nil),
            ("192.168.100.2000", nil), ("offset +1.55512345678", nil), ("1-555-123-45678", nil),
            ("ORDER-555-123-4567", nil), ("100 200 3000", nil), (#"{"n":-5551234567}"#, nil),
            (#"{"hasEmail":true,"emailCount":2,"ipAddress":"10.0.0.1","email":""}"#, nil),
            (#"{"firstNameLength":3,"patientIdentifierType":"x","phones":[]}"#, nil),
            (#"{"n":4111111111111112}"#, nil), (#"{"n":"1234-56-7890"}"#, nil),
            (#"{"id":"PAGW-20251225-00001-ABC123"}"#, nil), ("a@b", nil), ("@home @ 5.30", nil),
            (#"{"email":null}"#, nil), (#"{"diagnosisCount":3}"#, nil), ("", nil),
            ("01890a5d-ac96-774b-bcce-b302099a8057", nil), ("2025-12-25T10:00:00Z", nil),
        ] as [(String, String?)]
    )
    func `personal data is told by its shape`(text: String, found: String?) {
        #expect(PersonalData.first(in: Array(text.utf8)[...]) == found)
    }

    @Test(
        arguments: [
            // Each stands alone and is told nevertheless, and nothing traps.
            (["-1", "1"], 1), (["0", "2"], 1), (["9223372036854775807", "1"], Int.max - 2),
            (["-9223372036854775808", "9223372036854775807"], Int.max),
            (["-1", "0", "1"], 0), (["5", "4", "2", "1"], 1), (["3", "1", "2"], 0),
            (["1", "9", "3"], 6),
        ] as [([String], Int)]
    )
    func `numbers at the edges and in any order have their gaps`(
        numbers: [String],
        missing: Int
    ) throws {
        let rows = numbers.enumerated().map { index, number in
            "\(index + 1),a,R,X,Y,COMPLETED,\(number),1,2025-12-25T10:00:10Z,\n"
        }
        let report = try lint(.pipeline, Self.pipeline + rows.joined())
        let gap = report.findings.first { $0.kind == .sequenceGap }
        #expect((gap != nil) == (missing > 0))
        if missing > 0 {
            #expect(gap?.examples.first?.detail.contains(": \(missing) number") == true)
        }
    }

    @Test(arguments: ["9223372036854775808", "-9223372036854775809", "1e3"])
    func `a number that no column holds is a bad row`(number: String) throws {
        let text = Self.pipeline + "1,a,R,X,Y,COMPLETED,\(number),1,2025-12-25T10:00:10Z,\n"
        #expect(summary(try lint(.pipeline, text)) == ["bad_row 1: 2"])
        let events =
            "id,created_at,level,event_type\n\(Int64.min),2026-01-21T10:00:00Z,INFO,a.b\n"
            + "\(Int64.max),2026-01-21T10:00:00Z,INFO,a.b\n"
            + "\(number),2026-01-21T10:00:00Z,INFO,a.b\n"
        #expect(summary(try lint(.system, events)) == ["bad_row 1: 4", "sequence_gap 1: 3"])
    }

    @Test func `tables that are listed newest first have their gaps and clocks`() throws {
        func rows(_ ids: [Int], _ hours: [Int]) -> String {
            "id,created_at,level,event_type\n"
                + zip(ids, hours).map { "\($0),2026-01-21T\($1):00:00Z,INFO,a.b\n" }.joined()
        }
        let newest = try lint(.system, rows([9, 8, 5, 1], [15, 14, 13, 12]))
        #expect(summary(newest) == ["sequence_gap 2: 4 5"])
        let clock = try lint(.system, rows([3, 2, 1], [12, 14, 13]))
        #expect(summary(clock) == ["clock_inversion 1: 3"])
        // What is missing between two rows stands elsewhere.
        #expect(summary(try lint(.system, rows([4, 1, 2, 3], [15, 12, 13, 14]))) == [])
        let mixed = try lint(.system, rows([7, 1, 3, 2], [16, 12, 14, 13]))
        #expect(summary(mixed) == ["sequence_gap 1: 3"])
        #expect(
            mixed.findings.first?.examples.first?.detail == "3 ids between 1 and 7 are missing"
        )
        // A bad row is no gap.
        let bad = rows([1], [10]) + "2,x,INFO,a.b\n3,2026-01-21T12:00:00Z,INFO,a.b\n"
        #expect(summary(try lint(.system, bad)) == ["bad_row 1: 3"])
    }

    @Test func `a tenant that is said is none that is missing`() throws {
        let text = "pagw_id,stage,event_type,created_at\nR,X,Y,2025-12-25T10:00:10Z\n"
        #expect(throws: ImportError.self) { try lint(.pipeline, text) }
        #expect(try lint(.pipeline, text, tenant: "a").rowCount == 1)
        let mixed = "tenant," + text.replacing("R,", with: ",R,")
        #expect(summary(try lint(.pipeline, mixed)).first == "bad_row 1: 2")
        #expect(summary(try lint(.pipeline, mixed, tenant: "a")) == [])
    }

    @Test func `ids of events that come twice are told`() throws {
        let rows = "tenant,pagw_id,stage,event_type,created_at,event_id\n"
        let row = "a,R,X,Y,2025-12-25T10:00:10Z,"
        let requests = try lint(.pipeline, rows + "\(row)e-1\n\(row)e-2\n\(row)e-1\n\(row)\n")
        #expect(summary(requests) == ["duplicate_key 1: 4"])
        let event = ",2026-01-21T10:00:00Z,INFO,a.b,"
        let events = try lint(
            .system,
            "id,created_at,level,event_type,event_id\n\(event)x\n\(event)y\n\(event)x\n"
        )
        #expect(summary(events) == ["duplicate_key 1: 4"])
        #expect(events.findings.first?.examples.first?.detail == "event_id 'x'")
    }

    @Test func `no parent is missed beyond the linter's memory`() throws {
        func row(_ number: Int, _ parent: Int) -> String {
            #"utbl_\#(number),12,"{""type"":""send_stale"",""parent"":""utbl_\#(parent)""}",\#(number)"#
                + "\n"
        }
        let rows = [
            // Missing, and named while all was remembered: the one orphan that is sure.
            row(1, 99), row(2, 1), row(3, 1), row(4, 1),
            // Of parents that came when the memory was full nobody knows, nor of those that did not.
            row(5, 4), row(6, 5), row(7, 98), row(8, 1), row(9, 99),
        ]
        let path = try scratch.file("rows", "uid,user_id,event,created_at\n" + rows.joined())
        let linter = TableLinter(.touch)
        linter.bounds = LintBounds(nameCountMax: 3, subjectCountMax: 100)
        let report = try linter.run([ImportInput(path: path)])
        #expect(summary(report) == ["orphan_parent 2: 2 10"])
        #expect(report.limits.contains { $0.hasPrefix("parents: after the first 3 uids") })
    }

    @Test func `what lies beyond the linter's memory is said`() throws {
        let rows = (1...20).map { row($0, "R-\($0)", "PARSING,PARSE_OK,COMPLETED", 1) }
        let path = try scratch.file("rows", Self.pipeline + rows.joined() + rows.joined())
        let linter = TableLinter(.pipeline)
        linter.bounds = LintBounds(nameCountMax: 10, subjectCountMax: 5)
        let report = try linter.run([ImportInput(path: path)])
        #expect(
            report.limits == [
                "requests: only the first 5 are followed", "id: only the first 10 are compared",
                "pagw_id/sequence_no: only the first 10 are compared",
            ]
        )
        #expect(report.findings.first { $0.kind == .duplicateKey }?.count == 20)
        #expect(report.findings.first { $0.kind == .missingStart }?.count == 5)
    }

    @Test func `an input that cannot be read at all is an error`() throws {
        #expect(throws: ImportError.self) { try lint(.touch, "") }
        #expect(throws: ImportError.self) { try lint(.touch, "id,colour\n") }
        #expect(throws: ImportError.self) { try lint(.touch, "<log></log>") }
        for text in ["{\n\"id\": 1,\n\"uid\": 2}\n", "[\n{\"id\":1}\n]\n", "[{\"id\":1}]"] {
            let error = #expect(throws: ImportError.self) { try lint(.touch, text) }
            #expect(error?.reason == .oneDocument)
            #expect(error?.place == .line(1))
        }
    }

    @Test(
        .enabled(if: RealData.folder != nil, "no folder shared/data beside the package"),
        arguments: [
            ("interval_event_log.xes", 8_109, ["clock_inversion 39"]),
            ("helpdesk.xes.gz", 21_348, []), ("04_reviewing.xes.gz", 3_730, []),
        ]
    )
    func `real logs have what their notes count`(
        name: String,
        rows: Int,
        found: [String]
    ) throws {
        let path = "\(try #require(RealData.folder))/process-logs/\(name)"
        let report = try TableLinter(.pipeline).run([ImportInput(path: path)])
        #expect(report.rowCount == rows)
        #expect(report.findings.map { "\($0.kind.rawValue) \($0.count)" } == found)
    }
}
