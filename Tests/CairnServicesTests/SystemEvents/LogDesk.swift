import Cairn
import CairnTestSupport
import CairnTesting
import Logging
import Synchronization

/// A log of system events on a journal of either kind, which a test makes stubborn.
struct LogDesk: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case memory, lmdb
    }

    private let folder: ScratchFolder
    let journal: StubbornJournal
    let log: SystemEventLog
    let wall = ManualClock()
    /// How often the log waited for its journal.
    let waits = Tally()

    init(_ kind: Kind = .memory, queueCountMax: Int = 1_024) throws {
        folder = try ScratchFolder()
        journal = StubbornJournal(
            kind == .memory ? MemoryJournal() : try LMDBJournal(path: folder.path("j"))
        )
        let clock = ServiceClock(
            now: { [wall] in wall.now },
            boot: { BootInstant(boot: 1, nanoseconds: 0) },
            sleep: { [waits] _ in
                waits.add()
                try Task.checkCancellation()
            }
        )
        log = SystemEventLog(
            SystemEvents(journal: journal),
            clock: clock,
            queueCountMax: queueCountMax
        )
    }

    func logger(_ label: String = "app") -> Logger {
        Logger(label: label) { log.handler(label: $0) }
    }

    /// Writes what was logged and ends the log, as a service that is cancelled does.
    func finish() async throws {
        let run = Task { try await log.run() }
        run.cancel()
        try await run.value
    }

    /// What stands in the journal, oldest first.
    func rows() async throws -> [SystemEventRow] {
        var rows: [SystemEventRow] = []
        var query = SystemEventQuery(limit: SystemEventQuery.limitMax)
        repeat {
            let page = try await SystemEventView(journal).list(query)
            rows += page.rows
            query.before = page.next
        } while query.before != nil
        return rows.reversed()
    }

    /// The payload of the only event.
    func payload() async throws -> String? {
        let rows = try await rows()
        return rows.count == 1 ? rows[0].event.payload?.description : nil
    }
}

/// A number that tasks count up.
final class Tally: Sendable {
    private let value = Mutex(0)

    var count: Int { value.withLock { $0 } }

    func add() { value.withLock { $0 += 1 } }
}

/// What an event of lost messages says.
struct ToldLoss: Equatable {
    var dropped: Int64 = 0
    var failed: Int64 = 0
    var lastError: String?

    /// Adds up what all of those events say.
    init(_ rows: [SystemEventRow]) throws {
        for row in rows where row.event.type == .logEventsLost {
            let payload = try JSONValue.parse(row.event.payload?.bytes ?? [])
            dropped += Self.number(payload["dropped_count"])
            failed += Self.number(payload["failed_count"])
            if case .string(let text)? = payload["last_error"] { lastError = text }
        }
    }

    private static func number(_ value: JSONValue?) -> Int64 {
        guard case .number(let text)? = value else { return .min }
        return Int64(text) ?? .min
    }
}
