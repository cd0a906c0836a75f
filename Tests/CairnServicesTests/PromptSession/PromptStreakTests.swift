import Cairn
import CairnTestSupport
import CairnTesting
import Foundation
import Testing

/// Streaks beside a calendar's own days.
struct PromptStreakTests {
    private static let zones = [
        "UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe",
        "Pacific/Apia", "America/Sao_Paulo", "GMT-11:30",
    ]

    private func instant(_ text: String) throws -> Timestamp { try Timestamp(rfc3339: text) }

    /// Records joins of one user, each in a session of its own.
    private func join(_ journal: any Journal, _ instants: [Timestamp]) async throws {
        let machine = PromptSessionMachine()
        let owner = try PromptSessionOwner(prompt: "p", user: "ann")
        var appends: [StreamAppend] = []
        for (number, at) in instants.enumerated() {
            let session = try PromptSessionID("s\(number)")
            let event = PromptEvent(
                uid: try PromptEventUID("ipe_\(number)"),
                act: .join,
                promptTime: .zero,
                createdAt: at
            )
            appends.append(
                StreamAppend(
                    [
                        try machine.newEvent(.opened(owner, at: at)),
                        try machine.newEvent(.happened(event)),
                    ],
                    to: try PromptSessionMachine.stream(of: session)
                )
            )
            let link = PromptSessionLink(session: session, owner: owner, openedAt: at)
            appends.append(
                StreamAppend(
                    [try link.newEvent()],
                    to: try PromptSessionLink.stream(ofUser: owner.user)
                )
            )
        }
        try await journal.append(appends)
    }

    /// The days as a calendar has them, counted one by one.
    private static func naive(
        _ joins: [Timestamp],
        _ zone: TimeZone,
        now: Timestamp
    ) -> (current: Int, longest: Int, count: Int) {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        var utc = Calendar(identifier: .gregorian)
        utc.timeZone = .gmt
        func day(_ instant: Timestamp) -> Int {
            let date = Date(timeIntervalSince1970: Double(instant.nanoseconds) / 1e9)
            let parts = calendar.dateComponents([.year, .month, .day], from: date)
            // The same date in UTC, where all days are as long.
            return Int((utc.date(from: parts) ?? .distantPast).timeIntervalSince1970) / 86_400
        }
        let today = day(now)
        let days = Set(joins.filter { $0 <= now }.map(day))
        var longest = 0
        for first in days where !days.contains(first - 1) {
            var length = 0
            while days.contains(first + length) { length += 1 }
            longest = max(longest, length)
        }
        var last = days.contains(today) ? today : today - 1
        var current = 0
        while days.contains(last) {
            current += 1
            last -= 1
        }
        return (current, longest, days.count)
    }

    @Test(arguments: zones)
    func `days are those of the zone, when its clocks change and else`(zone: String) async throws {
        let calendarZone = try #require(TimeZone(identifier: zone))
        let timeZone = try PromptTimeZone(zone)
        var random = SeededGenerator(seed: 12)
        // Around the changes of clocks of 2024, and where Samoa left out a day.
        let centres = try [
            "2024-03-31T01:00:00Z", "2024-10-27T01:00:00Z", "2024-03-10T07:00:00Z",
            "2024-11-03T06:00:00Z", "2024-04-06T15:00:00Z", "2011-12-30T10:00:00Z",
            "2018-11-04T03:00:00Z", "2024-06-01T00:00:00Z",
        ].map(instant)
        for centre in centres {
            for _ in 0..<6 {
                let joins = (0..<(1 + random.below(14))).map { _ in
                    // A tenth of a second: whole numbers of them are exact enough for a calendar.
                    centre.adding(.milliseconds(100 * random.draw(-6_048_000...6_048_000)))
                }
                let journal = MemoryJournal()
                try await join(journal, joins)
                let now = centre.adding(.milliseconds(100 * random.draw(-864_000...6_048_000)))
                let found = try await PromptView(journal)
                    .streak(user: "ann", timeZone: timeZone, asOf: now)
                let naive = Self.naive(joins, calendarZone, now: now)
                #expect(found.current == naive.current, "\(joins) at \(now)")
                #expect(found.longest == naive.longest, "\(joins) at \(now)")
                #expect(found.streak.days.count == naive.count)
                #expect(found.timeZone == zone)
            }
        }
    }

    @Test func `midnight is where the zone has it`() async throws {
        let scratch = try ScratchFolder()
        let journal = try LMDBJournal(path: scratch.path("j"))
        // The last hour of a Monday and the first of a Tuesday in Berlin, in summer; in UTC one day.
        try await join(
            journal,
            try [instant("2024-07-01T21:59:59.999999999Z"), instant("2024-07-01T22:00:00Z")]
        )
        let view = PromptView(journal)
        let now = try instant("2024-07-02T23:00:00Z")
        let berlin = try PromptTimeZone("Europe/Berlin")
        let there = try await view.streak(user: "ann", timeZone: berlin, asOf: now)
        #expect(there.longest == 2 && there.current == 2)
        let here = try await view.streak(user: "ann", timeZone: .utc, asOf: now)
        #expect(here.longest == 1 && here.current == 1)
        // A day later there is none that goes on; before the joins there are none at all.
        let later = try await view.streak(
            user: "ann",
            timeZone: .utc,
            asOf: now.adding(.seconds(86_400))
        )
        #expect(later.longest == 1 && later.current == 0)
        let before = try await view.streak(
            user: "ann",
            timeZone: .utc,
            asOf: try instant("2024-07-01T00:00:00Z")
        )
        #expect(before.longest == 0 && before.current == 0 && before.streak.days.isEmpty)
        #expect(try await view.streak(user: "bob", timeZone: .utc, asOf: now).longest == 0)
        for name in ["", "Europe/Nowhere", "+01:00x"] {
            #expect(throws: PromptTimeZoneError.unknown(name)) { try PromptTimeZone(name) }
        }
        journal.close()
    }
}
