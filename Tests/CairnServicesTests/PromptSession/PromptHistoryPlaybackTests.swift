import Cairn
import CairnTestSupport
import CairnTesting
import Synchronization
import Testing

/// A journal that counts the frames of all streams that it lends, and the reads of single streams.
private final class CountingJournal: ForwardingJournal {
    let base: any Journal
    private let frames = Mutex(0)
    private let streamReads = Mutex<[StreamID: Int]>([:])

    init(_ base: any Journal) { self.base = base }

    var frameCount: Int { frames.withLock { $0 } }

    func readCount(of stream: StreamID) -> Int { streamReads.withLock { $0[stream] ?? 0 } }

    func page(
        from position: Position,
        _ direction: PageDirection,
        upTo bound: Position?,
        limit: PageLimit,
        _ body: (EventHeader, RawSpan) -> PageFlow
    ) async throws(JournalError) -> PageEnd {
        try await base.page(from: position, direction, upTo: bound, limit: limit) {
            header,
            frame in
            frames.withLock { $0 += 1 }
            return body(header, frame)
        }
    }

    func willRead(_ stream: StreamID) async throws(JournalError) {
        streamReads.withLock { $0[stream, default: 0] += 1 }
    }
}

/// Viewers who share what was read, and history that comes while they watch.
struct PromptHistoryPlaybackTests {
    private static func play(
        _ playback: PromptPlayback,
        upTo time: PromptTime = .end
    ) async throws -> [PlayedPromptEvent] {
        playback.advance(to: time)
        playback.end()
        var played: [PlayedPromptEvent] = []
        for try await next in playback { played.append(next) }
        return played
    }

    @Test func `viewers on one board read the journal once`() async throws {
        let base = MemoryJournal()
        let sessions = PromptSessions(journal: base)
        let session = try PromptSessionID("s")
        try await sessions.join(session, of: try PromptSessionOwner(prompt: "p", user: "u"))
        for second in 1..<50 {
            try await sessions.like(session, at: try PromptTime(Double(second)))
        }
        let journal = CountingJournal(base)
        let board = PromptBoard(journal)
        let first = try await Self.play(try await PromptPlayback(of: "p", on: board))
        let count = journal.frameCount
        #expect(count >= 50)
        for _ in 0..<3 {
            let next = try await Self.play(try await PromptPlayback(of: "p", on: board))
            #expect(next == first)
        }
        #expect(journal.frameCount == count)
        // One with a board of its own reads all of it.
        let alone = try await Self.play(try await PromptPlayback(of: "p", in: journal))
        #expect(alone == first && journal.frameCount >= 2 * count)
    }

    @Test func `the list of removals is read where it grew, and not with every question`()
        async throws
    {
        let base = MemoryJournal()
        let sessions = PromptSessions(journal: base)
        let owner = try PromptSessionOwner(prompt: "p", user: "u")
        for number in 0..<4 {
            try await sessions.join(try PromptSessionID("s\(number)"), of: owner)
        }
        try await PromptRemover(base).forget(session: try PromptSessionID("s0"))
        let journal = CountingJournal(base)
        let board = PromptBoard(journal)
        let list = try StreamID(kind: StreamKind("removal"), key: "session")
        func participants() async throws -> Int64? {
            try await board.totals(ofPrompt: "p", at: .zero)?.participantCount
        }
        #expect(try await participants() == 3)
        let count = journal.readCount(of: list)
        #expect(count > 0)
        for number in 4..<20 {
            try await sessions.join(try PromptSessionID("s\(number)"), of: owner)
            #expect(try await participants() == Int64(number))
        }
        #expect(journal.readCount(of: list) == count)
        try await PromptRemover(base).forget(session: try PromptSessionID("s1"))
        #expect(try await participants() == 18)
        #expect(journal.readCount(of: list) > count)
    }

    /// Imports rows in the order of time, as of when they were created.
    private static func take(
        _ rows: [(uid: String, seconds: Double, createdAt: Double)],
        _ owners: PromptSessionOwners,
        _ desk: TableDesk
    ) async throws -> TableImportSummary {
        let lines = rows.map { row in
            #"{"uid":"\#(row.uid)","interactive_prompt_session_id":"old","evtype":"like","#
                + #""data":"{}","prompt_time":\#(row.seconds),"created_at":\#(row.createdAt)}"#
        }
        return try await desk.take(.prompt(owners), lines.joined(separator: "\n") + "\n") {
            $0.order = .time
        }
    }

