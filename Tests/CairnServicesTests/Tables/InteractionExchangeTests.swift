import Cairn
import CairnTestSupport
import Testing

@testable import CairnServices

/// What goes from one journal to another as rows of interactions: doubts, references, answers.
struct InteractionExchangeTests {
    private struct Broken: Error {}

    private static let header =
        "id,interaction_uuid,customer_id,idempotency_key,channel,status,provider_reference,"
        + "meta_data,created_at\n"

    private func row(
        _ name: String,
        _ reference: String,
        status: String = "SENT",
        hour: Int = 10
    ) -> String {
        "1,u-\(name),7,k-\(name),EMAIL,\(status),\(reference),,2026-02-02 \(hour):00:00+00\n"
    }

    private func interactions(_ desk: TableDesk) async throws -> Interactions {
        Interactions(journal: desk.journal, worker: try await Worker.join(desk.journal))
    }

    @discardableResult
    private func dispatch(
        _ interactions: Interactions,
        _ key: String,
        _ send: @escaping @Sendable (Attempt) async throws -> SendOutcome
    ) async throws -> DispatchResult {
        try await interactions.dispatch(
            customer: "7",
            channel: .sms,
            template: "t",
            key: key,
            waitMax: .zero,
            send
        )
    }

    // MARK: doubts

    @Test(arguments: [1, 2, 3], [ExportFormat.jsonl, .csv])
    func `a doubt is a doubt wherever it is imported`(
        attempt: Int,
        format: ExportFormat
    ) async throws {
        let desk = try TableDesk()
        let first = try await interactions(desk)
        for _ in 1..<attempt {
            try await dispatch(first, "k") { _ in throw NotSent("busy") }
        }
        try await dispatch(first, "k") { _ in throw Broken() }
        try await dispatch(first, "sent") { _ in
            .accepted(provider: "twilio", reference: "r")
        }
        let text = try await desk.exported(.interaction, format)
        #expect(text.contains("SENT"))
        #expect(!text.contains("FAILED"))
        let sql = try await desk.exported(.interaction, .sql)
        #expect(sql.contains("'SENT'") && !sql.contains("in_doubt"))
        let copy = try TableDesk()
        #expect(try await copy.take(.interaction, text).events == 2)
        #expect(try await copy.exported(.interaction, format) == text)
        let second = try await interactions(copy)
        let verdict = try await second.verdict(of: ItemKey("k"))
        #expect(verdict.word == "in_doubt")
        let sends = Tally()
        for rule in SkipRule.allCases {
            #expect(!rule.allowsAttempt(after: verdict))
            _ = try await second.dispatch(
                customer: "7",
                channel: .sms,
                template: "t",
                key: "k",
                policy: ItemPolicy(skip: rule),
                waitMax: .zero
            ) { _ in
                sends.add()
                return .accepted
            }
        }
        #expect(sends.count == 0)
        // Its provider knows it by the attempt's own key, and nobody gives that to another send.
        let state = try await StreamFold(ItemMachine(), of: ItemKey("k").stream)
            .folded(in: copy.journal).state
        #expect(state.current?.number == Int64(attempt))
        #expect(state.attempt(named: "k#\(attempt)") == Int64(attempt))
        // Both journals know what the row says.
        #expect(try await copy.take(.interaction, text).events == 0)
        #expect(try await desk.take(.interaction, text).events == 0)
    }

    @Test func `a report on the attempt before a doubt says nothing of the doubt`() async throws {
        let desk = try TableDesk()
        let rows =
            "interaction_uuid,customer_id,idempotency_key,channel,status,provider_reference,"
            + "created_at,in_doubt\nu-1,7,k,SMS,SENT,r-1,2026-02-02 10:00:00+00,2\n"
        try await desk.take(.interaction, rows) { $0.provider = "Twilio" }
        let site = try await interactions(desk)
        try await site.updateStatus(provider: "twilio", reference: "r-1", status: .failed)
        #expect(try await site.verdict(of: ItemKey("k")).word == "in_doubt")
        try await site.updateStatus(provider: "twilio", reference: "r-1", status: .delivered)
        #expect(try await site.verdict(of: ItemKey("k")).word == "done")
    }

    @Test(arguments: [("0", "out of range"), ("-1", "out of range"), ("x", "not a whole number")])
    func `what is no attempt is no doubt`(cell: String, clue: String) async throws {
        let desk = try TableDesk()
        let header = "interaction_uuid,customer_id,channel,status,created_at,in_doubt\n"
        let bad = header + "u-1,7,SMS,SENT,2026-02-02 10:00:00+00,\(cell)\n"
        let error = try #require(try await desk.refusal(.interaction, bad))
        #expect(error.description.contains(clue))
        let failed = header + "u-1,7,SMS,FAILED,2026-02-02 10:00:00+00,1\n"
        #expect(try await desk.refusal(.interaction, failed)?.place == .line(2))
    }

