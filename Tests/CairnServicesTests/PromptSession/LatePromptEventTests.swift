import Cairn
import CairnTestSupport
import CairnTesting
import Synchronization
import Testing

/// A store of tables that counts the entries that are written to it.
private final class CountingStore: ForwardingStore {
    let base: any ProjectionStore = MemoryProjectionStore()
    private let count = Mutex(0)

    /// The entries that were written since this was asked last.
    func takeCount() -> Int {
        count.withLock { count in
            defer { count = 0 }
            return count
        }
    }

    func write(
        _ changes: ProjectionChanges,
        to table: ProjectionTable,
        expecting expected: ProjectionMark?
    ) async throws(JournalError) -> ProjectionMark? {
        count.withLock { $0 += changes.count }
        return try await base.write(changes, to: table, expecting: expected)
    }
}

/// Events whose prompt times are before those of others that were stored earlier.
struct LatePromptEventTests {
    private static let lengthSeconds = 1_000.0
    /// The session, the event, its second, and two moments in a tree of at most seven levels.
    private static let entryCountMax = 3 + 2 * 7

    private func event(_ number: Int, _ act: PromptAct, _ seconds: Double) throws -> NewEvent {
        try PromptSessionMachine().newEvent(
            .happened(
                PromptEvent(
                    uid: PromptEventUID(high: 1, low: UInt64(number)),
                    act: act,
                    promptTime: try PromptTime(seconds),
                    createdAt: .unixEpoch
                )
            )
        )
    }

    @Test(arguments: [
        PromptAct.join, .like, .pressStart, .pressEnd, .numericResponse(rating: 9),
    ])
    func `one late event changes a handful of entries, however many events come behind it`(
        _ act: PromptAct
    ) async throws {
        let store = CountingStore()
        let journal = MemoryJournal(projectionStore: store)
        let session = try PromptSessionMachine.stream(of: try PromptSessionID("s"))
        let owner = try PromptSessionOwner(prompt: "p", user: "u")
        var events = [try PromptSessionMachine().newEvent(.opened(owner, at: .unixEpoch))]
        events.append(try event(0, .join, 10))
        for number in 1..<3_000 {
            let seconds = 10 + Double(number) * Self.lengthSeconds / 3_000
            let acts: [PromptAct] = [
                .like, .numericResponse(rating: Int64(number % 5)), .pressStart, .pressEnd,
            ]
            events.append(try event(number, acts[number % 4], seconds))
        }
        try await journal.append([StreamAppend(events, to: session)])
        let link = PromptSessionLink(
            session: try PromptSessionID("s"),
            owner: owner,
            openedAt: .unixEpoch
        )
        try await journal.append(
            try link.newEvent(),
            to: try PromptSessionLink.stream(ofPrompt: "p")
        )
        let board = PromptBoard(journal)
        try await board.catchUp()
        #expect(store.takeCount() > 3_000)
        // Before all others, between some, and behind the last.
        for (number, seconds) in [5.0, 300.0625, 700.0625, 2_000].enumerated() {
            try await journal.append(try event(10_000 + number, act, seconds), to: session)
            try await board.catchUp()
            let count = store.takeCount()
            #expect((1...Self.entryCountMax).contains(count), "at \(seconds)")
            for moment in [0.0, 7, 10, 300, 300.5, 699, 701, 1_500, 3_000] {
                let time = try PromptTime(moment)
                let slow = try await PromptView(journal).totals(ofPrompt: "p", at: time)
                let quick = try await board.totals(ofPrompt: "p", at: time)
                #expect(quick == slow, "at \(moment), after one at \(seconds)")
            }
        }
    }
}