    @Test(arguments: TableDesk.Kind.allCases)
    func `history that is imported while someone watches waits for its time`(
        kind: TableDesk.Kind
    ) async throws {
        let desk = try TableDesk(kind)
        let file = try desk.scratch.file("s", "session,prompt,user\nold,p,ada\n")
        let owners = try PromptSessionOwners(path: file)
        let playback = try await PromptPlayback(of: "p", on: PromptBoard(desk.journal))
        playback.advance(to: try PromptTime(4))
        let summary = try await Self.take(
            [("ipe_a", 1, 1e9), ("ipe_b", 9, 1e9 + 1), ("ipe_c", 5, 1e9 + 2)],
            owners,
            desk
        )
        // Each was recorded as of when it was created, as a live one is.
        #expect(summary.events == 3 && summary.shiftedTimes == 0)
        let played = try await Self.play(playback)
        #expect(played.map(\.event.uid.name) == ["ipe_a", "ipe_c", "ipe_b"])
        #expect(played.allSatisfy { !$0.isLive })
    }

    @Test(arguments: TableDesk.Kind.allCases)
    func `an event at the moment that was reached comes once, whatever its uid begins with`(
        kind: TableDesk.Kind
    ) async throws {
        let desk = try TableDesk(kind)
        let file = try desk.scratch.file("s", "session,prompt,user\nold,p,ada\n")
        _ = try await Self.take(
            [("oseh_ipe_b", 4, 1e9), ("ipe_a", 4, 1e9), ("zz_ipe_c", 9, 1e9 + 1)],
            try PromptSessionOwners(path: file),
            desk
        )
        let playback = try await PromptPlayback(of: "p", in: desk.journal)
        var iterator = playback.makeAsyncIterator()
        var names: [String] = []
        for time in [4.0, 5, 9] {
            playback.advance(to: try PromptTime(time))
            let count = time == 9 ? 3 : 2
            while names.count < count, let next = try await iterator.next() {
                names.append(next.event.uid.name)
            }
        }
        playback.advance(to: .end)
        playback.end()
        while let next = try await iterator.next() { names.append(next.event.uid.name) }
        #expect(names == ["ipe_a", "oseh_ipe_b", "zz_ipe_c"])
    }

    @Test(arguments: TableDesk.Kind.allCases, [true, false])
    func `events whose session nobody knew come once somebody says whose it is`(
        kind: TableDesk.Kind,
        isImported: Bool
    ) async throws {
        let desk = try TableDesk(kind)
        let machine = PromptSessionMachine()
        let stream = try PromptSessionMachine.stream(of: try PromptSessionID("old"))
        let playback = try await PromptPlayback(of: "p", on: PromptBoard(desk.journal))
        let rows = [("ipe_a", 1.0, 1e9), ("ipe_b", 9, 1e9 + 1)]
        if isImported {
            _ = try await Self.take(rows, PromptSessionOwners(), desk)
            let file = try desk.scratch.file("s", "session,prompt,user\nold,p,ada\n")
            let again = try await Self.take(rows, try PromptSessionOwners(path: file), desk)
            #expect(again.duplicates == 2)
        } else {
            for (uid, seconds, _) in rows {
                let event = PromptEvent(
                    uid: try PromptEventUID(uid),
                    act: .like,
                    promptTime: try PromptTime(seconds),
                    createdAt: .now()
                )
                try await desk.journal.append(try machine.newEvent(.happened(event)), to: stream)
            }
            let owner = try PromptSessionOwner(prompt: "p", user: "ada")
            try await desk.journal.append(
                try machine.newEvent(.opened(owner, at: .now())),
                to: stream
            )
        }
        let played = try await Self.play(playback)
        #expect(played.map(\.event.uid.name) == ["ipe_a", "ipe_b"])
        #expect(played.allSatisfy { !$0.isLive })
    }

    @Test(arguments: TableDesk.Kind.allCases)
    func `what comes to a session after its removal gets its owner`(
        kind: TableDesk.Kind
    ) async throws {
        let desk = try TableDesk(kind)
        let file = try desk.scratch.file("s", "session,prompt,user\nold,p,ada\n")
        let owners = try PromptSessionOwners(path: file)
        let session = try PromptSessionID("old")
        let (old, new) = (("ipe_a", 1.0, 1e9), ("ipe_b", 9.0, 1e9 + 1))
        _ = try await Self.take([old], owners, desk)
        #expect(try await PromptRemover(desk.journal).forget(session: session) == 1)
        let view = PromptView(desk.journal)
        // Nothing is there, and saying again whose it was brings nothing back.
        _ = try await Self.take([old], owners, desk)
        #expect(try await view.sessions(ofPrompt: "p").isEmpty)
        // A row that nobody knows the owner of, and then somebody does.
        _ = try await Self.take([new], PromptSessionOwners(), desk)
        #expect(try await view.sessions(ofPrompt: "p").isEmpty)
        _ = try await Self.take([new], owners, desk)
        #expect(try await view.sessions(ofPrompt: "p").map(\.session) == [session])
        let sight = try #require(try await view.session(session))
        #expect(sight.state.owner?.user == "ada")
        #expect(sight.events.map(\.event.uid.name) == ["ipe_b"])
        let totals = try await PromptBoard(desk.journal).totals(ofPrompt: "p", at: .end)
        #expect(totals?.likeCount == 1)
    }
}
