import Cairn
import CairnTestSupport
import CairnTesting
import Testing

/// An imported event behind the leave event of its session is kept, counts in no total, and is
/// told by one system event of the same turn.
struct IgnoredPromptEventTests {
    private static let log = """
        {"event_type":"play_video","time":"2014-06-01T19:00:02.5+00:00","session":"b",\
        "username":"ann","page":"p","event":"{\\"id\\":\\"v\\",\\"currentTime\\":3.25}"}
        {"event_type":"page_close","time":"2014-06-01T19:00:04.5+00:00","session":"b",\
        "username":"ann","page":"p","event":"\\"\\""}
        {"event_type":"pause_video","time":"2014-06-01T19:00:05.5+00:00","session":"b",\
        "username":"ann","page":"p","event":{"id":"v","currentTime":12}}
        {"event_type":"play_video","time":"2014-06-01T19:00:06.5+00:00","session":"b",\
        "username":"ann","page":"p","event":{"id":"v","currentTime":-2.5}}

        """

    @Test(arguments: ConflictSite.Kind.allCases)
    func `events of a log after a page was closed, told once`(
        kind: ConflictSite.Kind
    ) async throws {
        let site = try ConflictSite(kind)
        let folder = try ScratchFolder()
        let path = try folder.file("edx.log", Self.log)
        let importer = PromptImporter(into: site.journal)
        let summary = try await importer.run(path, .edx)
        #expect(summary.events == 5)
        #expect(summary.anomalies == 2)
        #expect(summary.uncounted == 2)
        // The owner, its two links, five events, and what is told of two of them: one turn.
        #expect(kind == .memory || site.lastCommitEventCount == 10)
        let session = try PromptSessionID("b/ann/v")
        let sight = try #require(try await PromptView(site.journal).session(session))
        let late = sight.events.filter { $0.flaw?.word == "after_leave" }.map(\.event)
        #expect(late.map(\.promptTime.seconds) == [-2.5, 12])
        let rows = try await site.rows()
        #expect(rows.allSatisfy { $0.event.type.name == "prompt_session.event_ignored" })
        #expect(rows.allSatisfy { $0.event.level == .warn && $0.createdAt == site.clock.now })
        try #require(late.count == 2)
        #expect(
            rows.map { $0.event.payload?.description } == [
                #"{"session":"b/ann/v","uid":"\#(late[1].uid)","#
                    + #""evtype":"press_prompt_end_response","prompt_time":12.0,"left_at":3.25}"#,
                #"{"session":"b/ann/v","uid":"\#(late[0].uid)","#
                    + #""evtype":"press_prompt_start_response","prompt_time":-2.5,"left_at":3.25}"#,
            ]
        )
        let head = try await site.journal.head()
        let again = try await importer.run(path, .edx)
        #expect(again.duplicates == 5)
        #expect(again.events == 0 && again.anomalies == 0 && again.uncounted == 0)
        #expect(try await site.journal.head() == head)
    }

    private static let table = """
        uid,interactive_prompt_session_id,evtype,data,prompt_time,created_at
        ipe_a,s,join,{},0,1600000000
        ipe_b,s,leave,{},20,1600000020.5
        ipe_c,s,like,{},30,1600000030
        ipe_d,t,join,{},1,1600000040
        ipe_e,s,leave,{},10,1600000050

        """

    @Test(arguments: TableDesk.Kind.allCases, [ImportOrder.file, .time])
    func `rows of a table after a leave event, told once and when they were recorded`(
        kind: TableDesk.Kind,
        order: ImportOrder
    ) async throws {
        let desk = try TableDesk(kind)
        func take() async throws -> TableImportSummary {
            try await desk.take(.prompt(PromptSessionOwners()), Self.table) { $0.order = order }
        }
        let summary = try await take()
        #expect(summary.events == 5)
        #expect(summary.anomalies == 2)
        #expect(summary.uncounted == 2)
        // What is told between the rows does not keep later ones from their times.
        #expect(summary.shiftedTimes == 0)
        let list = try await SystemEventView(desk.journal).list(SystemEventQuery())
        #expect(
            list.rows.reversed().map { $0.event.payload?.description } == [
                #"{"session":"s","uid":"ipe_c","evtype":"like","prompt_time":30.0,"left_at":20.0}"#,
                #"{"session":"s","uid":"ipe_e","evtype":"leave","prompt_time":10.0,"left_at":20.0}"#,
            ]
        )
        #expect(list.rows.allSatisfy { $0.createdAt == $0.recordedAt })
        let seconds = list.rows.reversed().map { $0.recordedAt.touchSeconds }
        #expect((seconds == [1_600_000_030, 1_600_000_050]) == (order == .time))
        let head = try await desk.journal.head()
        #expect(try await take().duplicates == 5)
        #expect(try await desk.journal.head() == head)
    }

    @Test func `a row is kept although something else has the id of what is told of it`()
        async throws
    {
        let desk = try TableDesk()
        let events = SystemEvents(journal: desk.journal)
        let other = SystemEvent(.info, try SystemEventType("a.b"))
        try await events.record(other, id: EventID("prompt_session.event_ignored/ipe_c"))
        let summary = try await desk.take(.prompt(PromptSessionOwners()), Self.table)
        #expect(summary.events == 5 && summary.badRows == 0 && summary.uncounted == 2)
        let list = try await SystemEventView(desk.journal).list(SystemEventQuery())
        #expect(list.rows.map(\.event.level) == [.warn, .info])
    }
}

