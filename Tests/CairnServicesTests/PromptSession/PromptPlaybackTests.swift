import Cairn
import CairnTestSupport
import CairnTesting
import Testing

/// What a viewer sees, beside sorting everything.
struct PromptPlaybackTests {
    enum Kind: CaseIterable { case memory, lmdb }

    struct Site {
        let folder: ScratchFolder
        let clock: ManualClock
        let journal: any Journal
        let sessions: PromptSessions

        init(_ kind: Kind) throws {
            let clock = ManualClock(at: Timestamp(nanoseconds: 1_700_000_000_000_000_000))
            self.clock = clock
            folder = try ScratchFolder()
            if kind == .memory {
                journal = MemoryJournal(clock: { clock.now })
            } else {
                var configuration = LMDBJournal.Configuration()
                configuration.clock = { clock.now }
                journal = try LMDBJournal(path: folder.path("j"), configuration: configuration)
            }
            sessions = PromptSessions(
                journal: journal,
                clock: ServiceClock(
                    now: { clock.now },
                    boot: { BootInstant(boot: 1, nanoseconds: 0) },
                    sleep: { _ in }
                )
            )
        }

        /// Keeps an event of a session, opening it first, as an import does.
        func keep(
            _ act: PromptAct,
            _ session: String,
            prompt: String = "p",
            at seconds: Double,
            age: TimeSpan = .seconds(86_400),
            _ random: inout SeededGenerator
        ) async throws -> PromptEvent {
            let event = PromptEvent(
                uid: PromptEventUID(high: random.next(), low: random.next()),
                act: act,
                promptTime: try PromptTime(seconds),
                createdAt: clock.now.adding(age.negated)
            )
            let id = try PromptSessionID(session)
            let machine = PromptSessionMachine()
            var facts = [PromptSessionFact.happened(event)]
            if try await PromptView(journal).session(id) == nil {
                let owner = try PromptSessionOwner(prompt: prompt, user: "u")
                facts.insert(.opened(owner, at: event.createdAt), at: 0)
            }
            try await journal.append([
                StreamAppend(
                    try facts.map { try machine.newEvent($0) },
                    to: try PromptSessionMachine.stream(of: id)
                )
            ])
            return event
        }
    }

    /// Takes as many events as there must be, and then sees that there is no other one.
    private func take(
        _ count: Int,
        _ iterator: inout PromptPlayback.Iterator
    ) async throws -> [PlayedPromptEvent] {
        var played: [PlayedPromptEvent] = []
        while played.count < count, let next = try await iterator.next() { played.append(next) }
        return played
    }

    private static func acts(_ random: inout SeededGenerator) throws -> PromptAct {
        random.pick([
            .join, .like, .like, .pressStart, .pressEnd, .colorResponse(try PromptChoice(1)),
        ])
    }

    @Test(arguments: Kind.allCases, UInt64(1)...6)
    func `a viewer gets all earlier events in their order, at whatever pace`(
        kind: Kind,
        seed: UInt64
    ) async throws {
        let site = try Site(kind)
        var random = SeededGenerator(seed: seed)
        var all: [PromptEvent] = []
        for _ in 0..<(seed == 1 ? 700 : 60) {
            let number = random.below(6)
            let prompt = number < 4 ? "p" : "q"
            let event = try await site.keep(
                try Self.acts(&random),
                "s\(number)",
                prompt: prompt,
                at: Double(random.draw(-20...80)) / 4,
                &random
            )
            if prompt == "p" { all.append(event) }
        }
        all.sort { $0.key < $1.key }
        let playback = try await PromptPlayback(of: "p", in: site.journal)
        var iterator = playback.makeAsyncIterator()
        var played: [PlayedPromptEvent] = []
        var time = -6.0
        while time < 25 {
            time += Double(random.draw(0...20)) / 8
            playback.advance(to: try PromptTime(time))
            // Going back changes nothing.
            playback.advance(to: try PromptTime(time - 3))
            let due = all.filter { $0.promptTime.seconds <= time }
            played += try await take(due.count - played.count, &iterator)
            #expect(played.map(\.event) == due, "at \(time)")
        }
        #expect(played.allSatisfy { !$0.isLive })
        playback.end()
        #expect(try await iterator.next() == nil)
        #expect(try await iterator.next() == nil)
        // One who begins later gets what comes behind.
        let late = try await PromptPlayback(
            of: "p",
            in: site.journal,
            after: try PromptTime(3)
        )
        late.advance(to: .end)
        late.end()
        var rest: [PromptEvent] = []
        for try await played in late { rest.append(played.event) }
        #expect(rest == all.filter { $0.promptTime.seconds > 3 })
    }

