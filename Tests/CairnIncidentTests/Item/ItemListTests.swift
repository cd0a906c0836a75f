import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import CairnTestSupport
import Testing

struct ItemListTests {
    @Test func `every verdict is listed under its word, the newest first`() async throws {
        let story = try ItemStory()
        let lock = try await story.journal.lockLife(7)
        try await story.everyVerdict(alive: 7)
        let rows = try await story.view.items(now: story.now)
        #expect(
            rows.map { "\($0.key ?? "-") \($0.verdict.word) \($0.status?.word ?? "-")" } == [
                "failed_final failed_final FAILED", "failed_retryable failed_retryable FAILED",
                "in_doubt in_doubt -", "in_flight in_flight -", "done done SENT",
            ]
        )
        #expect(rows.map(\.isHolderAlive) == [nil, nil, false, true, nil])
        lock.release()
        let later = try await story.view.items(where: ItemQuery(inDoubtOnly: true), now: story.now)
        #expect(later.map(\.key) == ["in_doubt", "in_flight"])
    }

    @Test func `as of a moment nobody can say who lived`() async throws {
        let story = try ItemStory()
        try await story.desk.begin("a", worker: 7)
        let head = try await story.journal.head().lastPosition
        let view = ItemView(story.journal, asOf: head)
        #expect(try await view.items(now: story.now).map(\.verdict.word) == ["in_flight"])
        #expect(try await story.view.items(now: story.now).map(\.verdict.word) == ["in_doubt"])
    }

    @Test func `an age in doubt counts from the beginning, also once the loss is written`()
        async throws
    {
        let story = try ItemStory()
        let stream = try await story.desk.begin("a", worker: 7)
        story.advance(by: .seconds(60))
        let seen = try await story.view.items(now: story.now)
        #expect(seen.map(\.inDoubtFor) == [.seconds(60)])
        try await story.desk.give(.noteLoss, to: stream)
        story.advance(by: .seconds(30))
        let noted = try await story.view.items(now: story.now)
        #expect(noted.map(\.inDoubtFor) == [.seconds(90)])
        #expect(noted.map(\.reason) == ["its holder is gone and left no outcome"])
        // What is written down later makes a doubt no younger for who looks for old ones.
        func keys(olderThan age: Int64, inDoubtOnly: Bool) async throws -> [String?] {
            let query = ItemQuery(inDoubtOnly: inDoubtOnly, olderThan: .seconds(age))
            return try await story.view.items(where: query, now: story.now).map(\.key)
        }
        #expect(try await keys(olderThan: 80, inDoubtOnly: true) == ["a"])
        #expect(try await keys(olderThan: 90, inDoubtOnly: true) == [])
        #expect(try await keys(olderThan: 80, inDoubtOnly: false) == [])
        #expect(try await keys(olderThan: 20, inDoubtOnly: false) == ["a"])
    }

    @Test func `a doubt that the sender told of counts from then`() async throws {
        let story = try ItemStory()
        let lock = try await story.journal.lockLife(7)
        let stream = try await story.desk.begin("a", worker: 7)
        story.advance(by: .seconds(60))
        try await story.desk.give(.doubt(ItemDoubt(.timeout, detail: "30s")), to: stream)
        story.advance(by: .seconds(5))
        let rows = try await story.view.items(now: story.now)
        #expect(rows.map(\.inDoubtFor) == [.seconds(5)])
        #expect(rows.map(\.reason) == ["the sender ran out of time: 30s"])
        lock.release()
    }

    @Test func `filters choose by what an item is and by what it stands at`() async throws {
        let story = try ItemStory()
        let desk = story.desk
        let email = ItemStory.message("u-1", customer: "101")
        let text = ItemStory.message("u-2", customer: "102", channel: .sms)
        let sent = try await desk.begin("k-1", email, job: "newsletter")
        try await desk.give(.accept(ItemStory.acceptance), to: sent)
        try await desk.begin("k-2", text, job: "newsletter")
        try await desk.begin("k-3", job: "other")
        func keys(_ change: (inout ItemQuery) -> Void) async throws -> [String?] {
            var query = ItemQuery()
            change(&query)
            return try await story.view.items(where: query, now: story.now).map(\.key)
        }
        #expect(try await keys { $0.job = "newsletter" } == ["k-2", "k-1"])
        #expect(try await keys { $0.customer = "101" } == ["k-1"])
        #expect(try await keys { ($0.customer, $0.status) = ("101", .failed) } == [])
        #expect(try await keys { ($0.customer, $0.job) = ("102", "newsletter") } == ["k-2"])
        #expect(try await keys { ($0.customer, $0.job) = ("102", "other") } == [])
        #expect(try await keys { ($0.customer, $0.inDoubtOnly) = ("102", true) } == ["k-2"])
        #expect(try await keys { $0.customer = "nobody" } == [])
        #expect(try await keys { $0.channel = .sms } == ["k-2"])
        #expect(try await keys { $0.status = .sent } == ["k-1"])
        #expect(try await keys { $0.verdict = "in_doubt" } == ["k-3", "k-2"])
        #expect(try await keys { $0.limit = 1 } == ["k-3"])
        #expect(try await keys { ($0.job, $0.verdict) = ("newsletter", "in_doubt") } == ["k-2"])
        #expect(try await keys { $0.job = "nosuch" } == [])
    }

    @Test func `a row has what seed 001 calls for`() async throws {
        let story = try ItemStory()
        let message = ItemStory.message("u-1")
        let stream = try await story.desk.begin("k-1", message, job: "newsletter")
        try await story.desk.give(.accept(ItemStory.acceptance), to: stream)
        story.advance(by: .seconds(1))
        try await story.desk.give(.receive(ItemStory.callback(.hardFailure)), to: stream)
        try await story.desk.give(.receive(ItemStory.callback(.opened, word: "open")), to: stream)
        let row = try #require(try await story.view.items(now: story.now).first)
        #expect(row.uuid == "u-1")
        #expect(row.customer == "101")
        #expect(row.channel == .email)
        #expect(row.status == .opened)
        #expect(row.isContradicted)
        #expect(row.body == "Hello, Ada")
        #expect(row.providerReference == "R-1")
        #expect(row.notifyReference == "N-1")
        #expect(row.template == "order_confirm")
        #expect(row.payload == Array(#"{"order_id": 55}"#.utf8))
        #expect(row.job == "newsletter")
        #expect(row.run == 1)
        #expect(row.createdAt == ItemStory.start)
        #expect(row.updatedAt == ItemStory.start.adding(.seconds(1)))
    }

    @Test func `other streams and other orders of events change no listing`() async throws {
        let story = try ItemStory()
        // Two items whose events alternate, among streams of other kinds.
        let first = try await story.desk.begin("k-1", ItemStory.message("u-1"))
        try await story.desk.give(.beginRun(job: "j", WorkerNumber(rawValue: 9)), to: "j")
        let second = try await story.desk.begin("u-2", hasKey: false, ItemStory.message("u-2"))
        try await story.desk.give(.accept(ItemStory.acceptance), to: first)
        try await story.desk.give(.note(ItemStory.message("u-3")), to: StreamID("interaction/u-3"))
        try await story.desk.give(
            .reject(.sender, isFinal: false, reason: "offline", .once),
            to: second
        )
        let rows = try await story.view.items(now: story.now)
        #expect(
            rows.map { "\($0.uuid ?? "-") \($0.verdict.word) \($0.status?.word ?? "-")" } == [
                "u-3 done SENT", "u-2 failed_final FAILED", "u-1 done SENT",
            ]
        )
    }

    @Test func `items beyond one chunk are listed, too`() async throws {
        let story = try ItemStory()
        let machine = ItemMachine()
        let count = 1_024 + 4_096 + 10
        var appends: [StreamAppend] = []
        for number in 1...count {
            let key = try ItemKey("k-\(number)")
            let request = ItemRequest(
                key: key,
                content: ContentDigest(type: "", content: [UInt8]().span.bytes),
                job: "big"
            )
            let begun = try machine.decide(
                .begin(request, ItemDesk.hold(7), .standard),
                in: ItemState(),
                context: TurnContext(now: ItemStory.start)
            )
            appends.append(StreamAppend(try begun.map(machine.newEvent), to: try key.stream))
        }
        try await story.journal.append(appends)
        let all = try await story.view.items(where: ItemQuery(limit: .max), now: story.now)
        #expect(all.map(\.key) == (1...count).reversed().map { "k-\($0)" })
        // The oldest of them, which only the last chunk holds.
        let stream = try ItemKey("k-1").stream
        try await story.desk.give(.accept(ItemStory.acceptance), to: stream)
        let sent = try await story.view.items(where: ItemQuery(status: .sent), now: story.now)
        #expect(sent.map(\.key) == ["k-1"])
    }

    @Test func `what is known not to have been sent has failed`() async throws {
        let story = try ItemStory()
        let stream = try await story.desk.begin("k", ItemStory.message("u-1"), job: "newsletter")
        try await story.desk.give(
            .reject(.sender, isFinal: false, reason: "offline", .once),
            to: stream
        )
        let query = ItemQuery(status: .failed, job: "newsletter")
        #expect(try await story.view.items(where: query, now: story.now).map(\.key) == ["k"])
        // A next attempt that nobody knows of yet does not make it better or worse.
        try await story.desk.begin("other", ItemStory.message("u-2"))
        #expect(try await story.view.items(now: story.now).first?.status == nil)
    }

    @Test func `a customer's items are found by that customer's stream alone`() async throws {
        let story = try ItemStory()
        let count = 600
        for number in 1...count {
            let customer = number.isMultiple(of: 2) ? "even" : "odd"
            let message = ItemStory.message("u-\(number)", customer: customer)
            let stream = try await story.desk.begin("k-\(number)", message)
            if number == 2 { try await story.desk.give(.accept(ItemStory.acceptance), to: stream) }
        }
        let all = try await story.view.items(
            where: ItemQuery(customer: "even", limit: .max),
            now: story.now
        )
        #expect(all.map(\.key) == (1...count / 2).reversed().map { "k-\(2 * $0)" })
        // Beyond the links that are read at a time.
        let sent = ItemQuery(status: .sent, customer: "even", limit: 1)
        #expect(try await story.view.items(where: sent, now: story.now).map(\.key) == ["k-2"])
        let history = try await story.view.history(customer: "odd", limit: 2, now: story.now)
        #expect(history.map(\.key) == ["k-599", "k-597"])
    }
}
