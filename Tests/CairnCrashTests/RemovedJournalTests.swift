import CairnCore
import CairnJournal
import CairnLMDB
import CairnTestSupport
import Foundation
import Testing

/// A journal whose folder somebody removes under a running program.
struct RemovedJournalTests {
    @Test func `nothing is acknowledged that is nowhere, and who follows hears of it`()
        async throws
    {
        let scratch = try ScratchFolder()
        let path = scratch.path("journal")
        let journal = try LMDBJournal(path: path)
        defer { journal.close() }
        let stream = try StreamID("a/1")
        let event = try NewEvent(type: "noted", occurredAt: .unixEpoch, payload: [])
        try await journal.append(event, to: stream)
        try scratch.remove("journal")
        await #expect(throws: JournalError.notFound(path: path)) {
            try await journal.append(event, to: stream)
        }
        await #expect(throws: JournalError.notFound(path: path)) {
            try await journal.waitForEvent(after: Position(rawValue: 1))
        }
        // What the open file has can still be read, and nothing was taken in.
        #expect(try journal.lastSequence(of: stream).rawValue == 1)
        // A journal made in its place is another one.
        let next = try LMDBJournal(path: path)
        defer { next.close() }
        try await next.append(event, to: stream)
        #expect(try next.head().lastPosition.rawValue == 1)
        await #expect(throws: JournalError.notFound(path: path)) {
            try await journal.append(event, to: stream)
        }
    }
}
