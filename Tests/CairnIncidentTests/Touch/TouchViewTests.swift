import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import CairnServices
import CairnTesting
import Testing

/// A user's rows in order, page by page, with what was removed left out.
struct TouchViewTests {
    @Test(arguments: [false, true])
    func `rows come by created_at, and by position where that repeats`(
        onDisk: Bool
    ) async throws {
        let story = try TouchStory(onDisk: onDisk)
        let late = try await story.log(1, TouchStory.attempt, at: 30)
        let first = try await story.log(2, TouchStory.attempt, at: -10)
        _ = try await story.log(3, TouchStory.attempt, of: "v", at: 5)
        let tie = try await story.log(4, TouchStory.attempt, at: 20)
        let tied = try await story.log(5, TouchStory.attempt, at: 20)
        let rows = [first, tie, tied, late]
        let page = try await story.view.touches(of: "u")
        #expect(page.rows == rows)
        #expect(page.next == nil && page.rowCount == 4 && page.removedCount == 0)
        let back = try await story.view.touches(of: "u", isNewestFirst: true)
        #expect(back.rows == rows.reversed())
        #expect(try await story.view.touches(of: "nobody").rows == [])
        #expect(try await story.view.touches(of: "nobody").rowCount == 0)
        await #expect(throws: IncidentError.limit(.emptyStreamID)) {
            try await story.view.touches(of: "")
        }
        // As of an earlier moment the later rows are not there.
        let earlier = TouchView(story.journal, asOf: tie.position)
        #expect(try await earlier.touches(of: "u").rows == [first, tie, late])
    }

    @Test(arguments: [false, true], [1, 2, 3, 7, 100])
    func `pages cover all rows, each once`(isNewestFirst: Bool, limit: Int) async throws {
        let story = try TouchStory(onDisk: false)
        var generator = SeededGenerator(seed: 71)
        for number in UInt64(1)...40 {
            try await story.log(number, TouchStory.attempt, at: Double(generator.below(12)))
        }
        let all = try await story.view.touches(of: "u", isNewestFirst: isNewestFirst).rows
        var paged: [TouchRow] = []
        var cursor: TouchCursor?
        repeat {
            let page = try await story.view.touches(
                of: "u",
                limit: limit,
                after: cursor,
                isNewestFirst: isNewestFirst
            )
            #expect(page.rows.count <= limit && page.rowCount == 40)
            paged += page.rows
            cursor = page.next
            if let text = cursor?.description { #expect(TouchCursor(text) == cursor) }
        } while cursor != nil
        #expect(paged == all && all.count == 40)
    }

    @Test func `many rows are picked from as a sort would`() async throws {
        let story = try TouchStory(onDisk: true)
        var generator = SeededGenerator(seed: 72)
        var appends: [NewEvent] = []
        for number in UInt64(1)...5_000 {
            let touch = try Touch(
                uid: TouchStory.uid(number),
                user: "u",
                fact: TouchStory.attempt,
                createdAt: Double(generator.below(3_000)) / 4
            )
            appends.append(try touch.newEvent())
        }
        let stream = try TouchMachine.stream(of: "u")
        try await story.journal.append([StreamAppend(appends, to: stream)])
        let whole = try await story.view.touches(of: "u", limit: .max).rows
        #expect(whole.count == 5_000)
        #expect(whole.map(\.cursor) == whole.map(\.cursor).sorted())
        for limit in [0, 1, 511, 600, 4_999] {
            let page = try await story.view.touches(of: "u", limit: limit)
            #expect(page.rows == Array(whole.prefix(limit)))
            #expect(page.next == (limit == 0 ? nil : page.rows.last?.cursor))
        }
    }

    static let cursors = [
        "", "1", "1@", "@1", "x@1", "1@x", "1@-1", "nan@1", "inf@1", "1@1@1",
        "1@99999999999999999999",
    ]

    @Test(arguments: cursors)
    func `what is no cursor is none`(text: String) {
        #expect(TouchCursor(text) == nil)
    }

    @Test(arguments: [false, true])
    func `what was forgotten is left out, and what comes later is there`(
        onDisk: Bool
    ) async throws {
        let story = try TouchStory(onDisk: onDisk)
        #expect(try await story.remover.forget(user: "u") == 0)
        #expect(try await story.bound() == .zero)
        try await story.log(1, TouchStory.attempt, at: 1)
        let other = try await story.log(2, TouchStory.attempt, of: "v", at: 1)
        try await story.log(3, TouchStory.attempt, at: 3)
        let before = try await story.bound()
        #expect(try await story.remover.forget(user: "u", by: "ada", reason: "asked for") == 2)
        let page = try await story.view.touches(of: "u")
        #expect(page.rows == [] && page.rowCount == 0 && page.removedCount == 2)
        #expect(page.next == nil)
        #expect(try await story.view.touches(of: "v").rows == [other])
        // Doing it again writes nothing.
        let head = try await story.bound()
        #expect(try await story.remover.forget(user: "u") == 0)
        #expect(try await story.bound() == head)
        // The same row is still the same row, and stays removed.
        try await story.log(1, TouchStory.attempt, at: 1)
        #expect(try await story.bound() == head)
        let later = try await story.log(4, TouchStory.attempt, at: 2)
        let after = try await story.view.touches(of: "u")
        #expect(after.rows == [later] && after.removedCount == 2)
        let earlier = TouchView(story.journal, asOf: before)
        #expect(try await earlier.touches(of: "u").rowCount == 2)
        #expect(try await story.remover.forget(user: "u") == 1)
        #expect(try await story.view.touches(of: "u").removedCount == 3)
    }

    @Test(arguments: [false, true])
    func `a truncation removes what is older, whoever's it is`(onDisk: Bool) async throws {
        let story = try TouchStory(onDisk: onDisk)
        try await story.log(1, TouchStory.attempt, at: 9.5)
        let kept = try await story.log(2, TouchStory.attempt, at: 10)
        try await story.log(3, TouchStory.attempt, of: "v", at: 1)
        let instant = Timestamp(nanoseconds: 10_000_000_000)
        #expect(try await story.view.rowCount(before: instant) == 2)
        try await story.remover.truncate(before: instant, by: "ada")
        #expect(try await story.view.rowCount(before: instant) == 0)
        let page = try await story.view.touches(of: "u")
        #expect(page.rows == [kept] && page.removedCount == 1)
        #expect(try await story.view.touches(of: "v").removedCount == 1)
        // A late row came after the truncation, and so it stays.
        let late = try await story.log(4, TouchStory.attempt, of: "v", at: 0.5)
        #expect(try await story.view.touches(of: "v").rows == [late])
        #expect(try await story.view.rowCount(before: instant) == 1)
        try await story.remover.truncate(before: .unixEpoch)
        #expect(try await story.view.touches(of: "v").rows == [late])
        try await story.remover.forget(user: "v")
        #expect(try await story.view.rowCount(before: instant) == 0)
        let both = try await story.view.touches(of: "v")
        #expect(both.rows == [] && both.removedCount == 2)
    }

    @Test func `rows of users whose names are too long for a stream are their own`() async throws {
        let story = try TouchStory(onDisk: true)
        let name = String(repeating: "\u{E9}", count: 500)
        let first = try await story.log(1, TouchStory.attempt, of: name, at: 1)
        let second = try await story.log(2, TouchStory.attempt, of: name + "x", at: 1)
        #expect(try await story.view.touches(of: name).rows == [first])
        #expect(try await story.view.touches(of: name + "x").rows == [second])
    }

    @Test func `an event that nobody knows stops the reading with its position`() async throws {
        let story = try TouchStory(onDisk: false)
        try await story.log(1, TouchStory.attempt, at: 1)
        let stream = try TouchMachine.stream(of: "u")
        try await story.journal.append(
            try NewEvent(type: "touch.later", occurredAt: .unixEpoch, payload: []),
            to: stream
        )
        await #expect(
            throws: IncidentError.unreadable(
                position: Position(rawValue: 2),
                .unknownType("touch.later")
            )
        ) { try await story.view.touches(of: "u") }
    }

    @Test(arguments: [false, true])
    func `what queues dropped, and runs without an end, are told`(onDisk: Bool) async throws {
        let story = try TouchStory(onDisk: onDisk)
        let nothing = try await story.view.losses()
        #expect(nothing.dropped.count == 0 && nothing.interruptedRuns == 0)
        let machine = TouchQueueMachine()
        var drops = TouchDrops()
        drops.full = 3
        let lock = try await story.journal.lockLife(71)
        for (fact, worker) in [
            (.began, 70), (.dropped(drops), 70), (.began, 71), (.began, 72), (.interrupted, 72),
        ] as [(TouchQueueMachine.Fact, UInt64)] {
            let event = TouchQueueMachine.Event(
                fact,
                of: WorkerNumber(rawValue: worker),
                at: .unixEpoch
            )
            let stream = try TouchQueueMachine.stream
            try await story.journal.append(try machine.newEvent(event), to: stream)
        }
        let losses = try await story.view.losses()
        #expect(losses.dropped.full == 3)
        // One says so, and the worker of another one is gone.
        #expect(losses.interruptedRuns == 2)
        #expect(losses.openRuns.map(\.worker.rawValue) == [71])
        let earlier = TouchView(story.journal, asOf: Position(rawValue: 3))
        #expect(try await earlier.losses().openRuns.count == 2)
        lock.release()
        #expect(try await story.view.losses().openRuns == [])
    }
}
