import Cairn
import CairnTestSupport
import CairnTesting
import Testing

/// A journal from which sessions were removed answers as one that never had what was removed.
struct PromptRemovalTests {
    enum Kind: CaseIterable { case memory, lmdb }

    private func journal(_ kind: Kind, _ scratch: ScratchFolder) throws -> any Journal {
        kind == .memory ? MemoryJournal() : try LMDBJournal(path: scratch.path("j"))
    }

    private struct Row {
        let session: PromptSessionID
        let owner: PromptSessionOwner
        let event: PromptEvent
    }

    private enum Act {
        case row(Row)
        case removal(PromptSessionID)
    }

    private static func acts(seed: UInt64) throws -> [Act] {
        var random = SeededGenerator(seed: seed)
        return try (0..<(20 + random.below(100))).map { _ in
            let number = random.below(8)
            let session = try PromptSessionID("s\(number)")
            if random.isHit(1, outOf: 12) { return .removal(session) }
            let act: PromptAct = random.pick([
                .join, .join, .like, .like, .pressStart, .leave,
                .numericResponse(rating: random.draw(0...2)),
                .colorResponse(try PromptChoice(random.draw(0...2))),
            ])
            return .row(
                Row(
                    session: session,
                    owner: try PromptSessionOwner(
                        prompt: number < 5 ? "p" : "q",
                        user: "u\(number % 3)"
                    ),
                    event: PromptEvent(
                        uid: PromptEventUID(high: random.next(), low: random.next()),
                        act: act,
                        promptTime: try PromptTime(Double(random.draw(-16...40)) / 8),
                        createdAt: Timestamp(nanoseconds: random.draw(0...99) * 1_000_000_000)
                    )
                )
            )
        }
    }

    private static func append(_ act: Act, to journal: any Journal) async throws {
        switch act {
        case .removal(let session):
            try await PromptRemover(journal).forget(session: session)
            let head = try await journal.head().lastPosition
            #expect(try await PromptRemover(journal).forget(session: session) == 0)
            #expect(try await journal.head().lastPosition == head)
        case .row(let row):
            // As an import does: whatever the session says.
            let machine = PromptSessionMachine()
            let stream = try PromptSessionMachine.stream(of: row.session)
            let sight = try await PromptView(journal).session(row.session)
            if sight?.state.owner == nil {
                let at = row.event.createdAt
                try await journal.append(
                    try machine.newEvent(.opened(row.owner, at: at)),
                    to: stream
                )
                let link = PromptSessionLink(session: row.session, owner: row.owner, openedAt: at)
                for list in [
                    try PromptSessionLink.stream(ofPrompt: row.owner.prompt),
                    try PromptSessionLink.stream(ofUser: row.owner.user),
                ] { try await journal.append(try link.newEvent(), to: list) }
            }
            try await journal.append(try machine.newEvent(.happened(row.event)), to: stream)
        }
    }

    private static func without(_ acts: [Act]) -> [Act] {
        acts.enumerated().filter { index, act in
            guard case .row(let row) = act else { return false }
            return !acts[index...].contains {
                if case .removal(row.session) = $0 { true } else { false }
            }
        }.map(\.element)
    }

