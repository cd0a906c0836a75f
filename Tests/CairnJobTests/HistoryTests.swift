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
        let looked = LookedAtJournal(site.journal) {
            _ = try? await desk.give(.accept(ItemAcceptance()), to: stream)
        }
        let interactions = Interactions(journal: looked, worker: site.worker)
        #expect(try await interactions.verdict(of: try ItemKey("k")).word == "done")
    }

    @Test func `a worker that has left begins nothing more`() async throws {
        let site = try await TestSite()
        site.worker.leave()
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

/// A journal that does something right before it is asked whether a holder lives.
private final class LookedAtJournal: Journal {
    private let journal: any Journal
    private let look: @Sendable () async -> Void

    init(_ journal: any Journal, _ look: @escaping @Sendable () async -> Void) {
        self.journal = journal
        self.look = look
    }

    func isLifeLocked(_ number: UInt64) async throws(JournalError) -> Bool {
        await look()
        return try await journal.isLifeLocked(number)
    }

    func lockLife(_ number: UInt64) async throws(JournalError) -> any LifeLock {
        try await journal.lockLife(number)
    }

    func turn<Value: Sendable>(
        _ body: @escaping @Sendable (any TurnScope) throws(JournalError) -> Value
    ) async throws(JournalError) -> Value {
        try await journal.turn(body)
    }

    func head() async throws(JournalError) -> JournalHead { try await journal.head() }

    func lastSequence(of stream: StreamID) async throws(JournalError) -> SequenceNumber {
        try await journal.lastSequence(of: stream)
    }

    func receipt(of id: EventID) async throws(JournalError) -> Receipt? {
        try await journal.receipt(of: id)
    }

    func streamID(of number: StreamNumber) async throws(JournalError) -> StreamID {
        try await journal.streamID(of: number)
    }

    func position(at instant: Timestamp) async throws(JournalError) -> Position {
        try await journal.position(at: instant)
    }

    func page(
        from position: Position,
        _ direction: PageDirection,
        upTo bound: Position?,
        limit: PageLimit,
        _ body: (EventHeader, RawSpan) -> PageFlow
    ) async throws(JournalError) -> PageEnd {
        try await journal.page(from: position, direction, upTo: bound, limit: limit, body)
    }

    func page(
        of stream: StreamID,
        from sequence: SequenceNumber,
        _ direction: PageDirection,
        upTo bound: Position?,
        limit: PageLimit,
        _ body: (EventHeader, RawSpan) -> PageFlow
    ) async throws(JournalError) -> PageEnd {
        try await journal.page(
            of: stream,
            from: sequence,
            direction,
            upTo: bound,
            limit: limit,
            body
        )
    }

    func waitForEvent(after position: Position) async throws(JournalError) {
        try await journal.waitForEvent(after: position)
    }
}
