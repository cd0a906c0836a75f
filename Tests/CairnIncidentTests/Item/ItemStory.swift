import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import CairnLMDB
import CairnTestSupport
import CairnTesting

/// A journal in a file in which a test writes items, with a clock of its own.
struct ItemStory {
    let folder: ScratchFolder
    let journal: any Journal
    private let clock: ManualClock
    let desk: ItemDesk

    static let start = Timestamp(nanoseconds: 1_766_620_800_000_000_000)

    init() throws {
        folder = try ScratchFolder()
        let clock = ManualClock(at: Self.start)
        var configuration = LMDBJournal.Configuration()
        configuration.clock = { clock.now }
        self.clock = clock
        journal = try LMDBJournal(path: folder.path("j"), configuration: configuration)
        desk = ItemDesk(journal)
    }

    var view: ItemView { ItemView(journal) }

    var now: Timestamp { clock.now }

    func advance(by span: TimeSpan) { clock.advance(by: span) }

    /// What is said to a customer, with everything that a listing shows.
    static func message(
        _ uuid: String,
        customer: String = "101",
        channel: Channel = .email
    ) -> InteractionMessage {
        InteractionMessage(
            uuid: uuid,
            customer: customer,
            channel: channel,
            template: "order_confirm",
            payload: Array(#"{"order_id": 55}"#.utf8),
            body: "Hello"
        )
    }

    static func callback(
        _ meaning: CallbackMeaning,
        reference: String = "R-1",
        word: String = "word"
    ) -> InteractionCallback {
        InteractionCallback(
            provider: "twilio",
            reference: reference,
            word: word,
            meaning: meaning
        )
    }

    static let acceptance = ItemAcceptance(
        provider: "twilio",
        providerReference: "R-1",
        notifyReference: "N-1",
        body: "Hello, Ada"
    )

    /// One item of every verdict that lasts; `alive` names a worker whose lock the test holds.
    func everyVerdict(alive: UInt64) async throws {
        try await desk.give(.accept(Self.acceptance), to: desk.begin("done"))
        try await desk.begin("in_flight", worker: alive)
        try await desk.begin("in_doubt", worker: alive + 1)
        let retryable = try await desk.begin("failed_retryable", worker: alive)
        try await desk.give(
            .reject(.provider, isFinal: false, reason: "busy", .standard),
            to: retryable
        )
        let final = try await desk.begin("failed_final", worker: alive)
        try await desk.give(
            .reject(.provider, isFinal: true, reason: "no such address", .standard),
            to: final
        )
    }
}
