import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import CairnTestSupport
import Testing

struct ItemSightTests {
    @Test func `a key tells its verdict and every event behind it in words`() async throws {
        let story = try ItemStory()
        let desk = story.desk
        let stream = try await desk.begin("k-1", worker: 7, ItemStory.message("u-1"))
        try await desk.give(.noteLoss, to: stream)
        let settlement = ItemSettlement(
            .failed,
            source: .person,
            by: "ada",
            reason: "the provider has no such message"
        )
        try await desk.give(.settle(settlement), to: stream)
        try await desk.begin("k-1", worker: 8)
        try await desk.give(.accept(ItemStory.acceptance), to: stream)
        try await desk.give(.receive(ItemStory.callback(.delivered, word: "ok")), to: stream)
        let sight = try #require(
            try await story.view.item(key: try ItemKey("k-1"), now: story.now)
        )
        #expect(sight.row.verdict.word == "done")
        #expect(sight.row.status == .delivered)
        #expect(sight.row.attempt == 2)
        #expect(
            sight.events.map(\.summary) == [
                "attempt 1 begins, held by worker 7",
                "in doubt: its holder is gone and left no outcome",
                "settled as failed: decided by ada, the provider has no such message",
                "attempt 2 begins, held by worker 8",
                "taken by twilio as R-1, notify reference N-1",
                "twilio reports ok on attempt 2: delivered",
            ]
        )
        #expect(sight.events.map(\.position.rawValue) == [1, 3, 4, 5, 6, 7])
        #expect(sight.events.first?.type == "attempt.began")
    }

    @Test func `a key shows any moment`() async throws {
        let story = try ItemStory()
        let stream = try await story.desk.begin("k-1")
        try await story.desk.give(.accept(ItemStory.acceptance), to: stream)
        let view = ItemView(story.journal, asOf: .first)
        let sight = try #require(try await view.item(key: try ItemKey("k-1"), now: story.now))
        #expect(sight.row.verdict.word == "in_flight")
        #expect(sight.events.count == 1)
    }

    @Test func `an unknown key has no item, nor has one that only begins like a long one`()
        async throws
    {
        let story = try ItemStory()
        let long = String(repeating: "\u{1F600}", count: 255)
        try await story.desk.begin(long)
        #expect(try await story.view.item(key: try ItemKey("x"), now: story.now) == nil)
        let shorter = String(long.dropLast())
        #expect(try await story.view.item(key: try ItemKey(shorter), now: story.now) == nil)
        let found = try await story.view.item(key: try ItemKey(long), now: story.now)
        #expect(found?.row.key == long)
    }

    @Test func `an interaction is found by its uuid, with or without a key`() async throws {
        let story = try ItemStory()
        try await story.desk.begin("k-1", ItemStory.message("u-1"))
        try await story.desk.begin("u-2", hasKey: false, ItemStory.message("u-2"))
        let view = story.view
        #expect(try await view.item(uuid: "u-1", now: story.now)?.row.key == "k-1")
        #expect(try await view.item(uuid: "u-2", now: story.now)?.row.uuid == "u-2")
        #expect(try await view.item(uuid: "u-3", now: story.now) == nil)
    }

    @Test func `a history has one customer's interactions, the newest first`() async throws {
        let story = try ItemStory()
        try await story.desk.begin("k-1", ItemStory.message("u-1", customer: "101"))
        try await story.desk.begin("k-2", ItemStory.message("u-2", customer: "102"))
        try await story.desk.begin("u-3", hasKey: false, ItemStory.message("u-3", customer: "101"))
        func uuids(_ customer: String, limit: Int = 100) async throws -> [String?] {
            try await story.view.history(customer: customer, limit: limit, now: story.now)
                .map(\.uuid)
        }
        #expect(try await uuids("101") == ["u-3", "u-1"])
        #expect(try await uuids("101", limit: 1) == ["u-3"])
        #expect(try await uuids("1") == [])
        let early = ItemView(story.journal, asOf: Position(rawValue: 2))
        #expect(try await early.history(customer: "101", now: story.now).map(\.uuid) == ["u-1"])
    }

    @Test func `an event that only a newer program knows stops the question`() async throws {
        let story = try ItemStory()
        let stream = try await story.desk.begin("k-1")
        let event = try NewEvent(type: "attempt.forgotten", occurredAt: .unixEpoch, payload: [])
        try await story.journal.append(event, to: stream)
        await #expect(
            throws: IncidentError.unreadable(
                position: Position(rawValue: 2),
                .unknownType("attempt.forgotten")
            )
        ) { try await story.view.items(now: story.now) }
    }

    @Test func `an outcome that came after the view began is seen once its holder is gone`()
        async throws
    {
        let story = try ItemStory()
        let stream = try await story.desk.begin("k-1", worker: 7)
        // The holder writes its outcome and ends while the listing looks at its lock.
        let view = ItemView(story.journal) { worker throws(JournalError) in
            do {
                try await story.desk.give(.accept(ItemStory.acceptance), to: stream)
            } catch {
                Issue.record(error)
            }
            return false
        }
        #expect(try await view.items(now: story.now).map(\.verdict.word) == ["done"])
    }
}