    private static func answers(
        _ journal: any Journal,
        _ board: PromptBoard,
        upTo bound: Position? = nil
    ) async throws -> [String] {
        let view = PromptView(journal, asOf: bound)
        var answers: [String] = []
        for prompt in ["p", "q"] {
            for time in stride(from: -2.5, through: 5.5, by: 0.5).map({ $0 }) {
                let totals = try await view.totals(ofPrompt: prompt, at: try PromptTime(time))
                answers.append("\(prompt) \(time) \(Self.text(totals))")
                guard bound == nil else { continue }
                let fast = try await board.totals(ofPrompt: prompt, at: try PromptTime(time))
                #expect(fast ?? PromptTotals() == totals, "\(prompt) at \(time)")
            }
            let counts = try await view.counts(ofPrompt: prompt, in: -9...9)
            for second in counts { answers.append("\(second.second) \(second.eventCount)") }
            if bound == nil {
                #expect(try await board.counts(ofPrompt: prompt, in: -9...9) ?? [] == counts)
                for event in try await board.events(ofPrompt: prompt) ?? [] {
                    answers.append("\(event)")
                }
            }
            for link in try await view.sessions(ofPrompt: prompt) { answers.append("\(link)") }
        }
        for user in ["u0", "u1", "u2"] {
            for link in try await view.sessions(ofUser: user) { answers.append("\(link)") }
            let streak = try await view.streak(user: user, timeZone: .utc, asOf: .distantFuture)
            answers.append("\(streak)")
        }
        for number in 0..<8 {
            let session = try await view.session(try PromptSessionID("s\(number)"))
            guard let session, session.isThere else { continue }
            answers.append("\(session.events.map(\.event)) \(session.events.map(\.flaw))")
            answers.append("\(session.standing) \(session.openedAt as Any)")
        }
        return answers
    }

    private static func text(_ totals: PromptTotals) -> String {
        let answers = totals.answerCounts.map { "\($0.key) \($0.value)" }.sorted()
        return "\(totals.participantCount) \(totals.pressingCount) \(totals.likeCount) \(answers)"
    }

    @Test(arguments: Kind.allCases)
    func `subscribers that read later get nothing of what was removed, and no table keeps it`(
        kind: Kind
    ) async throws {
        let scratch = try ScratchFolder()
        let journal = try journal(kind, scratch)
        for session in ["s1", "s2"] {
            let owner = try PromptSessionOwner(prompt: "p", user: "ann of \(session)")
            for second in 0..<3 {
                let event = PromptEvent(
                    uid: PromptEventUID(high: UInt64(second), low: session == "s1" ? 1 : 2),
                    act: second == 0 ? .join : .like,
                    promptTime: try PromptTime(Double(second)),
                    createdAt: Timestamp(nanoseconds: Int64(second))
                )
                let row = Row(session: try PromptSessionID(session), owner: owner, event: event)
                try await Self.append(.row(row), to: journal)
            }
        }
        let kept = try await KeptProjections(journal).catchUp()
        let former = try journal.projectionStore?.tables().map(\.table) ?? []
        try await PromptRemover(journal).forget(session: try PromptSessionID("s1"))
        var seen: [String] = []
        for try await published in PromptFeed(of: journal, after: .zero) {
            seen.append(published.session.name)
            if seen.count == 3 { break }
        }
        #expect(seen == ["s2", "s2", "s2"])
        if kind == .lmdb {
            #expect(kept.contains { $0.name == "cairn.prompts" })
            let left = try journal.projectionStore?.tables().map(\.table) ?? []
            let prompts = former.filter { $0.name == "cairn.prompts" }
            #expect(prompts.count == 1 && left.allSatisfy { !prompts.contains($0) })
        }
    }

    @Test(arguments: Kind.allCases, UInt64(1)...12)
    func `answers are those of a journal without what was removed`(
        kind: Kind,
        seed: UInt64
    ) async throws {
        let scratch = try ScratchFolder()
        let journal = try journal(kind, scratch)
        let acts = try Self.acts(seed: seed)
        let board = PromptBoard(journal)
        var bounds: [(count: Int, position: Position)] = []
        for (index, act) in acts.enumerated() {
            try await Self.append(act, to: journal)
            guard index % 25 == 24 else { continue }
            bounds.append((index + 1, try await journal.head().lastPosition))
            if seed % 2 == 0, kind == .lmdb { try await board.catchUp() }
            _ = try await board.events(ofPrompt: "p")
        }
        let plain = MemoryJournal()
        for act in Self.without(acts) { try await Self.append(act, to: plain) }
        let expected = try await Self.answers(plain, PromptBoard(plain))
        #expect(try await Self.answers(journal, board) == expected, "followed")
        #expect(try await Self.answers(journal, PromptBoard(journal)) == expected, "fresh")
        for bound in bounds {
            let then = MemoryJournal()
            for act in Self.without(Array(acts[..<bound.count])) {
                try await Self.append(act, to: then)
            }
            let last = try await then.head().lastPosition
            let answers = try await Self.answers(journal, board, upTo: bound.position)
            let naive = try await Self.answers(then, PromptBoard(then), upTo: last)
            #expect(answers == naive, "\(bound)")
        }
    }

