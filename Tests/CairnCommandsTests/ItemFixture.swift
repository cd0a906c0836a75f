import Cairn
import CairnTestSupport
import CairnTesting
import Foundation

/// Four items and a note: one delivered, one in doubt, one that a worker holds, one failed.
struct ItemFixture {
    /// Whose lock the fixture holds as long as it is there.
    static let livingWorker: UInt64 = 1_000
    static let deadWorker: UInt64 = 1_001

    let folder: ScratchFolder
    private let lock: any LifeLock

    /// Makes it, with its journal under a name in a new folder.
    init(journal name: String = "j") async throws {
        folder = try ScratchFolder()
        let clock = ManualClock(at: try Timestamp(rfc3339: "2026-02-02T10:00:00Z"))
        var configuration = LMDBJournal.Configuration()
        configuration.clock = { clock.now }
        let journal = try LMDBJournal(path: folder.path(name), configuration: configuration)
        lock = try journal.lockLife(Self.livingWorker)
        try await Self.write(to: ItemDesk(journal), clock)
        journal.close()
    }

    private static func write(to desk: ItemDesk, _ clock: ManualClock) async throws {
        let job = "newsletter"
        let worker = WorkerNumber(rawValue: livingWorker)
        try await desk.give(.beginRun(job: job, worker), to: job)
        clock.advance(by: .seconds(60))
        let delivered = try await desk.begin(
            "k-1",
            worker: livingWorker,
            message("u-1", "101", .email),
            job: job
        )
        clock.advance(by: .milliseconds(250))
        let acceptance = ItemAcceptance(
            provider: "twilio",
            providerReference: "SM1",
            notifyReference: "N1",
            body: "Hello, Ada",
            metadata: Array(#"{"segments":1}"#.utf8)
        )
        try await desk.give(.accept(acceptance), to: delivered)
        clock.advance(by: .seconds(59))
        let callback = InteractionCallback(
            provider: "twilio",
            reference: "SM1",
            word: "delivered",
            meaning: .delivered
        )
        try await desk.give(.receive(callback), to: delivered)
        clock.set(to: try Timestamp(rfc3339: "2026-02-02T10:02:00Z"))
        try await desk.begin("k-2", worker: deadWorker, message("u-2", "101", .sms), job: job)
        clock.advance(by: .seconds(60))
        let failed = try await desk.begin("k-3", worker: livingWorker, message("u-3", "102", .sms))
        try await desk.give(
            .reject(.provider, isFinal: true, reason: "no such number", .standard),
            to: failed
        )
        clock.advance(by: .seconds(60))
        try await desk.note(message("u-4", "102", .phone))
        clock.advance(by: .seconds(60))
        try await desk.begin("k-5", worker: livingWorker, job: job)
        clock.advance(by: .seconds(60))
        try await desk.give(
            .pause(JobDecision(by: "ada", reason: "wrong template")),
            to: job
        )
    }

    private static func message(
        _ uuid: String,
        _ customer: String,
        _ channel: Channel
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

    /// Lets go of the living worker's lock, as its end would.
    func endWorker() { lock.release() }

    /// Runs a verb on the journal.
    func cairn(_ arguments: [String]) async throws -> CairnProcess {
        try await CairnProcess.run(arguments + ["--journal", "j"], in: folder.url)
    }

    /// Runs a verb written as in a shell, without quotes.
    func cairn(_ line: String) async throws -> CairnProcess {
        try await cairn(line.split(separator: " ").map(String.init))
    }

    /// The data file's bytes.
    func bytes() throws -> Data { try folder.data("j/data.mdb") }
}
