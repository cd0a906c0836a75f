import Cairn
import CairnTestSupport
import Testing

@testable import CairnServices

/// What a table of interactions means once it is imported.
struct InteractionTableTests {
    @Test func `imported keys are known, and what failed may be tried again`() async throws {
        let desk = try TableDesk(.lmdb)
        let summary = try await desk.take(.interaction, TableSamples.interaction.csv)
        #expect(summary.events == 4)
        #expect(summary.subjects == 3)
        let worker = try await Worker.join(desk.journal)
        let interactions = Interactions(journal: desk.journal, worker: worker)
        let sends = Tally()
        func dispatch(_ key: String, _ order: Int = 55) async throws -> DispatchResult {
            try await interactions.dispatch(
                customer: "101",
                channel: .email,
                template: "order_confirm",
                payload: "{\"order_id\":\(order)}",
                key: key
            ) { _ in
                sends.add()
                return .accepted(ItemAcceptance(provider: "p", providerReference: "new"))
            }
        }
        guard case .skipped(let acceptance) = try await dispatch("batch_66_user_101") else {
            Issue.record("what was delivered is sent again")
            return
        }
        #expect(acceptance.providerReference == "SM1")
        guard case .skipped = try await dispatch("k-4") else {
            Issue.record("what was opened is sent again")
            return
        }
        #expect(sends.count == 0)
        guard case .sent = try await dispatch("k-3") else {
            Issue.record("what failed is not tried again")
            return
        }
        #expect(sends.count == 1)
        // From now on it is known what the key stands for.
        guard case .skipped = try await dispatch("k-3") else {
            Issue.record("what was sent is sent again")
            return
        }
        await #expect(throws: InteractionError.self) { _ = try await dispatch("k-3", 56) }
        let view = ItemView(desk.journal)
        let retried = try await view.item(key: ItemKey("k-3"), now: .now())
        #expect(retried?.row.uuid == "u-3")
        #expect(retried?.row.anomalyCount == 0)
        #expect(try await interactions.history(customer: "ada").map(\.uuid) == ["u-3"])
        let history = try await interactions.history(customer: "101")
        #expect(history.map(\.uuid) == ["u-4", "u-1"])
        #expect(history.map(\.status) == [.opened, .delivered])
        // Its row says what is so now, and imported again adds nothing.
        let rows = try await desk.exported(.interaction, .csv)
        #expect(rows.contains("3,u-3,ada,k-3,FAX,SENT,"))
        #expect(try await desk.take(.interaction, TableSamples.interaction.csv).duplicates == 4)
    }

    @Test func `a batch does not take imported keys for fresh ones`() async throws {
        let desk = try TableDesk(.lmdb)
        try await desk.take(.interaction, TableSamples.interaction.csv)
        let keys = try ["batch_66_user_101", "k-3", "k-9"].map { try ItemKey($0) }
        let glances = await KeyTable(desk.journal).glances(at: keys)
        #expect(glances == [.other, .other, nil])
    }

    @Test func `one key is one interaction`() async throws {
        let desk = try TableDesk()
        let header = "interaction_uuid,customer_id,idempotency_key,channel,status,created_at\n"
        let first = "u-1,1,k,SMS,SENT,2026-02-02T10:00:00Z\n"
        try await desk.take(.interaction, header + first)
        let second = "u-2,1,k,SMS,SENT,2026-02-02T10:00:00Z\n"
        let error = try #require(try await desk.refusal(.interaction, header + first + second))
        #expect(error.place == .line(3))
        #expect(error.reason == .takenName("k"))
        let other = "u-1,1,k,SMS,DELIVERED,2026-02-02T10:00:00Z\n"
        #expect(try await desk.refusal(.interaction, header + other)?.place == .line(2))
        let bad = "u-3,1,,SMS,LOST,2026-02-02T10:00:00Z\n"
        #expect(
            try await desk.refusal(.interaction, header + bad)?.description
                .contains("none of SENT, DELIVERED, FAILED, OPENED") == true
        )
    }

    @Test func `interactions of our own are rows once something is known of them`() async throws {
        let desk = try TableDesk()
        let worker = try await Worker.join(desk.journal)
        let interactions = Interactions(journal: desk.journal, worker: worker)
        let note = try await interactions.addNote(customer: "7", content: "called, \"no\" answer")
        _ = try await interactions.dispatch(
            customer: "7",
            channel: .sms,
            template: "t",
            key: "k"
        ) { _ in throw CancellationError() }
        let csv = try await desk.exported(.interaction, .csv)
        #expect(csv.split(separator: "\n").count == 3)
        #expect(csv.split(separator: "\n").last?.hasSuffix(",1") == true)
        #expect(csv.contains(",\(note),7,,PHONE,SENT,\"called, \"\"no\"\" answer\",,,,"))
        let copy = try TableDesk()
        #expect(try await copy.take(.interaction, csv).events == 2)
        #expect(try await copy.exported(.interaction, .csv) == csv)
    }
}