    @Test(arguments: Kind.allCases, UInt64(1)...8)
    func `live events come once and at once, whatever comes between`(
        kind: Kind,
        seed: UInt64
    ) async throws {
        let site = try Site(kind)
        var random = SeededGenerator(seed: seed)
        var stored: [PromptEvent] = []
        var live: [PromptEvent] = []
        for _ in 0..<30 {
            stored.append(
                try await site.keep(
                    .like,
                    "s\(random.below(3))",
                    at: Double(random.draw(0...80)) / 4,
                    // Those that were recorded just before the viewer came are earlier ones, too.
                    age: .seconds(random.draw(0...4)),
                    &random
                )
            )
        }
        let playback = try await PromptPlayback(of: "p", in: site.journal)
        var iterator = playback.makeAsyncIterator()
        var played: [PlayedPromptEvent] = []
        var time = -1.0
        playback.advance(to: try PromptTime(time))
        for _ in 0..<25 {
            site.clock.advance(by: .milliseconds(random.draw(0...3_000)))
            for _ in 0..<random.below(4) {
                let isOther = random.isHit(1, outOf: 4)
                let age = random.pick([0, 1, 2, 3, 60])
                // An event that was created long ago is not live: it waits for its time.
                let seconds =
                    age > 2 ? time + 1 + Double(random.draw(0...20)) : Double(random.draw(0...20))
                let event = try await site.keep(
                    try Self.acts(&random),
                    isOther ? "other" : "l\(random.below(3))",
                    prompt: isOther ? "q" : "p",
                    at: seconds,
                    age: .seconds(Int64(age)),
                    &random
                )
                if isOther { continue }
                if age <= 2 { live.append(event) } else { stored.append(event) }
            }
            if random.isHit(1, outOf: 2) {
                time += Double(random.draw(0...8)) / 4
                playback.advance(to: try PromptTime(time))
            }
            let moment = time
            let expected = live.count + stored.count { $0.promptTime.seconds <= moment }
            played += try await take(expected - played.count, &iterator)
            #expect(played.filter(\.isLive).map(\.event) == live)
        }
        playback.advance(to: .end)
        playback.end()
        while let next = try await iterator.next() { played.append(next) }
        #expect(played.filter(\.isLive).map(\.event) == live)
        let naive = stored.sorted { $0.key < $1.key }
        #expect(played.filter { !$0.isLive }.map(\.event) == naive)
        #expect(Set(played.map(\.event.uid)).count == live.count + stored.count)
        #expect(playback.leftOutCount == 0)
    }