/// What one session after the other refuses while it is recorded live.
struct PromptConflictTests {
    private static func payload(
        _ operation: String,
        _ expected: String?,
        _ actual: String?,
        _ new: String,
        _ reason: String
    ) -> String {
        func quoted(_ text: String?) -> String { text.map { "\"\($0)\"" } ?? "null" }
        return #"{"operation":"\#(operation)","expected_status":\#(quoted(expected)),"#
            + #""actual_status":\#(quoted(actual)),"new_status":"\#(new)","#
            + #""stream":"session/s","reason":"\#(reason)"}"#
    }

    @Test(arguments: ConflictSite.Kind.allCases)
    func `each refusal is recorded in the batch that refuses it`(
        kind: ConflictSite.Kind
    ) async throws {
        let site = try ConflictSite(kind)
        let sessions = PromptSessions(journal: site.journal)
        let session = try PromptSessionID("s")
        let ann = try PromptSessionOwner(prompt: "p", user: "ann")
        let bob = try PromptSessionOwner(prompt: "p", user: "bob")
        let (early, end, late) = (try PromptTime(5), try PromptTime(30), try PromptTime(40))
        let choice = try PromptChoice(1)
        func refused(
            _ refusal: PromptSessionRefusal,
            _ body: () async throws -> PromptReceipt
        ) async throws {
            try await site.refused(PromptSessionsError.refused(refusal)) { _ = try await body() }
        }
        try await refused(.flaw(.notJoined)) { try await sessions.like(session, at: early) }
        // The owner, two links, the event.
        try await site.taken(4) { try await sessions.join(session, of: ann) }
        try await refused(.flaw(.joinedBefore(at: .zero))) {
            try await sessions.join(session, of: ann)
        }
        try await refused(.otherOwner(ann)) { try await sessions.join(session, of: bob) }
        let uid = try PromptEventUID("ipe_like")
        try await site.taken(1) { try await sessions.like(session, at: end, uid: uid) }
        try await refused(.flaw(.leftTooEarly(last: end))) {
            try await sessions.leave(session, at: early)
        }
        try await site.taken(1) { try await sessions.leave(session, at: end) }
        let ended = PromptSessionRefusal.flaw(.ended(at: end))
        try await refused(ended) { try await sessions.leave(session, at: late) }
        try await refused(ended) { try await sessions.join(session, of: ann) }
        try await refused(ended) { try await sessions.like(session, at: late) }
        try await refused(ended) {
            try await sessions.numericResponse(session, rating: 1, at: late)
        }
        try await refused(ended) { try await sessions.pressStart(session, at: late) }
        try await refused(ended) { try await sessions.pressEnd(session, at: late) }
        try await refused(ended) { try await sessions.colorResponse(session, choice, at: late) }
        try await refused(ended) { try await sessions.wordResponse(session, choice, at: late) }
        // A repetition is no refusal, and a uid that another event has is no matter of a status.
        try await site.taken(0) { try await sessions.like(session, at: end, uid: uid) }
        try await site.taken(0) {
            await #expect(throws: PromptSessionsError.self) {
                try await sessions.leave(session, at: end, uid: uid)
            }
        }
        let left = "the session was left at prompt time 30"
        var expected = [
            Self.payload("like", "joined", nil, "joined", "nobody has joined the session"),
            Self.payload(
                "join",
                nil,
                "joined",
                "joined",
                "the session was joined at prompt time 0 already"
            ),
            Self.payload(
                "join",
                nil,
                "joined",
                "joined",
                "the session is another user's, or of another prompt"
            ),
            Self.payload(
                "leave",
                "joined",
                "joined",
                "left",
                "the session has an event at prompt time 30, after this end"
            ),
            Self.payload("leave", "joined", "left", "left", left),
            Self.payload("join", nil, "left", "joined", left),
        ]
        for operation in [
            "like", "numericResponse", "pressStart", "pressEnd", "colorResponse", "wordResponse",
        ] {
            expected.append(Self.payload(operation, "joined", "left", "joined", left))
        }
        #expect(try await site.conflicts() == expected)
    }

    @Test(arguments: ConflictSite.Kind.allCases)
    func `a session that was removed, and one that is only opened`(
        kind: ConflictSite.Kind
    ) async throws {
        let site = try ConflictSite(kind)
        let sessions = PromptSessions(journal: site.journal)
        let session = try PromptSessionID("s")
        let owner = try PromptSessionOwner(prompt: "p", user: "ann")
        let opened = PromptSessionFact.opened(owner, at: .unixEpoch)
        try await site.journal.append(
            try PromptSessionMachine().newEvent(opened),
            to: try PromptSessionMachine.stream(of: session)
        )
        await #expect(throws: PromptSessionsError.refused(.flaw(.notJoined))) {
            try await sessions.leave(session, at: .zero)
        }
        try await sessions.join(session, of: owner)
        let removedAt = site.clock.now
        _ = try await PromptRemover(site.journal).forget(session: session)
        await #expect(throws: PromptSessionsError.refused(.removed(at: removedAt))) {
            try await sessions.like(session, at: .zero)
        }
        #expect(
            try await site.conflicts() == [
                Self.payload("leave", "joined", "opened", "left", "nobody has joined the session"),
                Self.payload(
                    "like",
                    "joined",
                    "removed",
                    "joined",
                    "the session was removed at \(removedAt)"
                ),
            ]
        )
    }
}
