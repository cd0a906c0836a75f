import CairnCore
import CairnJournal
import Synchronization

/// A very small engine that sends each message once, and may be broken in two ways.
struct SmallSender {
    enum Flaw {
        case none
        /// It sends before the intent is durable.
        case sendsFirst
        /// It takes an append whose reply was lost for one that failed.
        case doesNotLookUp
    }

    /// The outside world, which outlives every crash.
    final class Provider: Sendable {
        private let counts = Mutex<[Int: Int]>([:])

        func send(_ key: Int) { counts.withLock { $0[key, default: 0] += 1 } }
        func sendCount(of key: Int) -> Int { counts.withLock { $0[key, default: 0] } }
    }

    let journal: any Journal
    let provider: Provider
    let flaw: Flaw

    static func stream(_ key: Int) throws -> StreamID { try StreamID("letter/\(key)") }

    /// Sends a message unless it was sent before; may be called again after any error.
    func dispatch(_ key: Int) async throws {
        if try await journal.receipt(of: EventID("sent-\(key)-1")) != nil { return }
        if flaw == .sendsFirst { provider.send(key) }
        let intent = try await record("intended", key)
        // An intent of old is in doubt: the provider knows what became of it.
        let mayBeSent = intent.isDuplicate && provider.sendCount(of: key) > 0
        if flaw != .sendsFirst, !mayBeSent { provider.send(key) }
        _ = try await record("sent", key)
    }

    private func record(_ type: String, _ key: Int) async throws -> Receipt {
        for attempt in 1... {
            let id = flaw == .doesNotLookUp ? attempt : 1
            let event = try NewEvent(
                type: type,
                id: EventID("\(type)-\(key)-\(id)"),
                occurredAt: .unixEpoch,
                payload: []
            )
            let stream = try Self.stream(key)
            do throws(JournalError) {
                return try await journal.append(event, to: stream)
            } catch .outcomeUnknown {
                // The same id again is the way to look it up.
                continue
            }
        }
        throw JournalError.outcomeUnknown
    }
}