    @Test(arguments: Kind.allCases)
    func `no event is lost or repeated while others record`(kind: Kind) async throws {
        let site = try Site(kind)
        var random = SeededGenerator(seed: 9)
        var stored: [PromptEvent] = []
        for _ in 0..<100 {
            stored.append(
                try await site.keep(.like, "s", at: Double(random.draw(0...99)), &random)
            )
        }
        let playback = try await PromptPlayback(of: "p", in: site.journal)
        let viewer = Task {
            var played: [PlayedPromptEvent] = []
            for try await next in playback { played.append(next) }
            return played
        }
        let sessions = site.sessions
        let owner = try PromptSessionOwner(prompt: "p", user: "u")
        let recorded = try await withThrowingTaskGroup(of: [PromptEvent].self) { group in
            for writer in 0..<4 {
                group.addTask {
                    let session = try PromptSessionID("w\(writer)")
                    var events = [try await sessions.join(session, of: owner).event]
                    for second in 0..<30 {
                        playback.advance(to: try PromptTime(Double(second)))
                        let time = try PromptTime(Double(99 - second))
                        events.append(try await sessions.like(session, at: time).event)
                    }
                    return events
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        playback.advance(to: .end)
        playback.end()
        let played = try await viewer.value
        #expect(Set(played.filter(\.isLive).map(\.event)) == Set(recorded))
        #expect(played.count { $0.isLive } == recorded.count)
        let rest = played.filter { !$0.isLive }.map(\.event)
        #expect(rest == stored.sorted { $0.key < $1.key })
    }

    @Test(arguments: Kind.allCases, [1, 3, 40])
    func `a sample is the same for everyone and no more than asked for`(
        kind: Kind,
        countMax: Int
    ) async throws {
        let site = try Site(kind)
        var random = SeededGenerator(seed: 77)
        var all: [PromptEvent] = []
        for _ in 0..<600 {
            // Most of it in three seconds, so that one has more than a page.
            let seconds = random.isHit(1, outOf: 2) ? 2 : Double(random.draw(-8...24)) / 4
            all.append(
                try await site.keep(
                    .like,
                    "s\(random.below(9))",
                    at: seconds + Double(random.below(4)) / 8,
                    &random
                )
            )
        }
        var answers: [[PromptEvent]] = []
        for steps in [1.0, 0.3] {
            let playback = try await PromptPlayback(
                of: "p",
                in: site.journal,
                sampling: PromptSampling(eventCountMax: countMax)
            )
            var iterator = playback.makeAsyncIterator()
            var played: [PromptEvent] = []
            if steps < 1 {
                // In many small steps, each of them taken in before the next one.
                var time = -3.0
                while time < 7 {
                    time += steps
                    playback.advance(to: try PromptTime(time))
                    playback.end()
                    while let next = try await iterator.next() { played.append(next.event) }
                }
            }
            playback.advance(to: .end)
            playback.end()
            while let next = try await iterator.next() { played.append(next.event) }
            answers.append(played)
            #expect(playback.leftOutCount == UInt64(all.count - played.count))
        }
        #expect(answers[0] == answers[1])
        let seconds = Dictionary(grouping: all) { Int($0.promptTime.seconds.rounded(.down)) }
        let given = Dictionary(grouping: answers[0]) { Int($0.promptTime.seconds.rounded(.down)) }
        for (second, events) in seconds {
            #expect(given[second]?.count == min(events.count, countMax), "second \(second)")
        }
        #expect(answers[0] == answers[0].sorted { $0.key < $1.key })
        // Those of the lowest hashes of each whole second, and not the first that come.
        let chosen = PromptSampling(eventCountMax: countMax).chosen(of: all)
        #expect(answers[0] == chosen.sorted { $0.key < $1.key })
        #expect(PromptSampling(eventCountMax: 5).rate(ofCount: 20) == 0.25)
        #expect(PromptSampling(eventCountMax: 5).rate(ofCount: 5) == 1)
        #expect(PromptSampling.all.rate(ofCount: .max) == 1)
        #expect(PromptSampling(eventCountMax: -3).eventCountMax == 1)
    }

    @Test func `of live events the first of a second come`() async throws {
        let site = try Site(.memory)
        let playback = try await PromptPlayback(
            of: "p",
            in: site.journal,
            sampling: PromptSampling(eventCountMax: 2)
        )
        var random = SeededGenerator(seed: 3)
        var expected: [PromptEvent] = []
        for _ in 0..<3 {
            for number in 0..<4 {
                let event = try await site.keep(.like, "s", at: 5, age: .zero, &random)
                if number < 2 { expected.append(event) }
            }
            site.clock.advance(by: .seconds(1))
        }
        playback.advance(to: .end)
        playback.end()
        var played: [PromptEvent] = []
        for try await next in playback { played.append(next.event) }
        #expect(played == expected)
        #expect(playback.leftOutCount == 6)
    }

    @Test(arguments: Kind.allCases)
    func `what does not count, or was removed, does not come`(kind: Kind) async throws {
        let site = try Site(kind)
        let owner = try PromptSessionOwner(prompt: "p", user: "u")
        let (gone, there) = (try PromptSessionID("gone"), try PromptSessionID("there"))
        for session in [gone, there] {
            try await site.sessions.join(session, of: owner)
            try await site.sessions.like(session, at: try PromptTime(1))
        }
        try await site.sessions.leave(there, at: try PromptTime(2))
        var random = SeededGenerator(seed: 8)
        _ = try await site.keep(.like, "there", at: 3, &random)
        let playback = try await PromptPlayback(of: "p", in: site.journal)
        // Kept behind the leave event, and live.
        _ = try await site.keep(.like, "there", at: 4, age: .zero, &random)
        try await PromptRemover(site.journal).forget(session: gone)
        playback.advance(to: .end)
        playback.end()
        var played: [PromptActKind] = []
        for try await next in playback { played.append(next.event.act.kind) }
        #expect(played == [.join, .like, .leave])
    }

    @Test(arguments: Kind.allCases)
    func `a feed gives each event once it is there, with whose it is`(kind: Kind) async throws {
        let site = try Site(kind)
        let owner = try PromptSessionOwner(prompt: "p", user: "ann")
        let session = try PromptSessionID("s")
        try await site.sessions.join(session, of: owner)
        let head = try await site.journal.head().lastPosition
        let feed = PromptFeed(of: site.journal, prompt: "p", after: head)
        let all = PromptFeed(of: site.journal, after: .zero)
        let subscriber = Task {
            var events: [PublishedPromptEvent] = []
            for try await event in feed {
                events.append(event)
                if event.event.act == .leave { break }
            }
            return events
        }
        let other = try PromptSessionOwner(prompt: "q", user: "bob")
        try await site.sessions.join(try PromptSessionID("t"), of: other)
        // More than a page at once, and then one by one.
        let machine = PromptSessionMachine()
        var likes: [NewEvent] = []
        for second in 1...580 {
            let like = PromptEvent(
                uid: try PromptEventUID("ipe_\(second)"),
                act: .like,
                promptTime: try PromptTime(Double(second)),
                createdAt: site.clock.now
            )
            likes.append(try machine.newEvent(.happened(like)))
        }
        let stream = try PromptSessionMachine.stream(of: session)
        try await site.journal.append([StreamAppend(likes, to: stream)])
        for second in 581...600 {
            try await site.sessions.like(session, at: try PromptTime(Double(second)))
        }
        try await site.sessions.leave(session, at: try PromptTime(601))
        let events = try await subscriber.value
        #expect(events.map(\.event.promptTime.seconds) == (1...601).map(Double.init))
        #expect(events.allSatisfy { $0.owner == owner && $0.session == session && $0.counts })
        #expect(events.map(\.position) == events.map(\.position).sorted())
        var iterator = all.makeAsyncIterator()
        var count = 0
        while count < 603, try await iterator.next() != nil { count += 1 }
        #expect(count == 603)
        // One that waits ends with its task.
        let waiting = Task { try await all.dropFirst(603).first { _ in true } }
        waiting.cancel()
        #expect(try await waiting.value == nil)
    }

    @Test func `a viewer who waits is let go of with its task`() async throws {
        let site = try Site(.memory)
        let playback = try await PromptPlayback(of: "nobody's yet", in: site.journal)
        let viewer = Task {
            var count = 0
            for try await _ in playback { count += 1 }
            return count
        }
        viewer.cancel()
        #expect(try await viewer.value == 0)
    }
}
