import CairnCore
import CairnDomains
import CairnTesting
import Testing

struct PromptTotalsTests {
    static func events(_ acts: [(PromptAct, Double)]) throws -> [PromptEvent] {
        try acts.enumerated().map { try PromptSessionTableTests.event($0, $1.0, $1.1) }
    }

    @Test
    func `every whole millisecond is its own moment, and what is between belongs to the last`()
        throws
    {
        for count in Int64(-3_000)..<100_000 {
            let time = try PromptTime(Double(count) / 1_000)
            #expect(time.millisecond == count)
            #expect(try PromptTime(time.seconds.nextDown).millisecond == count - 1)
            #expect(try PromptTime(time.seconds.nextUp).millisecond == count)
        }
        #expect(PromptTime.end.millisecond == 1 << 40)
        #expect(try PromptTime(-.greatestFiniteMagnitude).millisecond == -(1 << 40))
        #expect(try PromptTime(1e15).millisecond == 1 << 40)
        #expect(try PromptTime(-0.0).millisecond == 0)
    }

    @Test func `a changed answer counts once, and the end of a press undoes its start`() throws {
        let word = try PromptChoice(1)
        let other = try PromptChoice(2)
        let ann = try Self.events([
            (.join, -2), (.like, 1), (.wordResponse(word), 2), (.pressStart, 3), (.pressStart, 4),
            (.pressEnd, 5), (.wordResponse(other), 6), (.pressStart, 7), (.like, 7), (.leave, 8),
        ])
        let bob = try Self.events([
            (.join, 0), (.wordResponse(word), 2.5), (.numericResponse(rating: 4), 9),
        ])
        func totals(_ seconds: Double) throws -> PromptTotals {
            // In any order, because the order of the keys is the one that counts.
            PromptTotals.counted(from: [bob, Array(ann.reversed())], at: try PromptTime(seconds))
        }
        #expect(try totals(-3) == PromptTotals())
        #expect(try totals(-2).participantCount == 1)
        #expect(try totals(2).answerCounts == [.word(word): 1])
        #expect(try totals(2.5).answerCounts == [.word(word): 2])
        #expect(try totals(4).pressingCount == 1)
        #expect(try totals(5).pressingCount == 0)
        #expect(try totals(6).answerCounts == [.word(word): 1, .word(other): 1])
        #expect(try totals(7).pressingCount == 1)
        #expect(try totals(7).likeCount == 2)
        let last = try totals(9)
        #expect(last.participantCount == 1)
        #expect(last.pressingCount == 0)
        #expect(last.likeCount == 2)
        #expect(last.answerCounts == [.word(word): 1, .word(other): 1, .rating(4): 1])
    }

    @Test func `totals at a moment are those of the events up to it`() throws {
        var generator = SeededGenerator(seed: 407)
        let acts: [PromptAct] = [
            .join, .leave, .like, .pressStart, .pressEnd, .numericResponse(rating: 1),
            .numericResponse(rating: 2),
        ]
        for _ in 0..<500 {
            let count = Int(generator.below(10))
            var story: [(PromptAct, Double)] = []
            for _ in 0..<count {
                story.append((generator.pick(acts), Double(generator.below(6)) - 2))
            }
            let events = try Self.events(story)
            for moment in -2..<5 {
                let time = try PromptTime(Double(moment))
                let before = events.filter { $0.promptTime <= time }
                let totals = PromptTotals.counted(from: [events], at: time)
                let likes = before.count { $0.act == .like }
                #expect(totals.likeCount == Int64(likes))
                #expect(totals == PromptTotals.counted(from: [before], at: try PromptTime(99)))
                #expect(totals.answerCounts.values.reduce(0, +) <= 1)
                #expect((0...1).contains(totals.participantCount))
            }
        }
    }

    @Test func `a streak counts days as they are in the stated zone`() throws {
        let joins = try [
            "2025-03-01T23:30:00Z", "2025-03-02T00:30:00Z", "2025-03-02T23:30:00Z",
            "2025-03-05T12:00:00Z", "1969-12-31T23:59:59Z",
        ].map { try Timestamp(rfc3339: $0) }
        let utc = PromptStreak(joins: joins) { _ in 0 }
        let first = PromptStreak.day(of: joins[0]) { _ in 0 }
        #expect(first == 20_148)
        #expect(utc.days == [-1, first, first + 1, first + 4])
        #expect(utc.longest == 2)
        #expect(utc.current(today: first + 1) == 2)
        #expect(utc.current(today: first + 2) == 2)
        #expect(utc.current(today: first + 3) == 0)
        #expect(utc.current(today: first + 4) == 1)
        let east = PromptStreak(joins: joins) { _ in 3_600 }
        #expect(east.days == [0, first + 1, first + 2, first + 4])
        #expect(PromptStreak(joins: []) { _ in 0 }.longest == 0)
        #expect(PromptStreak(joins: [.distantPast, .distantFuture]) { _ in .max }.days.count == 2)
    }
}
