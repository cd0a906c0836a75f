import CairnCore
import CairnJournal
import CairnLMDB
import Foundation

/// A reader that gets stuck, and a writer whose file should not care.
enum ReaderRun {
    /// Reads the first event, says so, and never goes on: inside its page, or behind it.
    static func read(_ path: String, isInside: Bool) throws {
        let journal = try LMDBJournal(path: path, configuration: .readOnly)
        let one = PageLimit(eventCountMax: 1)
        _ = try journal.page(from: .first, .forwards, upTo: nil, limit: one) { _, _ in
            if isInside { stay() }
            return .stop
        }
        stay()
    }

    private static func stay() {
        Output.count("stuck", 1)
        while true { sleep(600) }
    }

    /// Appends events, each with a commit of its own, and says how large the file is then.
    static func write(_ path: String, _ countMax: Int) async throws {
        let journal = try LMDBJournal(path: path)
        for number in 0..<countMax {
            let event = try NewEvent(
                type: "noted",
                id: EventID("growth/\(number)"),
                occurredAt: .unixEpoch,
                payload: [UInt8](repeating: 7, count: 200)
            )
            try await journal.append(event, to: try StreamID("growth/\(number % 50)"))
        }
        Output.count("bytes", try journal.information().byteCount)
        journal.close()
    }
}
