import Cairn
import CairnTestSupport
import CairnTesting
import Foundation

/// Three attempts to reach two users, one of them by a row whose attempt is not there.
struct TouchFixture {
    let folder: ScratchFolder

    /// Makes the journal.
    ///
    /// - Parameter losesRows: Whether a queue dropped rows, and ended without a word.
    /// - Throws: What the journal says.
    init(losesRows: Bool = false) async throws {
        folder = try ScratchFolder()
        let clock = ManualClock(at: try Timestamp(rfc3339: "2026-02-02T10:00:00Z"))
        var configuration = LMDBJournal.Configuration()
        configuration.clock = { clock.now }
        let journal = try LMDBJournal(path: folder.path("j"), configuration: configuration)
        for (number, (user, fact, seconds)) in Self.rows.enumerated() {
            clock.advance(by: .seconds(1))
            let touch = try Touch(
                uid: try TouchUID("utbl_\(number + 1)"),
                user: user,
                fact: fact,
                createdAt: 1_770_026_400 + seconds
            )
            let stream = try TouchMachine.stream(of: user)
            try await journal.append(try touch.newEvent(), to: stream)
        }
        if losesRows { try await Self.loseRows(of: journal, at: clock.now) }
        journal.close()
    }

    private static let rows: [(user: String, fact: TouchFact, seconds: Double)] = [
        ("7", attempt(.sms, "daily_reminder", #"{"name": "Ada"}"#), 0.5),
        (
            "7",
            .sendReachable(
                TouchReach(
                    parent: "utbl_1",
                    message: .sms(body: "Hello, Ada"),
                    destinations: ["+15550100", "+15550101"]
                )
            ), 1
        ),
        ("7", .sendRetry(failure("utbl_1", "+15550100", #"{"code": 30008}"#)), 2),
        ("7", .sendUnretryable(failure("utbl_1", "+15550101", #"{"code":21211}"#)), 2.25),
        ("7", .sendSuccess(parent: "utbl_1", destination: "+15550100"), 62),
        // Logged late: its instant is before that of the rows above.
        ("7", attempt(.email, "weekly_summary"), -10),
        ("7", .sendUnreachable(parent: "utbl_6"), -9.5),
        ("8", .sendSuccess(parent: "utbl_gone", destination: "token"), 3),
    ]

    private static func attempt(
        _ channel: TouchChannel,
        _ event: String,
        _ parameters: String = "{}"
    ) -> TouchFact {
        .sendAttempt(
            TouchAttempt(
                queuedAt: 1_770_026_399,
                channel: channel,
                event: event,
                parameters: Array(parameters.utf8)
            )
        )
    }

    private static func failure(
        _ parent: String,
        _ destination: String,
        _ info: String
    ) -> TouchFailure {
        TouchFailure(parent: parent, destination: destination, info: Array(info.utf8))
    }

    private static func loseRows(of journal: any Journal, at instant: Timestamp) async throws {
        var drops = TouchDrops()
        drops.full = 3
        let facts: [TouchQueueMachine.Fact] = [.began, .dropped(drops), .interrupted]
        for fact in facts {
            let event = TouchQueueMachine.Event(
                fact,
                of: WorkerNumber(rawValue: 1),
                at: instant
            )
            try await journal.append(
                try TouchQueueMachine().newEvent(event),
                to: try TouchQueueMachine.stream
            )
        }
    }

    /// Runs a verb written as in a shell, without quotes.
    func cairn(_ line: String) async throws -> CairnProcess {
        let arguments = line.split(separator: " ").map(String.init)
        return try await CairnProcess.run(arguments + ["--journal", "j"], in: folder.url)
    }

    /// Runs a verb at a terminal on which something was typed.
    func cairn(_ line: String, typing answer: String) async throws -> CairnProcess {
        let arguments = line.split(separator: " ").map(String.init)
        var command = try CairnProcess.command(arguments + ["--journal", "j"], in: folder.url)
        // Both ends of a terminal, by the requests that Linux has for it.
        let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        defer { close(terminal) }
        var (isLocked, number): (Int32, UInt32) = (0, 0)
        guard terminal >= 0, ioctl(terminal, 0x4004_5431, &isLocked) == 0,
            ioctl(terminal, 0x8004_5430, &number) == 0
        else { throw CocoaError(.featureUnsupported) }
        let end = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
        defer { close(end) }
        try FileHandle(fileDescriptor: terminal).write(contentsOf: Data(answer.utf8))
        command.input = .descriptor(end)
        command.output = .file(folder.path("output"))
        command.error = .file(folder.path("error"))
        return CairnProcess(
            status: try await command.run().status,
            output: try folder.text("output"),
            error: try folder.text("error")
        )
    }

    /// The data file's bytes.
    func bytes() throws -> Data { try folder.data("j/data.mdb") }
}
