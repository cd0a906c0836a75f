import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import CairnLMDB
import CairnServices
import CairnTestSupport
import CairnTesting

/// A journal in which a test writes rows of the touch log.
struct TouchStory {
    let journal: any Journal
    private let folder: ScratchFolder

    init(onDisk: Bool) throws {
        folder = try ScratchFolder()
        var configuration = LMDBJournal.Configuration()
        // With flushes in between, so that rows are found in the index as well as in the tail.
        configuration.indexSegmentEventCountMax = 64
        journal =
            onDisk
            ? try LMDBJournal(path: folder.path("j"), configuration: configuration)
            : MemoryJournal()
    }

    var view: TouchView { TouchView(journal) }
    var remover: TouchRemover { TouchRemover(journal) }

    static func uid(_ number: UInt64) -> TouchUID { TouchUID(high: 0, low: number << 32) }

    static let attempt = TouchFact.sendAttempt(
        TouchAttempt(queuedAt: 1, channel: .sms, event: "reminder")
    )

    static func reachable(_ parent: TouchUID, _ destinations: [String]) -> TouchFact {
        .sendReachable(
            TouchReach(
                parent: parent.name,
                message: .sms(body: "Hello"),
                destinations: destinations
            )
        )
    }

    static func success(_ parent: TouchUID, _ destination: String) -> TouchFact {
        .sendSuccess(parent: parent.name, destination: destination)
    }

    /// Appends a row.
    @discardableResult
    func log(
        _ number: UInt64,
        _ fact: TouchFact,
        of user: String = "u",
        at seconds: Double
    ) async throws -> TouchRow {
        let touch = try Touch(
            uid: Self.uid(number),
            user: user,
            fact: fact,
            createdAt: seconds
        )
        let receipt = try await journal.append(
            try touch.newEvent(),
            to: try TouchMachine.stream(of: user)
        )
        return TouchRow(touch, position: receipt.position, recordedAt: receipt.recordedAt)
    }

    func bound() async throws -> Position { try await journal.head().lastPosition }
}