    // MARK: references

    @Test(arguments: TableDesk.Kind.allCases)
    func `reports find what was imported by its provider's name`(
        kind: TableDesk.Kind
    ) async throws {
        let desk = try TableDesk(kind)
        let site = try await interactions(desk)
        // One comes before the import, and is kept.
        let early = try await site.updateStatus(
            provider: "sendgrid",
            reference: "r-2",
            status: .opened
        )
        #expect(early == .kept)
        let text = Self.header + row("1", "r-1") + row("2", "r-2") + row("3", "")
        let summary = try await desk.take(.interaction, text) { $0.provider = "SendGrid" }
        #expect(summary.unlinkedReferences == 0)
        #expect(try await site.verdict(of: ItemKey("k-2")).word == "done")
        #expect(try await site.history(customer: "7").map(\.status).contains(.opened))
        let result = try await site.updateStatus(
            provider: "sendgrid",
            reference: "r-1",
            status: .failed
        )
        #expect(result == .applied(.failed))
        // Another provider may use the name for something else.
        let other = try await site.updateStatus(
            provider: "twilio",
            reference: "r-1",
            status: .opened
        )
        #expect(other == .kept)
        let head = try await desk.journal.head()
        let again = try await desk.take(.interaction, text) { $0.provider = "SendGrid" }
        #expect(again.events == 0)
        #expect(try await desk.journal.head() == head)
    }

    @Test func `references that nobody linked are counted, and linked by a later import`()
        async throws
    {
        let desk = try TableDesk()
        let text = Self.header + row("1", "r-1") + row("2", "r-2") + row("3", "")
        #expect(try await desk.take(.interaction, text).unlinkedReferences == 2)
        let site = try await interactions(desk)
        let report = { (status: InteractionStatus) async throws in
            try await site.updateStatus(provider: "twilio", reference: "r-1", status: status)
        }
        #expect(try await report(.delivered) == .kept)
        let summary = try await desk.take(.interaction, text) { $0.provider = "twilio" }
        #expect(summary.events == 0)
        #expect(summary.unlinkedReferences == 0)
        #expect(try await site.history(customer: "7").count { $0.status == .delivered } == 1)
        #expect(try await report(.opened) == .applied(.opened))
        // What is retried has another attempt; the report is about the row's.
        let third = Self.header + row("4", "r-4", status: "FAILED")
        try await desk.take(.interaction, third)
        try await dispatch(site, "k-4") { _ in throw Broken() }
        try await desk.take(.interaction, third) { $0.provider = "twilio" }
        try await site.updateStatus(provider: "twilio", reference: "r-4", status: .failed)
        #expect(try await site.verdict(of: ItemKey("k-4")).word == "in_doubt")
    }

    @Test func `of two with one name the one that began last has it`() async throws {
        let old = row("1", "r", hour: 10)
        let new = row("2", "r", hour: 11)
        for rows in [[old + new], [new + old], [old, new], [new, old], [new, old, new, old]] {
            let desk = try TableDesk()
            for text in rows {
                try await desk.take(.interaction, Self.header + text) { $0.provider = "p" }
            }
            let site = try await interactions(desk)
            try await site.updateStatus(provider: "p", reference: "r", status: .opened)
            let history = try await site.history(customer: "7")
            #expect(history.filter { $0.status == .opened }.map(\.uuid) == ["u-2"])
        }
        // What was sent since is newer than any row.
        let desk = try TableDesk()
        let site = try await interactions(desk)
        try await dispatch(site, "k") { _ in .accepted(provider: "p", reference: "r") }
        try await desk.take(.interaction, Self.header + new) { $0.provider = "p" }
        try await site.updateStatus(provider: "p", reference: "r", status: .opened)
        #expect(try await site.history(customer: "7").first { $0.uuid == "u-2" }?.status == .sent)
    }

    // MARK: back where it came from