    @Test(arguments: Kind.allCases)
    func `a session that was removed says so and takes nothing any more`(kind: Kind) async throws {
        let scratch = try ScratchFolder()
        let journal = try journal(kind, scratch)
        let sessions = PromptSessions(journal: journal)
        let session = try PromptSessionID("s")
        let owner = try PromptSessionOwner(prompt: "p", user: "ann")
        let uid = try PromptEventUID("ipe_like")
        try await sessions.join(session, of: owner)
        let like = try await sessions.like(session, at: .zero, uid: uid)
        let before = try await journal.head().lastPosition
        let remover = PromptRemover(journal)
        #expect(try await remover.forget(session: session, by: "ada", reason: "asked for") == 2)
        let end = try await journal.head().lastPosition
        #expect(try await remover.forget(session: session) == 0)
        #expect(try await remover.forget(session: try PromptSessionID("nobody's")) == 0)
        // The same event again has its first receipt, any other one is refused.
        let again = try await sessions.like(session, at: .zero, uid: uid)
        #expect(again.receipt.position == like.receipt.position && again.receipt.isDuplicate)
        await #expect(throws: PromptSessionsError.self) {
            try await sessions.like(session, at: .zero)
        }
        await #expect(throws: PromptSessionsError.self) {
            try await sessions.join(session, of: owner)
        }
        // Each of the two is recorded as refused, and nothing else of it.
        #expect(try await journal.head().lastPosition == end.next.next)
        let view = PromptView(journal)
        let sight = try #require(try await view.session(session))
        #expect(!sight.isThere && sight.events.isEmpty && sight.state.owner == nil)
        #expect(sight.state.removedCount == 2)
        #expect(sight.state.removal?.by == "ada" && sight.state.removal?.reason == "asked for")
        #expect(try await view.sessions(ofUser: "ann").isEmpty)
        #expect(try await view.removedSessionCount(ofPrompt: "p") == 1)
        #expect(try await view.removedSessionCount(ofPrompt: "q") == 0)
        let board = PromptBoard(journal)
        #expect(try await board.totals(ofPrompt: "p", at: .zero) == nil)
        #expect(try await view.isKnown(prompt: "p"))
        #expect(try await !view.isKnown(prompt: "q"))
        let then = PromptView(journal, asOf: before)
        #expect(try await then.session(session)?.events.count == 2)
        #expect(try await then.sessions(ofPrompt: "p").count == 1)
    }

    @Test func `importing and exporting again brings nothing back`() async throws {
        let folder = try ScratchFolder()
        let path = try folder.file(
            "v.json",
            #"[{"id":7,"vpos":50,"content":"8888","date":1300000000,"user_id":3},"#
                + #"{"id":8,"vpos":60,"content":"8888","date":1300000000,"user_id":4}]"#
        )
        let journal = try LMDBJournal(path: folder.path("j"))
        let importer = PromptImporter(into: journal)
        _ = try await importer.run(path, .timedComments)
        #expect(try await PromptRemover(journal).forget(session: try PromptSessionID("v/3")) == 2)
        let head = try journal.head()
        #expect(try await importer.run(path, .timedComments).events == 0)
        #expect(try journal.head() == head)
        var export = try await TableExport(.prompt, of: journal)
        try await export.forEachItem { _ throws(ExportError) in }
        // Its two events; the one that said whose it was is no row.
        #expect(export.rowCount == 2 && export.removedCount == 2)
        var sessions = try await TableExport(.promptSessions, of: journal)
        try await sessions.forEachItem { _ throws(ExportError) in }
        #expect(sessions.removedCount == 1)
        journal.close()
    }
}
