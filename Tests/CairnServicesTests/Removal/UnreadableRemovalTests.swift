import Cairn
import CairnTestSupport
import CairnTesting
import Testing

/// A list of removals that cannot be read stops what needs it, and nothing else.
struct UnreadableRemovalTests {
    @Test func `the tables of the others are brought up to date, and removed`() async throws {
        let folder = try ScratchFolder()
        let journal = try LMDBJournal(path: folder.path("j"))
        defer { journal.close() }
        let sessions = PromptSessions(journal: journal)
        let owner = try PromptSessionOwner(prompt: "p", user: "u")
        try await sessions.join(try PromptSessionID("s"), of: owner)
        try await SystemEvents(journal: journal).info("service.begun")
        let kept = KeptProjections(journal)
        #expect(try await kept.catchUp().count == 5)
        // An entry of a version that nobody knows yet.
        let list = try StreamID(kind: StreamKind("removal"), key: "session")
        let entry = try NewEvent(
            type: "removal.listed",
            typeVersion: 200,
            occurredAt: .now(),
            payload: []
        )
        try await journal.append(entry, to: list)
        let head = try journal.head().lastPosition
        func stored() throws -> [String: Position] {
            let tables = try journal.projectionStore?.tables() ?? []
            return Dictionary(
                uniqueKeysWithValues: tables.map { ($0.table.name, $0.mark.position) }
            )
        }
        await #expect(throws: EngineError<Never>.self) { try await kept.catchUp() }
        let reached = try stored()
        #expect(reached.count == 5)
        #expect(reached.filter { $0.value == head }.count == 4, "\(reached)")
        #expect(reached["cairn.prompts"] != head)
        let board = PromptBoard(journal)
        await #expect(throws: PromptSessionsError.self) {
            try await board.totals(ofPrompt: "p", at: .zero)
        }
        // Tables are removed whatever they leave out.
        try await kept.reset()
        #expect(try stored().isEmpty)
        await #expect(throws: EngineError<Never>.self) { try await kept.catchUp() }
        #expect(try stored().count == 4)
    }
}
