import Cairn
import CairnTestSupport
import CairnTesting
import Testing

/// Sessions recorded on both journals.
struct PromptSessionsTests {
    enum Kind: CaseIterable { case memory, lmdb }

    struct Site {
        let folder: ScratchFolder
        let journal: any Journal
        let sessions: PromptSessions
        let session: PromptSessionID
        let owner: PromptSessionOwner

        init(_ kind: Kind) throws {
            folder = try ScratchFolder()
            journal =
                kind == .memory ? MemoryJournal() : try LMDBJournal(path: folder.path("j"))
            sessions = PromptSessions(journal: journal)
            session = try PromptSessionID("s-1")
            owner = try PromptSessionOwner(prompt: "breathe", user: "ann")
        }
    }

    @Test(arguments: Kind.allCases)
    func `each kind of event is recorded and read back in its order`(kind: Kind) async throws {
        let site = try Site(kind)
        let (sessions, session) = (site.sessions, site.session)
        let time = { (seconds: Double) throws in try PromptTime(seconds) }
        try await sessions.join(session, of: site.owner, at: try time(-2.5))
        try await sessions.like(session, at: try time(9))
        try await sessions.wordResponse(session, try PromptChoice(1), at: try time(4))
        try await sessions.wordResponse(session, try PromptChoice(2), at: try time(3))
        try await sessions.colorResponse(session, try PromptChoice(7), at: try time(5))
        try await sessions.numericResponse(session, rating: 8, at: try time(6))
        try await sessions.pressStart(session, at: try time(7))
        try await sessions.pressEnd(session, at: try time(8))
        let view = PromptView(site.journal)
        let during = try #require(try await view.session(session))
        #expect(during.standing.isPresent)
        // The answer at 4 seconds is the later one, though it was stored first.
        #expect(during.standing.word?.index == 1)
        try await sessions.leave(session, at: try time(30))
        let sight = try #require(try await view.session(session))
        #expect(
            sight.events.map(\.event.promptTime.seconds) == [-2.5, 3, 4, 5, 6, 7, 8, 9, 30]
        )
        #expect(sight.state.anomalyCount == 0)
        #expect(!sight.standing.isPresent)
        #expect(sight.standing.likeCount == 1)
        #expect(sight.state.owner == site.owner)
        let totals = try await view.totals(ofPrompt: "breathe", at: try time(8.5))
        #expect(totals.participantCount == 1)
        #expect(totals.likeCount == 0)
        #expect(totals.answerCounts.count == 3)
        #expect(try await view.sessions(ofPrompt: "breathe").map(\.session) == [session])
        #expect(try await view.sessions(ofUser: "ann").map(\.owner) == [site.owner])
        #expect(try await view.sessions(ofUser: "bob").isEmpty)
    }

    @Test(arguments: Kind.allCases)
    func `a session that was left refuses what comes later`(kind: Kind) async throws {
        let site = try Site(kind)
        let (sessions, session) = (site.sessions, site.session)
        let end = try PromptTime(30)
        let uid = try PromptEventUID("ipe_like")
        await #expect(throws: PromptSessionsError.refused(.flaw(.notJoined))) {
            try await sessions.like(session, at: end)
        }
        // That it was refused is recorded, and nothing else of it.
        #expect(try await site.journal.head().lastPosition == .zero.next)
        #expect(try await PromptView(site.journal).session(session) == nil)
        try await sessions.join(session, of: site.owner)
        let like = try await sessions.like(session, at: .zero, uid: uid)
        try await sessions.leave(session, at: end)
        let head = try await site.journal.head().lastPosition
        await #expect(throws: PromptSessionsError.refused(.flaw(.ended(at: end)))) {
            try await sessions.like(session, at: end)
        }
        await #expect(throws: PromptSessionsError.refused(.flaw(.ended(at: end)))) {
            try await sessions.join(session, of: site.owner)
        }
        // The same event again is no later event: it has its first receipt.
        let again = try await sessions.like(session, at: .zero, uid: uid)
        #expect(again.receipt.position == like.receipt.position)
        #expect(again.receipt.isDuplicate)
        #expect(!like.receipt.isDuplicate)
        await #expect(throws: PromptSessionsError.self) {
            try await sessions.like(session, at: end, uid: uid)
        }
        #expect(try await site.journal.head().lastPosition == head.next.next)
        let sight = try #require(try await PromptView(site.journal).session(session))
        #expect(sight.events.count == 3 && sight.state.anomalyCount == 0)
    }

    @Test(arguments: Kind.allCases)
    func `a refused join writes neither owner nor link`(kind: Kind) async throws {
        let site = try Site(kind)
        try await site.sessions.join(site.session, of: site.owner)
        let head = try await site.journal.head().lastPosition
        let bob = try PromptSessionOwner(prompt: "breathe", user: "bob")
        await #expect(throws: PromptSessionsError.refused(.otherOwner(site.owner))) {
            try await site.sessions.join(site.session, of: bob)
        }
        #expect(try await site.journal.head().lastPosition == head.next)
        #expect(try await PromptView(site.journal).sessions(ofUser: "bob").isEmpty)
        let sight = try #require(try await PromptView(site.journal).session(site.session))
        #expect(sight.state.owner == site.owner && sight.state.anomalyCount == 0)
    }
}