    @Test func `an export adds nothing to the journal that it came from`() async throws {
        let desk = try TableDesk(.lmdb)
        try await desk.take(.interaction, TableSamples.interaction.csv) { $0.provider = "p" }
        let site = try await interactions(desk)
        let note = try await site.addNote(customer: "7", content: "called")
        for key in ["a", "b"] {
            try await dispatch(site, key) { attempt in
                .accepted(
                    provider: "p",
                    reference: "r-\(key)",
                    body: "Hello",
                    metadata: "{\"n\":1}"
                )
            }
        }
        try await dispatch(site, "c") { _ in .rejected(isFinal: true, reason: "no") }
        try await dispatch(site, "d") { _ in throw Broken() }
        let before = try await desk.exported(.interaction, .jsonl)
        #expect(before.contains(note))
        let head = try await desk.journal.head()
        for format in [ExportFormat.jsonl, .csv] {
            let text = try await desk.exported(.interaction, format)
            let summary = try await desk.take(.interaction, text) { $0.provider = "p" }
            #expect(summary.events == 0)
            #expect(summary.duplicates == 9)
        }
        #expect(try await desk.journal.head() == head)
        // An export from before says what was so then, also of what was imported.
        try await site.updateStatus(provider: "p", reference: "r-a", status: .delivered)
        try await site.updateStatus(provider: "p", reference: "SM1", status: .opened)
        #expect(try await desk.take(.interaction, before).events == 0)
        let after = try await desk.exported(.interaction, .jsonl)
        #expect(after != before)
        #expect(try await desk.take(.interaction, after).events == 0)
        // What never was so is another thing under the same name.
        for (from, to) in [("\"called\"", "\"cold\""), ("\"r-b\"", "\"r-x\""), ("{\"n\":1}", "{}")]
        {
            let changed = after.replacing(from, with: to)
            #expect(changed != after)
            #expect(try await desk.refusal(.interaction, changed) != nil)
        }
        let wrong = TableSamples.interaction.csv.replacing(",sent,", with: ",FAILED,")
        #expect(try await desk.refusal(.interaction, wrong) != nil)
    }

    // MARK: what came with the rows

    @Test(arguments: TableDesk.Kind.allCases)
    func `an import that was cut off and begun again loses nothing`(
        kind: TableDesk.Kind
    ) async throws {
        for sample in TableSamples.all {
            for (text, format) in [(sample.jsonl, ExportFormat.jsonl), (sample.csv, .csv)] {
                let desk = try TableDesk(kind)
                let looks = Tally()
                await #expect(throws: ImportError.self) {
                    try await desk.take(sample.table, text) { options in
                        options.order = .file
                        options.batchEventCount = 1
                        options.shouldStop = {
                            looks.add()
                            return looks.count > 2
                        }
                    }
                }
                #expect(try await desk.journal.head().lastPosition > .zero)
                for _ in 0..<2 {
                    try await desk.take(sample.table, text) { $0.order = .file }
                    #expect(try await desk.exported(sample.rows, format) == text, "\(sample.name)")
                }
            }
        }
    }

    @Test func `a row that is sent again keeps its meta_data beside the answer`() async throws {
        let desk = try TableDesk()
        let rows = ["1", "2", "3"].map { name in
            #"{"interaction_uuid":"u-\#(name)","customer_id":7,"idempotency_key":"k-\#(name)","#
                + #""channel":"SMS","status":"FAILED","meta_data":"#
                + (name == "3" ? "null" : #"{ "batch" : 66 }"#)
                + #","created_at":"2026-02-02T10:00:00Z"}"# + "\n"
        }
        try await desk.take(.interaction, rows.joined())
        let site = try await interactions(desk)
        try await dispatch(site, "k-1") { _ in .accepted(provider: "p", reference: "r-1") }
        for key in ["k-2", "k-3"] {
            try await dispatch(site, key) { _ in
                .accepted(provider: "p", reference: "r", metadata: "{\"sid\":1}")
            }
        }
        let lines = try await desk.exported(.interaction, .jsonl).split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[0].contains(#""meta_data":{ "batch" : 66 },"#))
        #expect(
            lines[1].contains(
                #""meta_data":{"meta_data":{ "batch" : 66 },"response":{"sid":1}},"#
            )
        )
        #expect(lines[2].contains(#""meta_data":{"sid":1},"#))
    }

    @Test func `made-up ids of two journals are told apart`() async throws {
        let third = try TableDesk()
        var texts: [String] = []
        for number in 1...2 {
            let desk = try TableDesk(number == 1 ? .memory : .lmdb)
            try await SystemEvents(journal: desk.journal).info("a.b", leadID: 1)
            try await SystemEvents(journal: desk.journal).warn(
                "a.b",
                leadID: LeadID(rawValue: Int64(number))
            )
            texts.append(try await desk.exported(.system, .jsonl))
        }
        for text in texts { #expect(try await third.take(.system, text).events == 2) }
        for text in texts {
            let again = try await third.take(.system, text)
            #expect(again.events == 0)
            #expect(again.duplicates == 2)
        }
    }
}
