import Cairn
import CairnTestSupport
import CairnTesting
import Testing

/// What a service is told of its keys and customers, with the locks of those who hold them.
struct HistoryTests {
    private static let gone: UInt64 = 999

    private func message(_ uuid: String, _ customer: String) -> InteractionMessage {
        InteractionMessage(uuid: uuid, customer: customer, channel: .email)
    }

    @Test(arguments: JournalKind.allCases)
    func `a history shows in doubt what a holder that is gone left`(
        kind: JournalKind
    ) async throws {
        let site = try await TestSite(kind)
        let desk = ItemDesk(site.journal)
        let living = site.worker.number.rawValue
        try await desk.begin("gone", worker: Self.gone, message("u-1", "anna"))
        try await desk.begin("here", worker: living, message("u-2", "anna"))
        let history = try await site.interactions().history(customer: "anna")
        #expect(history.map(\.verdict.word) == ["in_flight", "in_doubt"])
    }

    @Test func `a history has nothing of another customer`() async throws {
        let site = try await TestSite()
        let stream = try await ItemDesk(site.journal).begin("k", message("u-1", "ben"))
        try await site.journal.append(
            try CustomerStream.newEvent(for: stream, at: .unixEpoch),
            to: try CustomerStream.stream(of: "anna")
        )
        #expect(try await site.interactions().history(customer: "anna").isEmpty)
        #expect(try await site.interactions().history(customer: "ben").count == 1)
    }

    @Test func `a holder that writes its outcome and ends while it is asked for is in no doubt`()
        async throws
    {
        let site = try await TestSite()
        let desk = ItemDesk(site.journal)
        let stream = try await desk.begin("k", worker: Self.gone, message("u-1", "anna"))
        let looked = HookedJournal(
            site.journal,
            onLook: { _ = try? await desk.give(.accept(ItemAcceptance()), to: stream) }
        )
        let interactions = Interactions(journal: looked, worker: site.worker)
        #expect(try await interactions.verdict(of: try ItemKey("k")).word == "done")
    }

    @Test func `a worker that has left begins nothing more`() async throws {
        let site = try await TestSite()
        site.worker.die()
        await #expect(throws: InteractionError.self) {
            try await site.interactions().dispatch(
                customer: "anna",
                channel: .email,
                template: "welcome",
                key: "k"
            ) { _ in
                Issue.record("it was sent without a lock")
                return .accepted
            }
        }
        #expect(try await site.state(of: "k").verdict() == .fresh)
    }
}
