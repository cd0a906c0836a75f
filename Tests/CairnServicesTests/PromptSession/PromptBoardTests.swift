import Cairn
import CairnTestSupport
import CairnTesting
import Foundation
import Testing

/// What the tables say, beside what counting from the events says.
struct PromptBoardTests {
    enum Kind: CaseIterable { case memory, lmdb }

    private func journal(_ kind: Kind, _ scratch: ScratchFolder) throws -> any Journal {
        switch kind {
        case .memory: MemoryJournal()
        case .lmdb: try LMDBJournal(path: scratch.path("j"))
        }
    }

    private func time(_ seconds: Double) throws -> PromptTime { try PromptTime(seconds) }

    /// Compares every question with the slow answer.
    private func expectExact(
        _ board: PromptBoard,
        _ journal: any Journal,
        _ moments: [Double],
        _ what: Comment
    ) async throws {
        let view = PromptView(journal)
        for prompt in ["p", "q", "nobody's"] {
            let isThere = try await !view.sessions(ofPrompt: prompt).isEmpty
            for moment in moments {
                let time = try time(moment)
                let totals = try await board.totals(ofPrompt: prompt, at: time)
                let slow = try await view.totals(ofPrompt: prompt, at: time)
                #expect(totals == (isThere ? slow : nil), "\(what): \(prompt) at \(moment)")
            }
            for range in [Int64.min...Int64.max, -3...2, 4...4] {
                let counts = try await board.counts(ofPrompt: prompt, in: range)
                let slow = try await view.counts(ofPrompt: prompt, in: range)
                #expect(counts == (isThere ? slow : nil), "\(what): \(prompt) in \(range)")
            }
            var events: [PromptEvent] = []
            for link in try await view.sessions(ofPrompt: prompt) {
                let lines = try await view.session(link.session)?.events ?? []
                events += lines.filter(\.counts).map(\.event)
            }
            events.sort { $0.key < $1.key }
            let played = try await play(board, prompt)
            #expect(played == (isThere ? events : nil), "\(what): events of \(prompt)")
        }
    }

    /// All events, page after page.
    private func play(_ board: PromptBoard, _ prompt: String) async throws -> [PromptEvent]? {
        var all: [PromptEvent] = []
        while true {
            let page = try await board.events(ofPrompt: prompt, after: all.last?.key, limit: 7)
            guard let page else { return nil }
            all += page
            if page.isEmpty { return all }
        }
    }

    @Test(arguments: Kind.allCases)
    func `tables and counting agree at every moment, whatever comes in whatever order`(
        _ kind: Kind
    ) async throws {
        let scratch = try ScratchFolder()
        let journal = try journal(kind, scratch)
        var generator = SeededGenerator(seed: 40)
        let owners = try ["p", "q"].map { try PromptSessionOwner(prompt: $0, user: "u") }
        let followed = PromptBoard(journal)
        var opened: Set<PromptSessionID> = []
        // Eighths of a second are exact in milliseconds and in binary.
        let moments = stride(from: -5.0, through: 9, by: 0.125).map { $0 } + [1e9, -1e9]
        for round in 0..<25 {
            for _ in 0..<(1 + generator.below(20)) {
                let session = try PromptSessionID("s\(generator.below(12))")
                let machine = PromptSessionMachine()
                let stream = try PromptSessionMachine.stream(of: session)
                var fact = PromptSessionFact.opened(generator.pick(owners), at: .unixEpoch)
                if !generator.isHit(1, outOf: 6) {
                    let choice = try PromptChoice(Int64(generator.below(3)))
                    let act: PromptAct = generator.pick([
                        .join, .join, .like, .like, .pressStart, .pressEnd, .leave,
                        .numericResponse(rating: generator.draw(-1...2)), .colorResponse(choice),
                        .wordResponse(choice),
                    ])
                    let far = generator.isHit(1, outOf: 40)
                    let seconds = far ? 1e11 : Double(generator.draw(-32...64)) / 8
                    fact = .happened(
                        PromptEvent(
                            uid: PromptEventUID(high: generator.next(), low: generator.next()),
                            act: act,
                            promptTime: try time(generator.isHit(1, outOf: 2) ? seconds : -seconds),
                            createdAt: Timestamp(nanoseconds: generator.draw(0...99))
                        )
                    )
                }
                try await journal.append(try machine.newEvent(fact), to: stream)
                // The first owner holds, as the turn that opens a session sees to.
                guard case .opened(let owner, let at) = fact, opened.insert(session).inserted
                else { continue }
                let link = PromptSessionLink(session: session, owner: owner, openedAt: at)
                let list = try PromptSessionLink.stream(ofPrompt: owner.prompt)
                try await journal.append(try link.newEvent(), to: list)
            }
            try await expectExact(followed, journal, moments, "followed, round \(round)")
            guard generator.isHit(1, outOf: 3) else { continue }
            let fresh = PromptBoard(journal)
            try await fresh.catchUp()
            try await expectExact(PromptBoard(journal), journal, moments, "stored, round \(round)")
        }
    }

    @Test func `a moment includes its own millisecond and nothing of the next`() async throws {
        let journal = MemoryJournal()
        let sessions = PromptSessions(journal: journal)
        let session = try PromptSessionID("s")
        let owner = try PromptSessionOwner(
            prompt: String(repeating: "\u{E5}", count: 600),
            user: "u"
        )
        try await sessions.join(session, of: owner, at: try time(-0.001))
        try await sessions.like(session, at: try time(2.0004))
        try await sessions.like(session, at: try time(2.001))
        let board = PromptBoard(journal)
        func likes(_ seconds: Double) async throws -> Int64? {
            try await board.totals(ofPrompt: owner.prompt, at: try time(seconds))?.likeCount
        }
        #expect(try await likes(1.9999) == 0)
        #expect(try await likes(2) == 1)
        #expect(try await likes(2.0009) == 1)
        #expect(try await likes(2.001) == 2)
        let before = try await board.totals(ofPrompt: owner.prompt, at: try time(-0.0011))
        #expect(before == PromptTotals())
        let joined = try await board.totals(ofPrompt: owner.prompt, at: try time(-0.001))
        #expect(joined?.participantCount == 1)
    }

    @Test func `tables come back from what is stored as they were`() async throws {
        let scratch = try ScratchFolder()
        let path = scratch.path("j")
        var marks: [ProjectionMark] = []
        for _ in 0..<2 {
            let journal = try LMDBJournal(path: path)
            if marks.isEmpty {
                let sessions = PromptSessions(journal: journal)
                let session = try PromptSessionID("s")
                try await sessions.join(
                    session,
                    of: try PromptSessionOwner(prompt: "p", user: "u"),
                    at: try time(-1)
                )
                for second in [5.0, 3, 4, 0] {
                    try await sessions.wordResponse(
                        session,
                        try PromptChoice(Int64(second)),
                        at: try time(second)
                    )
                }
            }
            let kept = KeptProjections(journal)
            marks += try await promptMarks(kept)
            #expect(try await kept.removeDamaged().isEmpty)
            try await expectExact(PromptBoard(journal), journal, [-2, -1, 0, 3.5, 9], "stored")
            try await kept.reset()
            #expect(try journal.projectionStore?.tables().isEmpty == true)
            marks += try await promptMarks(kept)
            journal.close()
        }
        #expect(Set(marks).count == 1)
        #expect(marks.count == 4)
    }

    private func promptMarks(_ kept: KeptProjections) async throws -> [ProjectionMark] {
        try await kept.catchUp().filter { $0.name == "cairn.prompts" }.map(\.mark)
    }
}
